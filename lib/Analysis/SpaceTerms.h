// SPDX-License-Identifier: Apache-2.0
// The terms of a space's problem, put together cost by cost.

#ifndef GNOMON_LIB_ANALYSIS_SPACETERMS_H
#define GNOMON_LIB_ANALYSIS_SPACETERMS_H

#include "gnomon/Search/Problem.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <map>
#include <tuple>

namespace gnomon {

/// The terms of a problem by their scope and classes.
class SpaceTerms {
public:
  using Classes = std::vector<std::vector<uint32_t>>;

  /// With `tellOwnersApart` costs of different owners are different terms.
  SpaceTerms(const std::vector<search::Decision> &decisions, size_t metrics,
             bool tellOwnersApart)
      : metrics(metrics), tellOwnersApart(tellOwnersApart) {
    shell.decisions = decisions;
  }

  /// What is added from here on is a cost of this decision's options.
  void setOwner(std::optional<uint32_t> decision) {
    if (tellOwnersApart)
      owner = decision;
  }

  /// Adds to one metric of one entry of a term. Without classes the key holds
  /// options.
  void add(const std::vector<uint32_t> &scope, const Classes &classes,
           const std::vector<uint32_t> &key, size_t metric, search::Cost cost) {
    at(scope, classes, key, metric) += cost;
  }

  /// Adds to one metric of all networks that a path leads to; none if its
  /// literals contradict each other. Error: a path of so many decisions that
  /// their table would have more than a million entries.
  llvm::Error addOn(llvm::ArrayRef<search::Literal> path, size_t metric,
                    search::Cost cost);

  /// Raises it to at least `cost`.
  void raise(const std::vector<uint32_t> &scope, const Classes &classes,
             const std::vector<uint32_t> &key, size_t metric,
             search::Cost cost) {
    search::Cost &known = at(scope, classes, key, metric);
    known = std::max(known, cost);
  }

  /// The terms; `owners` receives the owner of each.
  std::vector<search::Term> take(std::vector<std::optional<uint32_t>> &owners);

private:
  search::Cost &at(const std::vector<uint32_t> &scope, const Classes &classes,
                   const std::vector<uint32_t> &key, size_t metric);

  search::Problem shell; ///< decisions only
  size_t metrics;
  bool tellOwnersApart;
  std::optional<uint32_t> owner;
  using Key =
      std::tuple<std::optional<uint32_t>, std::vector<uint32_t>, Classes>;
  std::map<Key, search::Term> byScope;
};

} // namespace gnomon

#endif // GNOMON_LIB_ANALYSIS_SPACETERMS_H
