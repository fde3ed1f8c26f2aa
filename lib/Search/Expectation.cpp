// SPDX-License-Identifier: Apache-2.0
// What a network costs in the mean when its decisions are drawn, and how that
// changes with the probabilities.

#include "gnomon/Search/Expectation.h"

#include <algorithm>
#include <cmath>

namespace gnomon::search {

OptionValues softmax(const OptionValues &logits, double temperature) {
  OptionValues result = logits;
  for (std::vector<double> &row : result) {
    double greatest = *std::max_element(row.begin(), row.end()), sum = 0;
    for (double &value : row)
      sum += value = std::exp((value - greatest) / temperature);
    for (double &value : row)
      value /= sum;
  }
  return result;
}

void throughSoftmax(const OptionValues &probabilities, double temperature,
                    OptionValues &gradient) {
  for (size_t i = 0; i < gradient.size(); ++i) {
    const std::vector<double> &p = probabilities[i];
    double mean = 0;
    for (size_t o = 0; o < p.size(); ++o)
      mean += p[o] * gradient[i][o];
    for (size_t o = 0; o < p.size(); ++o)
      gradient[i][o] = p[o] * (gradient[i][o] - mean) / temperature;
  }
}

Expectation::Expectation(const Problem &problem, uint32_t metric) {
  const size_t metrics = problem.metrics.size();
  for (const Term &term : problem.terms) {
    Table table{&term, {}, {}};
    for (size_t place = 0; place < term.scope.size(); ++place)
      table.counts.push_back(classCount(problem, term, place));
    for (size_t i = metric; i < term.costs.size(); i += metrics)
      table.costs.push_back(double(term.costs[i]));
    auto [least, most] =
        std::minmax_element(table.costs.begin(), table.costs.end());
    totalSpan += *most - *least;
    tables.push_back(std::move(table));
  }
}

/// Forwards, one place after the other is averaged away, the last first.
/// Backwards, `reach` is how likely each prefix of classes is.
double Expectation::contract(const Table &table,
                             const OptionValues &probabilities, double weight,
                             OptionValues &gradient) {
  const Term &term = *table.term;
  const size_t places = term.scope.size();
  means.resize(std::max(means.size(), places + 1));
  classes.resize(std::max(classes.size(), places));
  means[places] = table.costs;
  for (size_t place = places; place-- > 0;) {
    const std::vector<double> &p = probabilities[term.scope[place]];
    classes[place].assign(table.counts[place], 0);
    for (size_t option = 0; option < p.size(); ++option)
      classes[place][term.classOf(place, option)] += p[option];
    const std::vector<double> &from = means[place + 1];
    const size_t count = table.counts[place];
    means[place].assign(from.size() / count, 0);
    for (size_t prefix = 0; prefix < means[place].size(); ++prefix)
      for (size_t c = 0; c < count; ++c)
        means[place][prefix] += classes[place][c] * from[prefix * count + c];
  }
  reach.assign(1, 1);
  std::vector<double> slope;
  for (size_t place = 0; place < places; ++place) {
    const size_t count = table.counts[place];
    slope.assign(count, 0);
    further.resize(reach.size() * count);
    for (size_t prefix = 0; prefix < reach.size(); ++prefix)
      for (size_t c = 0; c < count; ++c) {
        slope[c] += reach[prefix] * means[place + 1][prefix * count + c];
        further[prefix * count + c] = reach[prefix] * classes[place][c];
      }
    std::swap(reach, further);
    std::vector<double> &row = gradient[term.scope[place]];
    for (size_t option = 0; option < row.size(); ++option)
      row[option] += weight * slope[term.classOf(place, option)];
  }
  return means[0][0];
}

double Expectation::operator()(const OptionValues &probabilities, double weight,
                               OptionValues &gradient) {
  double total = 0;
  for (const Table &table : tables)
    total += contract(table, probabilities, weight, gradient);
  return total;
}

} // namespace gnomon::search
