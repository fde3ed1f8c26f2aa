// SPDX-License-Identifier: Apache-2.0
// Forms the kernels of networks of a supernet, and says which site has which.

#include "NetworkFormer.h"
#include "gnomon/Analysis/ActivationMemory.h"

using namespace gnomon;
using namespace mlir;

NetworkFormer::NetworkFormer(const SpaceStructure &space,
                             const SpaceFunction &function,
                             const RuntimeRules &rules,
                             const DeviceSpec &device,
                             const ProbeOptions &probing)
    : space(space), function(function), rules(rules), probing(probing) {
  if (device.simdBits)
    options.simdBits = unsigned(*device.simdBits);
  func::FuncOp op = function.op;
  scratch = ModuleOp::create(op.getLoc());
  if (auto module = op->getParentOfType<ModuleOp>())
    (*scratch)->setAttrs(module->getAttrDictionary());
}

/// An inserted kernel belongs to whatever made the value that it changes.
unsigned NetworkFormer::siteOf(const Kernel &kernel) const {
  Operation *op = kernel.anchor;
  if (!op && !kernel.outputs.empty())
    op = kernel.outputs.front().getDefiningOp();
  return op ? sites.lookup(op) : 0;
}

std::optional<SiteContent::Kernels>
NetworkFormer::describe(const Kernel &kernel) {
  std::shared_ptr<const FeatureRow> row = kernelRows->get(kernel);
  if (probing.counts && !(row && probing.counts(*row)))
    return std::nullopt;
  size_t number = unique.add(row ? *row : rowOfUnknown());
  if (number == locations.size())
    locations.push_back(locationOf(kernel, scratch->getLoc()));
  return SiteContent::Kernels{number, kernel.runs};
}

size_t NetworkFormer::intern(SiteContent &&content) {
  llvm::sort(content.kernels);
  auto [entry, inserted] = numberOf.try_emplace(content, contents.size());
  if (inserted)
    contents.push_back(std::move(content));
  return entry->second;
}

FailureOr<std::vector<size_t>>
NetworkFormer::form(ArrayRef<uint32_t> assignment) {
  ++formed;
  sites.clear();
  auto network = cloneNetwork(space, function, assignment, *scratch, sites);
  if (failed(network))
    return failure();
  LoadTimeAnalysis loadTime(*network);
  if (kernelRows)
    kernelRows->setLoadTime(loadTime);
  else
    kernelRows = std::make_unique<KernelRows>(network->getContext(), loadTime);
  std::vector<SiteContent> found(function.sites.size());
  std::vector<Kernel> kernels = formKernels(*network, rules, options);
  for (const Kernel &kernel : kernels)
    if (auto described = describe(kernel))
      found[siteOf(kernel)].kernels.push_back(*described);
  if (probing.peakMemory)
    for (auto [kernel, bytes] :
         llvm::zip_equal(kernels, liveActivationBytes(kernels, *network))) {
      int64_t &peak = found[siteOf(kernel)].peakBytes;
      peak = std::max(peak, bytes);
    }
  network->erase();

  std::vector<size_t> result(found.size(), noContent);
  for (auto [index, site] : llvm::enumerate(function.sites))
    if (llvm::all_of(site.path, [&](const search::Literal &literal) {
          return assignment[literal.decision] == literal.option;
        }))
      result[index] = intern(std::move(found[index]));
  return result;
}
