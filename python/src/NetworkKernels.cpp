// SPDX-License-Identifier: Apache-2.0
// The kernels of many networks of a space, without Python.

#include "NetworkKernels.h"
#include "Architectures.h"
#include "NamedSpace.h"
#include "gnomon/Analysis/KernelFeatures.h"
#include "gnomon/Analysis/SpaceStructure.h"
#include "gnomon/Dialect/Gnomon/GnomonDialect.h"
#include <map>
#include <thread>

using namespace gnomon;
using namespace gnomon::python;
using namespace mlir;

namespace {

/// One network, in program order.
struct Formed {
  struct Launch {
    size_t row; ///< of its worker
    int64_t runs;
    size_t block; ///< index of `blocks`
  };
  std::vector<Launch> kernels;
  std::vector<std::string> blocks; ///< keys
};

/// Forms networks in a context of its own.
class Worker {
public:
  Worker(const Space &space, const RuntimeRules &rules)
      : space(space), rules(rules) {}

  /// Forms the networks `which` into `formed`; the text of the problem, if any.
  std::string run(llvm::ArrayRef<Selection> selections,
                  llvm::ArrayRef<size_t> which, double widthMult,
                  std::vector<Formed> &formed);
  llvm::ArrayRef<FeatureRow> rows() const { return unique.rows(); }

private:
  std::string open(llvm::ArrayRef<Selection> selections,
                   llvm::ArrayRef<size_t> which, double widthMult);
  const SpaceFunction &functionOf(llvm::ArrayRef<uint32_t> assignment) const;
  llvm::LogicalResult form(const Selection &selection, Formed &into);

  const Space &space;
  const RuntimeRules &rules;
  Session session;
  OwningOpRef<ModuleOp> supernet, scratch;
  SpaceStructure structure;
  std::unique_ptr<KernelRows> kernelRows;
  UniqueRows unique;
};
} // namespace

std::string Worker::open(llvm::ArrayRef<Selection> selections,
                         llvm::ArrayRef<size_t> which, double widthMult) {
  std::vector<Selection> own;
  for (size_t index : which)
    own.push_back(selections[index]);
  auto built = space.build(session.context, optionsFor(own, widthMult));
  if (!built)
    return llvm::toString(built.takeError());
  supernet = std::move(*built);
  FailureOr<SpaceStructure> read = readSpaceStructure(*supernet);
  if (failed(read))
    return session.takeProblem();
  structure = std::move(*read);
  scratch = ModuleOp::create(supernet->getLoc());
  (*scratch)->setAttrs((*supernet)->getAttrDictionary());
  return "";
}

const SpaceFunction &
Worker::functionOf(llvm::ArrayRef<uint32_t> assignment) const {
  for (const SpaceFunction &function : structure.functions)
    if (function.alternative && assignment[function.alternative->decision] ==
                                    function.alternative->option)
      return function;
  return structure.functions.front();
}

/// The block of every operation: a key stands on the last one of its block, and
/// what follows the last key belongs to the last block.
static llvm::DenseMap<Operation *, size_t> readBlocks(func::FuncOp network,
                                                      Formed &into) {
  llvm::DenseMap<Operation *, size_t> blockOf;
  network.walk([&](Operation *op) {
    blockOf[op] = into.blocks.size();
    if (auto key = op->getAttrOfType<StringAttr>(blockAttrName))
      into.blocks.push_back(key.str());
  });
  for (auto &[op, block] : blockOf)
    block = std::min(block, std::max<size_t>(1, into.blocks.size()) - 1);
  return blockOf;
}

/// The operation that a kernel is formed around, or whose value it changes.
static Operation *madeBy(const Kernel &kernel) {
  if (kernel.anchor || kernel.outputs.empty())
    return kernel.anchor;
  return kernel.outputs.front().getDefiningOp();
}

llvm::LogicalResult Worker::form(const Selection &selection, Formed &into) {
  search::Assignment assignment = assignmentOf(structure.decisions, selection);
  llvm::DenseMap<Operation *, unsigned> siteOf;
  auto network = cloneNetwork(structure, functionOf(assignment), assignment,
                              *scratch, siteOf);
  if (failed(network))
    return failure();
  LoadTimeAnalysis loadTime(*network);
  if (kernelRows)
    kernelRows->setLoadTime(loadTime);
  else
    kernelRows = std::make_unique<KernelRows>(&session.context, loadTime);
  llvm::DenseMap<Operation *, size_t> blockOf = readBlocks(*network, into);
  for (const Kernel &kernel : formKernels(*network, rules)) {
    std::shared_ptr<const FeatureRow> row = kernelRows->get(kernel);
    into.kernels.push_back({unique.add(row ? *row : rowOfUnknown()),
                            kernel.runs, blockOf.lookup(madeBy(kernel))});
  }
  network->erase();
  return success();
}

std::string Worker::run(llvm::ArrayRef<Selection> selections,
                        llvm::ArrayRef<size_t> which, double widthMult,
                        std::vector<Formed> &formed) {
  if (which.empty())
    return "";
  if (std::string problem = open(selections, which, widthMult);
      !problem.empty())
    return problem;
  for (size_t index : which)
    if (failed(form(selections[index], formed[index])))
      return "architecture " + std::to_string(index) + ": " +
             session.takeProblem();
  return "";
}

