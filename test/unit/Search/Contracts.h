// SPDX-License-Identifier: Apache-2.0
// What every algorithm promises: what it refuses, what it asks, what it
// answers.

#ifndef GNOMON_TEST_UNIT_SEARCH_CONTRACTS_H
#define GNOMON_TEST_UNIT_SEARCH_CONTRACTS_H

#include "gnomon/Search/Algorithms.h"

#include "llvm/Support/FormatVariadic.h"

#include "gtest/gtest.h"

namespace gnomon::search::test {

/// Metrics of the problems of tests.
constexpr uint32_t kLatency = 0, kAccuracy = 1;

/// Algorithms that may end without an answer though there is one: what they
/// measure of the limited metric counts as an evaluation, or they only reject.
bool mayMiss(llvm::StringRef name, const SearchOptions &options);

/// Options with what algorithms need: an error of the stand-in, a proxy.
SearchOptions usualOptions(const Problem &problem);

/// All of a result, to compare two.
std::string describe(const SearchResult &result);

/// Runs an algorithm; its result, if it is not to refuse, holds together. None
/// where it refuses, which must be in its contract.
std::optional<SearchResult> run(const Algorithm &algorithm,
                                const Problem &problem,
                                const Objective &objective,
                                const SearchOptions &options);

/// The same, by a metric (0), by a judge beside it (1), and by a judge alone
/// (2); with what must hold of each.
std::optional<SearchResult> runBy(int form, const Algorithm &algorithm,
                                  const Problem &problem,
                                  const SearchOptions &options);

template <typename Do>
void forEachForm(Do what) {
  for (const Algorithm &algorithm : algorithms())
    for (int form : {0, 1, 2}) {
      SCOPED_TRACE(
          llvm::formatv("{0}, objective {1}", algorithm.name, form).str());
      what(algorithm, form);
    }
}

/// A problem of two metrics with a budget between its least latency and that of
/// its most accurate network, and a proxy beside it.
Problem withBudget(Problem problem, double share);

} // namespace gnomon::search::test

#endif // GNOMON_TEST_UNIT_SEARCH_CONTRACTS_H
