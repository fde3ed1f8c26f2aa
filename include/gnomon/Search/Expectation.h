// SPDX-License-Identifier: Apache-2.0
// What a network costs in the mean when its decisions are drawn, and how that
// changes with the probabilities.

#ifndef GNOMON_SEARCH_EXPECTATION_H
#define GNOMON_SEARCH_EXPECTATION_H

#include "gnomon/Search/Problem.h"

namespace gnomon::search {

/// A number for every option of every decision.
using OptionValues = std::vector<std::vector<double>>;

/// The probabilities softmax(logits / temperature) of each decision.
OptionValues softmax(const OptionValues &logits, double temperature);

/// E[metric] = sum over terms and entries of cost * product of probabilities,
/// decisions drawn independently: exact, as terms are added (ProxylessNAS, Cai
/// et al., ICLR 2019, for tables over several decisions).
class Expectation {
public:
  /// `problem` must be sound; the metric must be one that is summed.
  Expectation(const Problem &problem, uint32_t metric);

  /// Adds weight * dE/dp to `gradient` and answers E.
  double operator()(const OptionValues &probabilities, double weight,
                    OptionValues &gradient);

  /// The sum over terms of the greatest less the least cost.
  double span() const { return totalSpan; }

private:
  struct Table {
    const Term *term;
    std::vector<size_t> counts; ///< classes by place
    std::vector<double> costs;
  };
  double contract(const Table &table, const OptionValues &probabilities,
                  double weight, OptionValues &gradient);

  std::vector<Table> tables;
  double totalSpan = 0;
  /// Of the table at hand: means over its last places, by place.
  std::vector<std::vector<double>> means;
  OptionValues classes;
  std::vector<double> reach, further;
};

/// Turns dE/dp into dE/dlogits in place.
void throughSoftmax(const OptionValues &probabilities, double temperature,
                    OptionValues &gradient);

} // namespace gnomon::search

#endif // GNOMON_SEARCH_EXPECTATION_H
