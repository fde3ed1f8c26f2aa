// SPDX-License-Identifier: Apache-2.0
// What a peer in another language needs to search the same table.

#ifndef GNOMON_TEST_BENCHMARK_SEARCH_EXCHANGE_H
#define GNOMON_TEST_BENCHMARK_SEARCH_EXCHANGE_H

#include "gnomon/Search/Algorithms.h"

#include "llvm/Support/JSON.h"

namespace gnomon::search::test {

/// The tables of `stagesProblem`, the accuracy network, some networks with
/// their costs and scores, and at 20 budgets what the exact front and our
/// evolution answer.
llvm::json::Value exchange(const Problem &problem);

} // namespace gnomon::search::test

#endif // GNOMON_TEST_BENCHMARK_SEARCH_EXCHANGE_H
