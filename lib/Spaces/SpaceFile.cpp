// SPDX-License-Identifier: Apache-2.0
// Search spaces that a JSON file describes.

#include "gnomon/Spaces/SpaceFile.h"

#include "ArchitectureJson.h"
#include "BuildSpace.h"
#include "SpaceFileTree.h"
#include "Subnetworks.h"
#include "gnomon/Dialect/Gnomon/GnomonDialect.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace gnomon::spacefile;

namespace gnomon {

namespace {

class FileSpace : public Space {
public:
  FileSpace(StringRef path, JsonDocument document, Tree tree,
            std::vector<SpaceDecision> own)
      : path(path), document(std::move(document)), tree(std::move(tree)),
        own(std::move(own)) {}

  StringRef name() const override { return tree.name; }
  StringRef description() const override { return tree.description; }

  std::vector<SpaceDecision>
  decisions(const SpaceOptions &options) const override {
    std::vector<SpaceDecision> decisions = own;
    decisions.front() =
        resolutionDecision(resolutionsOf(options, tree.resolutions));
    return decisions;
  }

  llvm::Expected<OwningOpRef<ModuleOp>>
  build(MLIRContext &context, const SpaceOptions &options) const override {
    if (llvm::Error error = checkOptions(options, 1.0))
      return error;
    NetworkBuilder network(context);
    network.module()->setAttr(spaceAttrName,
                              StringAttr::get(&context, tree.name));
    Subnetworks subnetworks(path);
    std::vector<SpaceDecision> decisions = this->decisions(options);
    for (const SpaceDecision &decision : decisions) {
      if (isFunction(decision.name, decisions.front()))
        return llvm::cantFail(document.root().field("name"))
            .error("a function of the space has the name of the decision \"" +
                   decision.name + "\"; rename one");
      network.decision(decision.name, decision.options);
    }
    for (const std::string &size : decisions.front().options)
      if (llvm::Error error =
              buildFunction(network, subnetworks, size, options.batch))
        return error;
    subnetworks.describe(network.module());
    return network.take();
  }

  llvm::Expected<Selection>
  select(const llvm::json::Object &architecture) const override {
    ArchitectureFields fields(architecture);
    llvm::Expected<std::string> size =
        fields.resolution(tree.resolutions.back());
    if (!size)
      return size.takeError();
    Selection selection{{kResolutionDecision.str(), *size}};
    for (const auto &[key, value] : architecture) {
      StringRef name = key;
      std::optional<StringRef> option = value.getAsString();
      if (name == "r")
        continue;
      if (!option)
        return mismatch(name, shown(value), "the name of an option");
      if (name == kResolutionDecision)
        return mismatch(name, shown(value), "the size as member \"r\"");
      selection[name.str()] = option->str();
    }
    if (llvm::Error error = checkNetwork(*this, selection))
      return error;
    return selection;
  }

  llvm::Expected<llvm::json::Object>
  describe(const Selection &selection) const override {
    if (llvm::Error error = checkNetwork(*this, selection))
      return error;
    llvm::json::Object architecture{{"r", resolutionOf(selection)}};
    for (const auto &[name, option] : selection)
      if (name != kResolutionDecision)
        architecture[name] = option;
    return architecture;
  }

private:
  llvm::Error buildFunction(NetworkBuilder &network, Subnetworks &subnetworks,
                            const std::string &option, int64_t batch) const {
    int64_t size = 0;
    StringRef(option).getAsInteger(10, size);
    Value image = network.beginFunction(symbol() + "_r" + option, option,
                                        {batch, tree.channels, size, size});
    llvm::Expected<Value> result = emitTree(tree, network, subnetworks, image);
    if (!result)
      return result.takeError();
    network.endFunction(*result);
    return llvm::Error::success();
  }

  bool isFunction(const std::string &name, const SpaceDecision &sizes) const {
    return llvm::any_of(sizes.options, [&](const std::string &size) {
      return name == symbol() + "_r" + size;
    });
  }

  std::string symbol() const {
    std::string symbol = tree.name;
    for (char &c : symbol)
      c = llvm::isAlnum(c) ? c : '_';
    return symbol;
  }

  std::string path;
  JsonDocument document; ///< the tree's errors refer to it
  Tree tree;
  std::vector<SpaceDecision> own;
};

} // namespace

llvm::Expected<std::unique_ptr<Space>> loadSpaceFile(StringRef path) {
  llvm::Expected<JsonDocument> document = JsonDocument::load(path);
  if (!document)
    return document.takeError();
  llvm::Expected<Tree> tree = readTree(*document);
  if (!tree)
    return tree.takeError();
  llvm::Expected<std::vector<SpaceDecision>> decisions =
      collectDecisions(*tree);
  if (!decisions)
    return decisions.takeError();
  return std::make_unique<FileSpace>(path, std::move(*document),
                                     std::move(*tree), std::move(*decisions));
}

static llvm::json::Object describe(const SpaceDecision &decision) {
  llvm::json::Object object{{"name", decision.name},
                            {"options", llvm::json::Array(decision.options)}};
  if (!decision.parent.empty()) {
    object["parent"] = decision.parent;
    object["parent_options"] = llvm::json::Array(decision.parentOptions);
  }
  return object;
}

llvm::Expected<llvm::json::Object> checkSpace(const Space &space,
                                              MLIRContext &context) {
  llvm::Expected<OwningOpRef<ModuleOp>> module = space.build(context, {});
  if (!module)
    return module.takeError();
  if (failed(verify(**module)))
    return llvm::createStringError(space.name() + ": the module is not valid");
  llvm::json::Array resolutions, decisions;
  std::vector<SpaceDecision> all = space.decisions({});
  for (const std::string &size : all.front().options)
    resolutions.push_back(resolutionOf({{kResolutionDecision.str(), size}}));
  for (const SpaceDecision &decision : llvm::drop_begin(all))
    decisions.push_back(describe(decision));
  return llvm::json::Object{
      {"schema", 1},
      {"name", space.name()},
      {"description", space.description()},
      {"resolutions", std::move(resolutions)},
      {"decisions", std::move(decisions)},
      {"networks", llvm::toString(space.size({}), 10, /*Signed=*/false)}};
}

} // namespace gnomon
