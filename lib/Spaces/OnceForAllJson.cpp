// SPDX-License-Identifier: Apache-2.0
// Architectures of the Once-for-All family: ks, e, d, r.

#include "OnceForAll.h"

using llvm::Expected;
using llvm::StringRef;

namespace gnomon {

namespace {

/// One element of the lists "ks" and "e".
struct Slot {
  size_t stage, block;
  bool isUsed;
};

} // namespace

static std::vector<Slot> slotsOf(const OnceForAllRecipe &recipe,
                                 llvm::ArrayRef<int64_t> depths) {
  std::vector<Slot> slots;
  for (auto [stage, shape] : llvm::enumerate(recipe.stages))
    for (int64_t block = 0; block < shape.slots; ++block)
      slots.push_back({stage, size_t(block), block < depths[stage]});
  return slots;
}

/// Depths of all stages; the last stage of one block may be left out.
Expected<std::vector<int64_t>>
OnceForAllSpace::readDepths(const ArchitectureFields &fields) const {
  size_t elasticStages = llvm::count_if(
      recipe.stages, [](const ElasticStage &stage) { return stage.slots > 1; });
  size_t count = fields.sizeOf("d") == recipe.stages.size()
                     ? recipe.stages.size()
                     : elasticStages;
  auto depths = fields.integers("d", count, [&](size_t stage) {
    return recipe.stages[stage].slots > 1
               ? std::vector<int64_t>(std::begin(elastic::depths),
                                      std::end(elastic::depths))
               : std::vector<int64_t>{1};
  });
  if (depths)
    depths->resize(recipe.stages.size(), 1);
  return depths;
}

/// What a slot may hold: nothing is open where the stage or its depth says it.
static std::vector<int64_t> allowedIn(const OnceForAllRecipe &recipe,
                                      StringRef name, size_t stage,
                                      int64_t depth) {
  if (name == "ks") {
    if (int64_t kernel = recipe.stages[stage].kernel)
      return {kernel};
    return {std::begin(elastic::kernels), std::end(elastic::kernels)};
  }
  if (recipe.coupled)
    return {elastic::coupledExpansion(depth)};
  return {std::begin(elastic::expansions), std::end(elastic::expansions)};
}

/// "ks" or "e", a value for each slot. CompOFA's lists may have one value for
/// each stage, and may be absent where they say nothing new.
Expected<std::vector<int64_t>>
OnceForAllSpace::readSlots(const ArchitectureFields &fields, StringRef name,
                           llvm::ArrayRef<int64_t> depths) const {
  std::vector<Slot> slots = slotsOf(recipe, depths);
  auto allowed = [&](size_t stage) {
    return allowedIn(recipe, name, stage, depths[stage]);
  };
  bool isSaid = name == "ks" ? recipe.stages.front().kernel : recipe.coupled;
  std::vector<int64_t> values;
  if (isSaid && !fields.has(name)) {
    for (const Slot &slot : slots)
      values.push_back(allowed(slot.stage).front());
    return values;
  }
  if (isSaid && fields.sizeOf(name) == recipe.stages.size()) {
    auto perStage = fields.integers(name, recipe.stages.size(), allowed);
    if (!perStage)
      return perStage.takeError();
    for (const Slot &slot : slots)
      values.push_back((*perStage)[slot.stage]);
    return values;
  }
  return fields.integers(name, slots.size(), [&](size_t index) {
    const Slot &slot = slots[index];
    if (slot.isUsed)
      return allowed(slot.stage);
    if (name == "ks")
      return std::vector<int64_t>{0, 3, 5, 7};
    return std::vector<int64_t>{0, 3, 4, 6};
  });
}

Expected<Selection>
OnceForAllSpace::select(const llvm::json::Object &architecture) const {
  ArchitectureFields fields(architecture);
  if (llvm::Error error = fields.only({"ks", "e", "d", "r", "wid"}))
    return error;
  auto resolution = fields.resolution(224);
  if (!resolution)
    return resolution.takeError();
  auto depths = readDepths(fields);
  if (!depths)
    return depths.takeError();
  auto kernels = readSlots(fields, "ks", *depths);
  if (!kernels)
    return kernels.takeError();
  auto expansions = readSlots(fields, "e", *depths);
  if (!expansions)
    return expansions.takeError();
  Selection selection{{kResolutionDecision.str(), *resolution}};
  for (auto [stage, shape] : llvm::enumerate(recipe.stages))
    if (shape.slots > 1)
      selection[elastic::depthDecision(stage)] =
          "d" + std::to_string((*depths)[stage]);
  for (auto [index, slot] : llvm::enumerate(slotsOf(recipe, *depths))) {
    if (!slot.isUsed || recipe.stages[slot.stage].kernel)
      continue;
    std::string option = "k" + std::to_string((*kernels)[index]);
    if (!recipe.coupled)
      option += "e" + std::to_string((*expansions)[index]);
    selection[elastic::blockDecision(slot.stage, slot.block)] = option;
  }
  return selection;
}

Expected<llvm::json::Object>
OnceForAllSpace::describe(const Selection &selection) const {
  if (llvm::Error error = checkNetwork(*this, selection))
    return error;
  std::vector<int64_t> depths(recipe.stages.size(), 1);
  llvm::json::Array said, kernels, expansions;
  for (auto [stage, shape] : llvm::enumerate(recipe.stages))
    if (shape.slots > 1) {
      depths[stage] =
          elastic::digit(selection.at(elastic::depthDecision(stage)), 'd');
      said.push_back(depths[stage]);
    }
  for (const Slot &slot : slotsOf(recipe, depths)) {
    int64_t kernel = recipe.stages[slot.stage].kernel;
    int64_t expansion =
        recipe.coupled ? elastic::coupledExpansion(depths[slot.stage]) : 0;
    auto option =
        selection.find(elastic::blockDecision(slot.stage, slot.block));
    if (slot.isUsed && option != selection.end()) {
      kernel = elastic::digit(option->second, 'k');
      if (!recipe.coupled)
        expansion = elastic::digit(option->second, 'e');
    }
    kernels.push_back(slot.isUsed ? kernel : 0);
    expansions.push_back(slot.isUsed ? expansion : 0);
  }
  return llvm::json::Object{{"ks", std::move(kernels)},
                            {"e", std::move(expansions)},
                            {"d", std::move(said)},
                            {"r", resolutionOf(selection)}};
}

} // namespace gnomon
