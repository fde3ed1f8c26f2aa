// SPDX-License-Identifier: Apache-2.0
// A proxy's metric, adapted to measured networks of another device.

#include "ProxyModel.h"

#include "llvm/ADT/STLExtras.h"

#include <Eigen/LU>

#include <cmath>

namespace gnomon::search {

MeasuredNetworks MeasuredNetworks::fold(size_t folds, size_t fold,
                                        bool isThat) const {
  MeasuredNetworks part;
  for (size_t i = 0; i < size(); ++i)
    if ((i % folds == fold) == isThat) {
      part.networks.push_back(networks[i]);
      part.values.push_back(values[i]);
    }
  return part;
}

//===- Standing in --------------------------------------------------------===//

Problem standIn(const Problem &problem, uint32_t proxy, uint32_t target) {
  Problem result = problem;
  llvm::erase_if(result.limits,
                 [&](const Limit &limit) { return limit.metric == target; });
  const size_t metrics = problem.metrics.size();
  for (Term &term : result.terms)
    for (size_t at = 0; at < term.costs.size(); at += metrics)
      term.costs[at + target] = term.costs[at + proxy];
  return result;
}

//===- Adapting -----------------------------------------------------------===//

namespace {
/// The bordered system of a ridge with two unpenalised columns, in the dual
/// form: as many unknowns as measured networks, and a and c.
class Ridge {
public:
  Ridge(const Problem &problem, uint32_t proxy,
        const MeasuredNetworks &measured);

  /// Chooses the penalty.
  void fit();
  double slope() const { return solution[count]; }
  /// What to add to the slope for an entry of cost `weight` that these
  /// networks hold.
  double correction(double weight, llvm::ArrayRef<uint32_t> holders) const;
  /// By term and network, the entry that it holds.
  const std::vector<std::vector<size_t>> &entries() const { return held; }

private:
  double solve(double penalty);

  const size_t count;
  /// Of costs and of measured values: both become about 1.
  double costUnit, valueUnit;
  std::vector<std::vector<size_t>> held;
  Eigen::MatrixXd products, columns;
  Eigen::VectorXd values, solution;
};
} // namespace

Ridge::Ridge(const Problem &problem, uint32_t proxy,
             const MeasuredNetworks &measured)
    : count(measured.size()), products(Eigen::MatrixXd::Zero(count, count)),
      columns(Eigen::MatrixXd::Zero(count, 2)) {
  const size_t metrics = problem.metrics.size();
  for (const Term &term : problem.terms) {
    std::vector<size_t> &entry = held.emplace_back();
    for (const Assignment &network : measured.networks)
      entry.push_back(tableEntry(problem, term, network));
    for (size_t i = 0; i < count; ++i) {
      const double weight = term.costs[entry[i] * metrics + proxy];
      columns(i, 0) += weight;
      for (size_t j = 0; j < count; ++j)
        if (entry[i] == entry[j])
          products(i, j) += weight * weight;
    }
  }
  auto unitOf = [](double mean) { return mean > 0 ? mean : 1; };
  costUnit = unitOf(columns.col(0).cwiseAbs().mean());
  values = Eigen::Map<const Eigen::VectorXd>(measured.values.data(), count);
  valueUnit = unitOf(values.cwiseAbs().mean());
  products /= costUnit * costUnit;
  columns.col(0) /= costUnit;
  columns.col(1).setOnes();
  values /= valueUnit;
}

/// Solves for one penalty and answers the squared left-out errors: those of a
/// bordered system are its unknowns over the diagonal of its inverse (Cawley,
/// "Leave-One-Out Cross-Validation Based Model Selection Criteria for Weighted
/// LS-SVMs", IJCNN 2006).
double Ridge::solve(double penalty) {
  Eigen::MatrixXd system = Eigen::MatrixXd::Zero(count + 2, count + 2);
  system.topLeftCorner(count, count) = products;
  system.topLeftCorner(count, count).diagonal().array() += penalty;
  system.topRightCorner(count, 2) = columns;
  system.bottomLeftCorner(2, count) = columns.transpose();
  // A proxy without spread leaves the slope open; so little decides nothing.
  system(count, count) = -1e-9;
  Eigen::VectorXd right = Eigen::VectorXd::Zero(count + 2);
  right.head(count) = values;
  const Eigen::MatrixXd inverse =
      Eigen::FullPivLU<Eigen::MatrixXd>(system).inverse();
  solution = inverse * right;
  return (solution.head(count).array() / inverse.diagonal().head(count).array())
      .square()
      .sum();
}

void Ridge::fit() {
  const double scale = products.diagonal().mean() + 1e-300;
  double best = 0, least = HUGE_VAL;
  for (int exponent = -8; exponent <= 8; ++exponent) {
    const double penalty = scale * std::pow(10.0, exponent / 2.0);
    if (double error = solve(penalty); error < least) {
      least = error;
      best = penalty;
    }
  }
  solve(best > 0 ? best : scale);
}

double Ridge::correction(double weight,
                         llvm::ArrayRef<uint32_t> holders) const {
  double sum = 0;
  for (uint32_t holder : holders)
    sum += solution[holder];
  return sum * weight / costUnit;
}

/// What each entry of each term is multiplied by. At most 1, so that no sum
/// leaves its range: only ranks are asked for.
static std::vector<std::vector<double>>
factorsOf(const Problem &problem, uint32_t proxy, const Ridge &ridge) {
  const size_t metrics = problem.metrics.size();
  std::vector<std::vector<double>> factors;
  double greatest = 1;
  for (auto [term, entries] : llvm::zip(problem.terms, ridge.entries())) {
    std::vector<std::vector<uint32_t>> holders(term.costs.size() / metrics);
    for (uint32_t i = 0; i < entries.size(); ++i)
      holders[entries[i]].push_back(i);
    std::vector<double> &row = factors.emplace_back();
    for (size_t entry = 0; entry < holders.size(); ++entry) {
      const double weight = term.costs[entry * metrics + proxy];
      const double factor =
          ridge.slope() + ridge.correction(weight, holders[entry]);
      row.push_back(std::isfinite(factor) ? factor : 0);
      greatest = std::max(greatest, std::abs(row.back()));
    }
  }
  for (std::vector<double> &row : factors)
    for (double &factor : row)
      factor /= greatest;
  return factors;
}

Problem adaptedStandIn(const Problem &problem, uint32_t proxy, uint32_t target,
                       const MeasuredNetworks &measured) {
  Ridge ridge(problem, proxy, measured);
  ridge.fit();
  Problem result = standIn(problem, proxy, target);
  const size_t metrics = problem.metrics.size();
  for (auto [term, factors] :
       llvm::zip(result.terms, factorsOf(problem, proxy, ridge)))
    for (auto [entry, factor] : llvm::enumerate(factors)) {
      Cost &cost = term.costs[entry * metrics + target];
      cost = std::llround(double(cost) * factor);
    }
  return result;
}

} // namespace gnomon::search