//===- Sharing out --------------------------------------------------------===//

/// Shares of about equal size, networks of one image size together: each worker
/// builds a supernet of few sizes only.
static std::vector<std::vector<size_t>>
sharesOf(llvm::ArrayRef<Selection> selections, unsigned jobs) {
  std::vector<std::pair<int64_t, size_t>> order;
  for (auto [index, selection] : llvm::enumerate(selections))
    order.push_back({imageSize(selection), index});
  llvm::sort(order);
  std::vector<std::vector<size_t>> shares(std::max(1u, jobs));
  for (auto [place, entry] : llvm::enumerate(order))
    shares[place * shares.size() / order.size()].push_back(entry.second);
  return shares;
}

namespace {

/// Numbers things in the order in which the networks bring them up.
class Merger {
public:
  explicit Merger(NetworkKernels &into) : into(into) {}

  void add(const Formed &network, llvm::ArrayRef<FeatureRow> rows) {
    Counts kernels, blocks;
    std::vector<Counts> inside(network.blocks.size());
    for (auto [row, runs, block] : network.kernels) {
      const auto number = int64_t(unique.add(rows[row]));
      kernels[number] += runs;
      if (block < inside.size())
        inside[block][number] += runs;
    }
    for (auto [key, own] : llvm::zip(network.blocks, inside)) {
      auto [entry, isNew] = numberOf.try_emplace(key, numberOf.size());
      if (isNew) {
        into.blockKeys.push_back(key);
        append(into.blockKernels, own);
      }
      ++blocks[entry->second];
    }
    append(into.kernels, kernels);
    append(into.blocks, blocks);
  }

  void finish() {
    into.features.resize(kNumFeatures);
    for (const FeatureRow &row : unique.rows()) {
      into.kinds.push_back(kernelKindName(row.kind).str());
      for (unsigned i = 0; i < kNumFeatures; ++i)
        into.features[i].push_back(row.values()[i]);
    }
  }

private:
  using Counts = std::map<int64_t, int64_t>;

  static void append(CountTable &table, const Counts &counts) {
    for (auto [item, count] : counts) {
      table.item.push_back(item);
      table.count.push_back(count);
    }
    table.begin.push_back(int64_t(table.item.size()));
  }

  NetworkKernels &into;
  UniqueRows unique;
  std::map<std::string, int64_t> numberOf;
};
} // namespace

/// Fills decisions, options, choices and resolutions.
static void addChoices(const Space &space, const SpaceOptions &options,
                       llvm::ArrayRef<Selection> selections,
                       NetworkKernels &into) {
  for (const SpaceDecision &decision : space.decisions(options))
    if (decision.name != kResolutionDecision) {
      into.decisions.push_back(decision.name);
      into.options.push_back(decision.options);
    }
  const bool oneSize = resolutionsOf(space).size() < 2;
  for (const Selection &selection : selections) {
    into.resolutions.push_back(oneSize ? 0 : imageSize(selection));
    for (auto [name, known] : llvm::zip(into.decisions, into.options)) {
      auto found = selection.find(name);
      into.choices.push_back(found == selection.end()
                                 ? -1
                                 : llvm::find(known, found->second) -
                                       known.begin());
    }
  }
}

Answer<NetworkKernels> python::networkKernels(const KernelsRequest &request) {
  auto space = spaceNamed(request.space);
  if (!space)
    return failure<NetworkKernels>(space.takeError());
  auto document = JsonDocument::parse(request.rulesJson, "rules");
  if (!document)
    return failure<NetworkKernels>(document.takeError());
  auto rules = parseRuntimeRules(document->root());
  if (!rules)
    return failure<NetworkKernels>(rules.takeError());
  auto selections = selectAll(**space, request.architectures);
  if (!selections)
    return failure<NetworkKernels>(selections.takeError());

  const auto shares = sharesOf(*selections, request.jobs);
  std::vector<Formed> formed(selections->size());
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<std::string> problems(shares.size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < shares.size(); ++i)
    workers.push_back(std::make_unique<Worker>(**space, *rules));
  for (size_t i = 0; i < shares.size(); ++i)
    threads.emplace_back([&, i] {
      problems[i] =
          workers[i]->run(*selections, shares[i], request.widthMult, formed);
    });
  for (std::thread &thread : threads)
    thread.join();
  for (std::string &problem : problems)
    if (!problem.empty())
      return {std::nullopt, std::move(problem)};

  NetworkKernels result;
  addChoices(**space, optionsFor(*selections, request.widthMult), *selections,
             result);
  std::vector<size_t> workerOf(selections->size());
  for (size_t i = 0; i < shares.size(); ++i)
    for (size_t index : shares[i])
      workerOf[index] = i;
  Merger merger(result);
  for (size_t i = 0; i < formed.size(); ++i)
    merger.add(formed[i], workers[workerOf[i]]->rows());
  merger.finish();
  return {std::move(result), ""};
}
