// SPDX-License-Identifier: Apache-2.0
// Spearman's rank correlation by hand.

#include "gnomon/Support/RankCorrelation.h"

#include "gtest/gtest.h"

using namespace gnomon;

TEST(RankCorrelation, SharesRanksOfTies) {
  EXPECT_DOUBLE_EQ(rankCorrelation({1, 2, 3, 4}, {10, 20, 30, 40}), 1);
  EXPECT_DOUBLE_EQ(rankCorrelation({1, 2, 3, 4}, {4, 3, 2, 1}), -1);
  // Ranks 1.5, 1.5, 3, 4 and 1, 2, 3.5, 3.5.
  EXPECT_NEAR(rankCorrelation({1, 1, 2, 3}, {1, 2, 5, 5}), 4 / 4.5, 1e-12);
  EXPECT_EQ(rankCorrelation({1, 1, 1}, {1, 2, 3}), 0);
}
