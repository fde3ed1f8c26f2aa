// SPDX-License-Identifier: Apache-2.0
// Links of the objectives and their inverses on base scores.
#include "gnomon/Forest/Objective.h"

#include "gmock/gmock.h"

#include <cmath>
#include <limits>
#include <vector>

using namespace gnomon;
using testing::ElementsAre;

namespace {

std::vector<float> linked(Link link, std::vector<float> margins) {
  applyLink(link, margins);
  return margins;
}

TEST(Objective, UnknownNamesAreNotFound) {
  EXPECT_TRUE(findObjective("binary:logistic"));
  EXPECT_FALSE(findObjective("binary:logistic2"));
  EXPECT_FALSE(findObjective(""));
}

TEST(Objective, Links) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  EXPECT_THAT(linked(Link::Identity, {1.5f, -2.0f}), ElementsAre(1.5f, -2.0f));
  EXPECT_THAT(linked(Link::Logistic, {0.0f, infinity}),
              ElementsAre(0.5f, 1.0f));
  EXPECT_THAT(linked(Link::Exp, {0.0f, 1.0f}), ElementsAre(1.0f, expf(1.0f)));
  EXPECT_THAT(linked(Link::Hinge, {0.0f, -0.0f, 0.5f}),
              ElementsAre(0.0f, 0.0f, 1.0f));
  EXPECT_THAT(linked(Link::Softmax, {3.0f, 3.0f}), ElementsAre(0.5f, 0.5f));
}

TEST(Objective, ArgmaxTakesTheFirstLargest) {
  EXPECT_EQ(linked(Link::Argmax, {1.0f, 3.0f, 3.0f})[0], 1.0f);
}

TEST(Objective, LogisticOfVeryNegativeMarginsStaysPositive) {
  EXPECT_GT(linked(Link::Logistic, {-1e9f})[0], 0.0f);
}

TEST(Objective, BaseScoresOutsideTheRangeOfTheLinkHaveNoMargin) {
  EXPECT_EQ(baseScoreToMargin(BaseLink::Identity, -3.0f), -3.0f);
  EXPECT_EQ(baseScoreToMargin(BaseLink::Logit, 0.5f), 0.0f);
  EXPECT_EQ(baseScoreToMargin(BaseLink::Log, 1.0f), 0.0f);
  EXPECT_FALSE(baseScoreToMargin(BaseLink::Logit, 0.0f));
  EXPECT_FALSE(baseScoreToMargin(BaseLink::Logit, 1.0f));
  EXPECT_FALSE(baseScoreToMargin(BaseLink::Log, 0.0f));
}

} // namespace
