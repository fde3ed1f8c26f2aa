// SPDX-License-Identifier: Apache-2.0
// Evaluators for the tests.

#include "Judges.h"

#include "gtest/gtest.h"

namespace gnomon::search::test {

double shareOf(const Assignment &assignment) {
  uint64_t hash = 1;
  for (uint32_t option : assignment)
    hash = (hash ^ (option + 1)) * 0x9e3779b97f4a7c15u;
  return double(hash >> 11) / double(uint64_t(1) << 53);
}

double Deviating::of(const Assignment &assignment) const {
  Cost cost = gnomon::search::evaluate(problem, assignment)[metric];
  bool greater = problem.metrics[metric].sense == Sense::Maximize;
  return double(greater ? cost : -cost) / ticks +
         error * (2 * shareOf(assignment) - 1);
}

std::vector<double> Deviating::evaluate(llvm::ArrayRef<Assignment> batch) {
  std::vector<double> scores;
  for (const Assignment &assignment : batch) {
    EXPECT_EQ(canonical(problem, assignment), assignment);
    overLimits +=
        !withinLimits(problem, gnomon::search::evaluate(problem, assignment));
    scores.push_back(of(assignment));
  }
  asked += batch.size();
  ++batches;
  return scores;
}

} // namespace gnomon::search::test
