// SPDX-License-Identifier: Apache-2.0
// Evaluators for the tests.

#ifndef GNOMON_TEST_UNIT_SEARCH_JUDGES_H
#define GNOMON_TEST_UNIT_SEARCH_JUDGES_H

#include "gnomon/Search/Evaluator.h"

namespace gnomon::search::test {

/// The metric in its unit and a deviation of at most `error` that depends on
/// the whole network; counts what it is asked, and expects canonical networks.
class Deviating : public Evaluator {
public:
  Deviating(const Problem &problem, uint32_t metric, double ticks, double error)
      : problem(problem), metric(metric), ticks(ticks), error(error) {}

  double of(const Assignment &assignment) const;
  std::vector<double> evaluate(llvm::ArrayRef<Assignment> batch) override;

  uint64_t asked = 0, batches = 0;
  /// Of the networks asked about, how many break limits of the problem.
  uint64_t overLimits = 0;

protected:
  const Problem &problem;

private:
  uint32_t metric;
  double ticks, error;
};

/// A number from 0 to 1 that depends on the whole network.
double shareOf(const Assignment &assignment);

} // namespace gnomon::search::test

#endif // GNOMON_TEST_UNIT_SEARCH_JUDGES_H
