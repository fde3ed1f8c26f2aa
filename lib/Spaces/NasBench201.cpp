// SPDX-License-Identifier: Apache-2.0
// NAS-Bench-201: decisions, strings and sizes.

#include "NasBench201.h"

#include "ArchitectureJson.h"
#include "BuildSpace.h"
#include "NasBench201Network.h"
#include "Registry.h"

using llvm::Expected;
using llvm::StringRef;
using llvm::Twine;

namespace gnomon {

const Space &nasBench201Space() {
  static const NasBench201Space space;
  return space;
}

StringRef NasBench201Space::description() const {
  return "NAS-Bench-201: one cell of six edges with five operators each, "
         "repeated fifteen times";
}

std::vector<SpaceDecision>
NasBench201Space::decisions(const SpaceOptions &options) const {
  std::vector<SpaceDecision> decisions = {
      resolutionDecision(resolutionsOf(options, {16, 32}))};
  for (const nasbench201::Edge &edge : nasbench201::edges)
    decisions.push_back(
        {edge.decision.str(),
         {std::begin(nasbench201::operators), std::end(nasbench201::operators)},
         "",
         {}});
  return decisions;
}

/// CIFAR-10 for images of 32, ImageNet16-120 for images of 16.
static int64_t classesOf(const SpaceOptions &options, mlir::Value image) {
  if (options.classes)
    return options.classes;
  return NetworkBuilder::heightOf(image) == 16 ? 120 : 10;
}

Expected<mlir::OwningOpRef<mlir::ModuleOp>>
NasBench201Space::build(mlir::MLIRContext &context,
                        const SpaceOptions &options) const {
  return buildSpace(context, *this, options, {1.0},
                    [&](NetworkBuilder &network, mlir::Value image) {
                      return nasbench201::emitNetwork(
                          network, image, classesOf(options, image));
                    });
}

//===- Strings ------------------------------------------------------------===//

/// Takes "|op~0|op~1|" for a node off the front of `rest`.
static llvm::Error readNode(StringRef &rest, unsigned node,
                            Selection &selection) {
  for (const nasbench201::Edge &edge : nasbench201::edges) {
    if (edge.to != node)
      continue;
    std::string field = "arch, edge " + std::to_string(edge.from) + " to " +
                        std::to_string(node);
    if (!rest.consume_front("|"))
      return mismatch(field, "'" + rest.take_front(20) + "'", "'|'");
    StringRef text = rest.take_until([](char c) { return c == '|'; });
    rest = rest.drop_front(text.size());
    auto [name, source] = text.split('~');
    if (!llvm::is_contained(nasbench201::operators, name))
      return mismatch(
          field, "'" + name + "'",
          oneOf(std::vector<std::string>(std::begin(nasbench201::operators),
                                         std::end(nasbench201::operators))));
    if (source != std::to_string(edge.from))
      return mismatch(field, "'" + text + "'",
                      "'" + name + "~" + Twine(edge.from) + "'");
    selection[edge.decision.str()] = name.str();
  }
  if (!rest.consume_front("|"))
    return mismatch("arch, end of node " + Twine(node),
                    "'" + rest.take_front(20) + "'", "'|'");
  return llvm::Error::success();
}

Expected<Selection>
NasBench201Space::select(const llvm::json::Object &architecture) const {
  ArchitectureFields fields(architecture);
  if (llvm::Error error = fields.only({"arch", "r"}))
    return error;
  auto resolution = fields.resolution(32);
  if (!resolution)
    return resolution.takeError();
  std::optional<StringRef> text = architecture.getString("arch");
  if (!text)
    return mismatch("arch",
                    fields.has("arch") ? shown(*architecture.get("arch"))
                                       : std::string("nothing"),
                    "a string as in |nor_conv_3x3~0|+|none~0|none~1|+"
                    "|skip_connect~0|none~1|none~2|");
  Selection selection{{kResolutionDecision.str(), *resolution}};
  StringRef rest = *text;
  for (unsigned node = 1; node < 4; ++node) {
    if (node > 1 && !rest.consume_front("+"))
      return mismatch("arch, before node " + Twine(node),
                      "'" + rest.take_front(20) + "'", "'+'");
    if (llvm::Error error = readNode(rest, node, selection))
      return error;
  }
  if (!rest.empty())
    return mismatch("arch", "'" + rest.take_front(20) + "' behind node 3",
                    "the end");
  return selection;
}

Expected<llvm::json::Object>
NasBench201Space::describe(const Selection &selection) const {
  Selection whole = selection;
  for (const nasbench201::Edge &edge : nasbench201::edges)
    whole.try_emplace(edge.decision.str(), nasbench201::operators[0]);
  if (llvm::Error error = checkNetwork(*this, whole))
    return error;
  std::string text;
  for (const nasbench201::Edge &edge : nasbench201::edges) {
    if (edge.from == 0)
      text += edge.to == 1 ? "|" : "+|";
    text += whole[edge.decision.str()] + "~" + std::to_string(edge.from) + "|";
  }
  return llvm::json::Object{{"arch", text}, {"r", resolutionOf(whole)}};
}

Selection NasBench201Space::maximum(const SpaceOptions &options) const {
  Selection selection = Space::maximum(options);
  for (const nasbench201::Edge &edge : nasbench201::edges)
    selection[edge.decision.str()] = "nor_conv_3x3";
  return selection;
}

} // namespace gnomon
