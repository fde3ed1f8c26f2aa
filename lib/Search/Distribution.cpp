// SPDX-License-Identifier: Apache-2.0
// Probabilities of networks: independent tables over decisions or blocks.

#include "gnomon/Search/Distribution.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace gnomon::search {

static std::vector<double> softmax(llvm::ArrayRef<double> logits) {
  double greatest = *std::max_element(logits.begin(), logits.end()), sum = 0;
  std::vector<double> result;
  for (double logit : logits)
    sum += result.emplace_back(std::exp(logit - greatest));
  for (double &value : result)
    value /= sum;
  return result;
}

Distribution::Distribution(const Problem &problem)
    : problem(problem), activity(problem) {
  for (uint32_t i = 0; i < problem.decisions.size(); ++i) {
    Table table{{i}, {}, {}};
    table.logits.assign(problem.decisions[i].options.size(), 0);
    table.probabilities = softmax(table.logits);
    tables.push_back(std::move(table));
  }
}

void Distribution::join() {
  std::vector<std::vector<size_t>> termsOf(problem.decisions.size());
  for (size_t term = 0; term < problem.terms.size(); ++term)
    for (uint32_t decision : problem.terms[term].scope)
      termsOf[decision].push_back(term);
  // By the first decision of a block.
  std::map<std::vector<size_t>, size_t> blocks;
  std::vector<Table> joined;
  for (Table &table : tables) {
    const auto &terms = termsOf[table.decisions[0]];
    auto [place, isNew] = blocks.try_emplace(terms, joined.size());
    if (isNew || terms.empty() ||
        joined[place->second].logits.size() * table.logits.size() >
            kMostEntries) {
      joined.push_back(std::move(table));
      continue;
    }
    Table &block = joined[place->second];
    std::vector<double> logits;
    for (double outer : block.logits)
      for (double inner : table.logits)
        logits.push_back(outer + inner);
    block.logits = std::move(logits);
    block.probabilities = softmax(block.logits);
    block.decisions.insert(block.decisions.end(), table.decisions.begin(),
                           table.decisions.end());
  }
  tables = std::move(joined);
}

size_t Distribution::parameters() const {
  size_t count = 0;
  for (const Table &table : tables)
    count += table.logits.size();
  return count;
}

size_t Distribution::entryOf(const Table &table,
                             llvm::ArrayRef<uint32_t> network) const {
  size_t entry = 0;
  for (uint32_t decision : table.decisions)
    entry =
        entry * problem.decisions[decision].options.size() + network[decision];
  return entry;
}

void Distribution::setEntry(const Table &table, size_t entry,
                            llvm::MutableArrayRef<uint32_t> network) const {
  for (size_t i = table.decisions.size(); i-- > 0;) {
    size_t count = problem.decisions[table.decisions[i]].options.size();
    network[table.decisions[i]] = entry % count;
    entry /= count;
  }
}

std::vector<std::vector<double>> Distribution::marginals() const {
  std::vector<std::vector<double>> result;
  result.reserve(problem.decisions.size());
  for (const Decision &decision : problem.decisions)
    result.emplace_back(decision.options.size(), 0);
  Assignment network(problem.decisions.size(), 0);
  for (const Table &table : tables)
    for (size_t entry = 0; entry < table.logits.size(); ++entry) {
      setEntry(table, entry, network);
      for (uint32_t decision : table.decisions)
        result[decision][network[decision]] += table.probabilities[entry];
    }
  return result;
}

double Distribution::entropy() const {
  std::vector<double> matters = activity(marginals());
  double total = 0;
  for (const Table &table : tables) {
    double own = 0, most = 0;
    for (double p : table.probabilities)
      own -= p > 0 ? p * std::log(p) : 0;
    for (uint32_t decision : table.decisions)
      most = std::max(most, matters[decision]);
    total += own * most;
  }
  return total;
}

void Distribution::draw(Random &random,
                        llvm::MutableArrayRef<uint32_t> network) const {
  for (const Table &table : tables) {
    double left = double(random.next()) / 4294967296.0;
    size_t entry = 0;
    while (entry + 1 < table.probabilities.size() &&
           left >= table.probabilities[entry])
      left -= table.probabilities[entry++];
    setEntry(table, entry, network);
  }
}

Assignment Distribution::likeliest() const {
  Assignment network(problem.decisions.size(), 0);
  for (const Table &table : tables) {
    auto best = std::max_element(table.logits.begin(), table.logits.end());
    setEntry(table, best - table.logits.begin(), network);
  }
  return network;
}

void Distribution::ascend(llvm::ArrayRef<Assignment> networks,
                          llvm::ArrayRef<double> weights, double rate) {
  std::vector<llvm::BitVector> active;
  for (const Assignment &network : networks)
    active.push_back(activeDecisions(problem, network));
  for (Table &table : tables) {
    double total = 0;
    for (size_t i = 0; i < networks.size(); ++i) {
      if (llvm::none_of(table.decisions,
                        [&](uint32_t d) { return active[i][d]; }))
        continue;
      table.logits[entryOf(table, networks[i])] += rate * weights[i];
      total += rate * weights[i];
    }
    // The gradient of log P is (drawn or not) - probability.
    for (size_t entry = 0; entry < table.logits.size(); ++entry)
      table.logits[entry] -= total * table.probabilities[entry];
    table.probabilities = softmax(table.logits);
  }
}

} // namespace gnomon::search
