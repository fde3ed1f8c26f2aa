// SPDX-License-Identifier: Apache-2.0
// Architectures of Once-for-All ResNet50D: d, e, w, r.

#include "ArchitectureJson.h"
#include "OfaResNet.h"

#include <cmath>

using llvm::Expected;
using llvm::StringRef;
using llvm::Twine;

namespace gnomon {

/// The option of a width for an index of the list "w". Fewer options than
/// indices: the smallest multipliers are one.
static const std::string &optionOf(const resnet::Width &width, int64_t index) {
  int64_t merged = 3 - int64_t(width.options.size());
  return width.options[std::max<int64_t>(index - merged, 0)];
}

static int64_t indexOf(const resnet::Width &width, StringRef option) {
  int64_t position = llvm::find(width.options, option) - width.options.begin();
  return position ? position + 3 - int64_t(width.options.size()) : 0;
}

/// The expansions of blocks that are there.
static llvm::Error readExpansions(const ArchitectureFields &fields,
                                  llvm::ArrayRef<int64_t> depths,
                                  Selection &selection) {
  auto list = fields.list("e", resnet::kSlots);
  if (!list)
    return list.takeError();
  for (auto [stage, shape] : llvm::enumerate(resnet::stages))
    for (int64_t block = 0; block < shape.base + depths[stage]; ++block) {
      size_t slot = shape.firstSlot + block;
      const llvm::json::Value &value = (**list)[slot];
      std::optional<double> ratio = value.getAsNumber();
      const auto *known =
          llvm::find_if(resnet::expansions, [&](const auto &expansion) {
            return ratio && std::abs(*ratio - expansion.ratio) < 1e-6;
          });
      if (known == std::end(resnet::expansions))
        return mismatch("e[" + Twine(slot) + "]", shown(value),
                        "one of 0.2, 0.25, 0.35");
      selection[resnet::expansionDecision(stage, block)] = known->option.str();
    }
  return llvm::Error::success();
}

Expected<Selection>
OfaResNetSpace::select(const llvm::json::Object &architecture) const {
  ArchitectureFields fields(architecture);
  if (llvm::Error error = fields.only({"d", "e", "w", "r"}))
    return error;
  auto resolution = fields.resolution(224);
  if (!resolution)
    return resolution.takeError();
  auto indices = [](size_t) { return std::vector<int64_t>{0, 1, 2}; };
  auto depths = fields.integers("d", 1 + std::size(resnet::stages), indices);
  if (!depths)
    return depths.takeError();
  auto widths = fields.integers("w", resnet::widths().size(), indices);
  if (!widths)
    return widths.takeError();
  Selection selection{
      {kResolutionDecision.str(), *resolution},
      {resnet::kStemDecision.str(), depths->front() == 2 ? "d2" : "d0"}};
  for (auto [width, index] : llvm::zip_equal(resnet::widths(), *widths))
    selection[width.decision] = optionOf(width, index);
  llvm::ArrayRef<int64_t> extra = llvm::ArrayRef(*depths).drop_front();
  for (auto [stage, depth] : llvm::enumerate(extra))
    selection[resnet::depthDecision(stage)] = "d" + std::to_string(depth);
  if (llvm::Error error = readExpansions(fields, extra, selection))
    return error;
  return selection;
}

Expected<llvm::json::Object>
OfaResNetSpace::describe(const Selection &selection) const {
  if (llvm::Error error = checkNetwork(*this, selection))
    return error;
  auto digit = [&](const std::string &decision) {
    return int64_t(selection.at(decision)[1] - '0');
  };
  llvm::json::Array depths{digit(resnet::kStemDecision.str())}, widths,
      expansions;
  for (const resnet::Width &width : resnet::widths())
    widths.push_back(indexOf(width, selection.at(width.decision)));
  for (auto [stage, shape] : llvm::enumerate(resnet::stages)) {
    depths.push_back(digit(resnet::depthDecision(stage)));
    for (int64_t block = 0; block < shape.base + resnet::kExtraBlocks;
         ++block) {
      auto taken = selection.find(resnet::expansionDecision(stage, block));
      double ratio = 0;
      for (const resnet::Expansion &expansion : resnet::expansions)
        if (taken != selection.end() && expansion.option == taken->second)
          ratio = expansion.ratio;
      expansions.push_back(ratio == 0 ? llvm::json::Value(0)
                                      : llvm::json::Value(ratio));
    }
  }
  return llvm::json::Object{{"d", std::move(depths)},
                            {"e", std::move(expansions)},
                            {"w", std::move(widths)},
                            {"r", resolutionOf(selection)}};
}

} // namespace gnomon
