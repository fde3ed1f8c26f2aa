// SPDX-License-Identifier: Apache-2.0
// The objectives of XGBoost as far as prediction needs them: their links.
#include "gnomon/Forest/Objective.h"

#include <algorithm>
#include <cmath>

using namespace llvm;

namespace gnomon {

std::optional<Objective> findObjective(StringRef name) {
  static const Objective known[] = {
      {"reg:squarederror", Link::Identity, BaseLink::Identity},
      {"reg:linear", Link::Identity, BaseLink::Identity},
      {"reg:squaredlogerror", Link::Identity, BaseLink::Identity},
      {"reg:pseudohubererror", Link::Identity, BaseLink::Identity},
      {"reg:absoluteerror", Link::Identity, BaseLink::Identity},
      {"reg:quantileerror", Link::Identity, BaseLink::Identity},
      {"reg:logistic", Link::Logistic, BaseLink::Logit},
      {"reg:gamma", Link::Exp, BaseLink::Log},
      {"reg:tweedie", Link::Exp, BaseLink::Log},
      {"binary:logistic", Link::Logistic, BaseLink::Logit},
      {"binary:logitraw", Link::Identity, BaseLink::Identity},
      {"binary:hinge", Link::Hinge, BaseLink::Identity},
      {"count:poisson", Link::Exp, BaseLink::Log},
      {"survival:cox", Link::Exp, BaseLink::Log},
      {"survival:aft", Link::Exp, BaseLink::Log},
      {"multi:softmax", Link::Argmax, BaseLink::Identity},
      {"multi:softprob", Link::Softmax, BaseLink::Identity},
      {"rank:pairwise", Link::Identity, BaseLink::Identity},
      {"rank:ndcg", Link::Identity, BaseLink::Identity},
      {"rank:map", Link::Identity, BaseLink::Identity},
  };
  for (const Objective &objective : known)
    if (objective.name == name)
      return objective;
  return std::nullopt;
}

std::optional<float> baseScoreToMargin(BaseLink link, float score) {
  switch (link) {
  case BaseLink::Identity:
    return score;
  case BaseLink::Logit:
    if (!(score > 0.0f && score < 1.0f))
      return std::nullopt;
    return -logf(1.0f / score - 1.0f);
  case BaseLink::Log:
    if (!(score > 0.0f))
      return std::nullopt;
    return logf(score);
  }
  return std::nullopt;
}

/// The exponent is cut at 88.7 so that expf stays finite.
static float logistic(float margin) {
  constexpr float epsilon = 1e-16f;
  float exponent = std::min(-margin, 88.7f);
  return 1.0f / (expf(exponent) + 1.0f + epsilon);
}

static void softmax(MutableArrayRef<float> margins) {
  float largest = margins[0];
  for (float margin : margins)
    largest = fmaxf(margin, largest);
  double sum = 0.0;
  for (float &margin : margins) {
    margin = expf(margin - largest);
    sum += margin;
  }
  for (float &margin : margins)
    margin /= static_cast<float>(sum);
}

void applyLink(Link link, MutableArrayRef<float> margins) {
  switch (link) {
  case Link::Identity:
    return;
  case Link::Logistic:
    for (float &margin : margins)
      margin = logistic(margin);
    return;
  case Link::Exp:
    for (float &margin : margins)
      margin = expf(margin);
    return;
  case Link::Hinge:
    for (float &margin : margins)
      margin = margin > 0.0f ? 1.0f : 0.0f;
    return;
  case Link::Argmax:
    margins[0] = static_cast<float>(
        std::max_element(margins.begin(), margins.end()) - margins.begin());
    return;
  case Link::Softmax:
    return softmax(margins);
  }
}

} // namespace gnomon
