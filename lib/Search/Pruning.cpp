// SPDX-License-Identifier: Apache-2.0
// The device-aware space of HURRICANE: Zhang, Yang, Jiang, Zhu, Liu, "Fast
// Hardware-Aware Neural Architecture Search", CVPR Workshops 2020
// (arXiv:1910.11609).
//
// Every operator of every layer is profiled on the device; those with the most
// representation capacity a latency form the device's space, about 4 or 5 of 32
// a layer. Ours: an operator is an option of a decision, its latency the mean
// over the contexts that it may stand in, as predicted; its capacity is one
// metric (the paper has FLOPs and parameters); what is decided together is
// ranked by its sums.

#include "gnomon/Search/Pruning.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>
#include <numeric>

namespace gnomon::search {

namespace {
/// Walks the entries of a term, the last decision of its scope fastest.
class Entries {
public:
  Entries(const Problem &problem, const Term &term)
      : classes(term.scope.size(), 0) {
    for (size_t place = 0; place < term.scope.size(); ++place) {
      std::vector<uint32_t> &size =
          sizes.emplace_back(classCount(problem, term, place), 0);
      const auto &all = problem.decisions[term.scope[place]].options;
      for (uint32_t option = 0; option < all.size(); ++option)
        ++size[term.classOf(place, option)];
    }
  }

  uint32_t classAt(size_t place) const { return classes[place]; }
  /// How many choices of options of the other places the entry stands for, as a
  /// share.
  double shareBeside(size_t own) const {
    double share = 1;
    for (size_t place = 0; place < classes.size(); ++place)
      if (place != own)
        share *= sizes[place][classes[place]] / double(total(place));
    return share;
  }
  void next() {
    for (size_t place = classes.size(); place-- > 0;) {
      if (++classes[place] < sizes[place].size())
        return;
      classes[place] = 0;
    }
  }

private:
  uint32_t total(size_t place) const {
    return std::accumulate(sizes[place].begin(), sizes[place].end(), 0u);
  }

  std::vector<uint32_t> classes;
  std::vector<std::vector<uint32_t>> sizes; ///< options by place and class
};
} // namespace

std::vector<OptionWorth>
worthOfOptions(const Problem &problem,
               llvm::ArrayRef<std::optional<uint32_t>> owners,
               uint32_t decision, const PruneOptions &options) {
  const size_t metrics = problem.metrics.size();
  std::vector<OptionWorth> worth(problem.decisions[decision].options.size());
  for (auto [term, owner] : llvm::zip_equal(problem.terms, owners)) {
    auto found = llvm::find(term.scope, decision);
    if (owner != decision || found == term.scope.end())
      continue;
    const size_t own = found - term.scope.begin();
    std::vector<OptionWorth> byClass(classCount(problem, term, own));
    Entries entries(problem, term);
    for (size_t row = 0; row < term.costs.size(); row += metrics) {
      OptionWorth &one = byClass[entries.classAt(own)];
      const double share = entries.shareBeside(own);
      one.capacity += share * double(term.costs[row + options.capacity]);
      one.cost += share * double(term.costs[row + options.cost]);
      entries.next();
    }
    for (uint32_t option = 0; option < worth.size(); ++option) {
      worth[option].capacity += byClass[term.classOf(own, option)].capacity;
      worth[option].cost += byClass[term.classOf(own, option)].cost;
    }
  }
  return worth;
}

/// Whether other decisions depend on it.
static bool isGate(const Problem &problem, uint32_t decision) {
  return llvm::any_of(problem.decisions, [&](const Decision &other) {
    return llvm::any_of(other.activeWhen, [&](const auto &row) {
      return llvm::any_of(row, [&](const Literal &literal) {
        return literal.decision == decision;
      });
    });
  });
}

static llvm::Error checkWorth(const Decision &decision,
                              llvm::ArrayRef<OptionWorth> worth) {
  for (auto [option, one] : llvm::zip_equal(decision.options, worth))
    if (one.capacity > 0 && !(one.cost > 0))
      return llvm::createStringError(
          "option '" + option + "' of '" + decision.name +
          "' cannot be ranked: expected a cost above 0 of what has a capacity, "
          "found " +
          llvm::Twine(int64_t(one.cost)));
  return llvm::Error::success();
}

/// The best of them, and those that are free, in their order.
static std::vector<uint32_t> bestOf(llvm::ArrayRef<OptionWorth> worth,
                                    uint32_t keep) {
  std::vector<uint32_t> kept, ranked;
  for (uint32_t option = 0; option < worth.size(); ++option)
    (worth[option].isFree() ? kept : ranked).push_back(option);
  auto rate = [&](uint32_t option) {
    const OptionWorth &one = worth[option];
    return one.cost > 0 ? one.capacity / one.cost : 0;
  };
  llvm::sort(ranked, [&](uint32_t a, uint32_t b) {
    return std::tuple(rate(a), worth[a].capacity, b) >
           std::tuple(rate(b), worth[b].capacity, a);
  });
  ranked.resize(std::min<size_t>(ranked.size(), keep));
  llvm::append_range(kept, ranked);
  llvm::sort(kept);
  return kept;
}

llvm::Expected<std::vector<std::vector<uint32_t>>>
pruneOptions(const Problem &problem,
             llvm::ArrayRef<std::optional<uint32_t>> owners,
             const PruneOptions &options) {
  if (options.keep == 0)
    return llvm::createStringError(
        "keep: expected at least one option a decision, found 0");
  std::vector<std::vector<uint32_t>> kept;
  bool any = false;
  for (uint32_t i = 0; i < problem.decisions.size(); ++i) {
    const Decision &decision = problem.decisions[i];
    std::vector<uint32_t> &own = kept.emplace_back(decision.options.size());
    std::iota(own.begin(), own.end(), 0);
    if (isGate(problem, i) || !llvm::is_contained(owners, std::optional(i)))
      continue;
    any = true;
    std::vector<OptionWorth> worth =
        worthOfOptions(problem, owners, i, options);
    if (llvm::Error error = checkWorth(decision, worth))
      return error;
    own = bestOf(worth, options.keep);
  }
  if (!any)
    return llvm::createStringError(
        "expected choices between operators to keep the best of, found none");
  return kept;
}

} // namespace gnomon::search
