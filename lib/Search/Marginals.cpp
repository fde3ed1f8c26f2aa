// SPDX-License-Identifier: Apache-2.0
// The greatest sum of tables, and the greatest with each option.

#include "Marginals.h"

#include "Tables.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace gnomon::search {

namespace {
constexpr double kNever = -std::numeric_limits<double>::infinity();

/// All tables that name a decision when it is eliminated, as one.
struct Cluster {
  uint32_t decision = 0;
  ValueTable table;
  /// What is left without the decision.
  ValueTable message;
  /// The clusters whose messages are part of the table.
  std::vector<size_t> children;
  /// By entry of the message, the greatest sum of all that is outside.
  std::vector<double> outside;
};

class Tree {
public:
  Tree(const Problem &problem, std::vector<ValueTable> tables)
      : problem(problem) {
    for (ValueTable &table : tables)
      open.push_back({std::move(table), std::nullopt});
  }

  /// False: a table would be too large.
  bool collect(llvm::ArrayRef<uint32_t> order, size_t tableLimit);
  Marginals distribute();

private:
  struct Open {
    ValueTable table;
    std::optional<size_t> from; ///< the cluster whose message it is
  };

  bool eliminate(uint32_t decision, size_t tableLimit);
  void sum(Cluster &cluster, llvm::ArrayRef<Open> parts);
  void sendOut(Cluster &cluster);
  /// Tells the children what is outside of them.
  void tellChildren(const Cluster &cluster);

  const Problem &problem;
  std::vector<Open> open;
  std::vector<Cluster> clusters;
};

bool Tree::eliminate(uint32_t decision, size_t tableLimit) {
  std::vector<Open> parts, others;
  std::set<uint32_t> scope{decision};
  for (Open &one : open) {
    bool names = llvm::is_contained(one.table.scope, decision);
    if (names)
      scope.insert(one.table.scope.begin(), one.table.scope.end());
    (names ? parts : others).push_back(std::move(one));
  }
  Cluster cluster;
  cluster.decision = decision;
  cluster.table.scope.assign(scope.begin(), scope.end());
  if (TableWalk(problem, cluster.table.scope).size() > tableLimit)
    return false;
  for (const Open &part : parts)
    if (part.from)
      cluster.children.push_back(*part.from);
  sum(cluster, parts);
  sendOut(cluster);
  open = std::move(others);
  open.push_back({cluster.message, clusters.size()});
  clusters.push_back(std::move(cluster));
  return true;
}

void Tree::sum(Cluster &cluster, llvm::ArrayRef<Open> parts) {
  TableWalk walk(problem, cluster.table.scope);
  for (const Open &part : parts)
    walk.follow(part.table.scope);
  cluster.table.values.resize(walk.size());
  for (double &value : cluster.table.values) {
    for (size_t part = 0; part < parts.size(); ++part)
      value += parts[part].table.values[walk.entry(part)];
    walk.next();
  }
}

void Tree::sendOut(Cluster &cluster) {
  TableWalk walk(problem, cluster.table.scope);
  ValueTable &message = cluster.message;
  for (uint32_t decision : cluster.table.scope)
    if (decision != cluster.decision)
      message.scope.push_back(decision);
  walk.follow(message.scope);
  message.values.assign(TableWalk(problem, message.scope).size(), kNever);
  for (double value : cluster.table.values) {
    double &most = message.values[walk.entry(0)];
    most = std::max(most, value);
    walk.next();
  }
}

bool Tree::collect(llvm::ArrayRef<uint32_t> order, size_t tableLimit) {
  return llvm::all_of(order, [&](uint32_t decision) {
    return eliminate(decision, tableLimit);
  });
}

void Tree::tellChildren(const Cluster &cluster) {
  TableWalk walk(problem, cluster.table.scope);
  walk.follow(cluster.message.scope);
  for (size_t child : cluster.children) {
    walk.follow(clusters[child].message.scope);
    clusters[child].outside.assign(clusters[child].message.values.size(),
                                   kNever);
  }
  for (double value : cluster.table.values) {
    double all = value + cluster.outside[walk.entry(0)];
    for (auto [place, child] : llvm::enumerate(cluster.children)) {
      size_t entry = walk.entry(place + 1);
      double rest = all - clusters[child].message.values[entry];
      if (!std::isnan(rest))
        clusters[child].outside[entry] =
            std::max(clusters[child].outside[entry], rest);
    }
    walk.next();
  }
}

Marginals Tree::distribute() {
  Marginals result;
  for (const Open &one : open)
    result.best += one.table.values.front();
  for (const Decision &decision : problem.decisions)
    result.values.emplace_back(decision.options.size(), result.best);
  if (result.best == kNever)
    return result;
  for (const Open &one : open)
    if (one.from)
      clusters[*one.from].outside = {result.best - one.table.values.front()};
  for (const Cluster &cluster : llvm::reverse(clusters)) {
    tellChildren(cluster);
    std::vector<double> &values = result.values[cluster.decision];
    values.assign(values.size(), kNever);
    TableWalk walk(problem, cluster.table.scope);
    walk.follow(cluster.message.scope);
    walk.follow({cluster.decision});
    for (double value : cluster.table.values) {
      double &most = values[walk.entry(1)];
      most = std::max(most, value + cluster.outside[walk.entry(0)]);
      walk.next();
    }
  }
  return result;
}
} // namespace

std::optional<Marginals> marginalsOf(const Problem &problem,
                                     llvm::ArrayRef<uint32_t> order,
                                     std::vector<ValueTable> tables,
                                     size_t tableLimit) {
  Tree tree(problem, std::move(tables));
  if (!tree.collect(order, tableLimit))
    return std::nullopt;
  return tree.distribute();
}

} // namespace gnomon::search
