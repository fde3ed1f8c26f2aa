// SPDX-License-Identifier: Apache-2.0
// The tables of all functions of a supernet, and the kernels that they hold.

#include "gnomon/Analysis/SpaceKernels.h"
#include "SpaceTables.h"
#include "mlir/IR/Threading.h"

using namespace gnomon;
using namespace mlir;

std::vector<std::vector<uint32_t>>
gnomon::withoutTrivial(std::vector<std::vector<uint32_t>> classes) {
  bool any = false;
  for (std::vector<uint32_t> &one : classes) {
    if (*llvm::max_element(one) + size_t(1) == one.size())
      one.clear();
    any |= !one.empty();
  }
  return any ? std::move(classes) : std::vector<std::vector<uint32_t>>();
}

FailureOr<std::vector<FunctionTables>>
gnomon::formAllTables(const SpaceStructure &space, const RuntimeRules &rules,
                      const DeviceSpec &device, const ProbeOptions &options) {
  auto first =
      formSpaceTables(space, space.functions[0], rules, device, {}, options);
  if (failed(first))
    return failure();
  std::vector<FunctionTables> tables(space.functions.size());
  tables[0] = std::move(*first);
  const std::vector<PlaceTable> known = tables[0].places;
  ProbeOptions further = options;
  further.probes = options.furtherProbes;
  auto formNext = [&](size_t index) {
    const SpaceFunction &function = space.functions[index];
    const bool isAlike =
        function.sites.size() == space.functions[0].sites.size();
    auto formed =
        isAlike
            ? formSpaceTables(space, function, rules, device, known, further)
            : formSpaceTables(space, function, rules, device, {}, options);
    if (succeeded(formed))
      tables[index] = std::move(*formed);
    return formed;
  };
  MLIRContext *context = func::FuncOp(space.functions[0].op).getContext();
  ParallelDiagnosticHandler diagnostics(context);
  if (failed(failableParallelForEachN(context, 1, tables.size(),
                                      [&](size_t index) {
                                        diagnostics.setOrderIDForThread(index);
                                        LogicalResult formed = formNext(index);
                                        diagnostics.eraseOrderIDForThread();
                                        return formed;
                                      })))
    return failure();
  return tables;
}

namespace {
/// Kernels by scope and classes, as terms of a problem are told apart.
class Parts {
public:
  explicit Parts(const SpaceStructure &space) {
    shell.decisions = space.decisions;
  }

  void add(const PlaceTable &place, const FunctionTables &function,
           ArrayRef<size_t> numbers) {
    auto classes = withoutTrivial(place.classes);
    for (const auto &[key, content] : place.contents) {
      const SiteContent &found = function.contents[content];
      if (found.kernels.empty())
        continue;
      auto &uses = at(place.scope, classes, key);
      for (auto [row, runs] : found.kernels)
        uses.push_back({numbers[row], runs});
    }
  }

  std::vector<SpaceKernels::Part> take() {
    std::vector<SpaceKernels::Part> result;
    for (auto &[key, part] : parts)
      result.push_back(std::move(part));
    return result;
  }

private:
  using Classes = std::vector<std::vector<uint32_t>>;

  std::vector<SpaceKernels::Use> &at(const std::vector<uint32_t> &scope,
                                     const Classes &classes,
                                     const std::vector<uint32_t> &key) {
    search::Term shape{scope, {}, classes};
    SpaceKernels::Part &part = parts[{scope, classes}];
    if (part.entries.empty())
      part = {scope, classes, {}};
    part.entries.resize(search::tableSize(shell, shape));
    size_t entry = 0;
    for (auto [place, number] : llvm::enumerate(key))
      entry = entry * search::classCount(shell, shape, place) + number;
    return part.entries[entry];
  }

  search::Problem shell; ///< decisions only
  std::map<std::pair<std::vector<uint32_t>, Classes>, SpaceKernels::Part> parts;
};
} // namespace

FailureOr<SpaceKernels>
gnomon::kernelsOfSpace(const SpaceStructure &space, const RuntimeRules &rules,
                       std::function<bool(const FeatureRow &)> counts) {
  ProbeOptions probing;
  probing.counts = std::move(counts);
  auto tables = formAllTables(space, rules, DeviceSpec(), probing);
  if (failed(tables))
    return failure();
  UniqueRows rows;
  Parts parts(space);
  for (const FunctionTables &function : *tables) {
    std::vector<size_t> numbers;
    for (const FeatureRow &row : function.rows)
      numbers.push_back(rows.add(row));
    for (const PlaceTable &place : function.places)
      parts.add(place, function, numbers);
  }
  return SpaceKernels{rows.rows().vec(), parts.take()};
}
