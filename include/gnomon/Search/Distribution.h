// SPDX-License-Identifier: Apache-2.0
// Probabilities of networks: independent tables over decisions or blocks.

#ifndef GNOMON_SEARCH_DISTRIBUTION_H
#define GNOMON_SEARCH_DISTRIBUTION_H

#include "gnomon/Search/Activity.h"
#include "gnomon/Support/Random.h"

namespace gnomon::search {

/// P(network) = product over tables of softmax(logits)[what the network has of
/// the table's decisions].
class Distribution {
public:
  /// Uniform; a table a decision.
  explicit Distribution(const Problem &problem);

  /// Makes one table of the tables of each block, with the product of their
  /// probabilities. A block is decisions that occur in the same terms; those of
  /// more than `kMostEntries` combinations stay as they are.
  void join();
  static constexpr size_t kMostEntries = 4096;

  /// How many logits there are.
  size_t parameters() const;
  /// In nats; each table counts as much as it is likely to matter: where
  /// several rows make a decision active, their probabilities are added.
  double entropy() const;

  void draw(Random &random, llvm::MutableArrayRef<uint32_t> network) const;
  Assignment likeliest() const;

  /// One step uphill on sum of weight * log P(network), decisions that a
  /// network does not use left out.
  void ascend(llvm::ArrayRef<Assignment> networks,
              llvm::ArrayRef<double> weights, double rate);

private:
  struct Table {
    std::vector<uint32_t> decisions;
    std::vector<double> logits, probabilities;
  };
  size_t entryOf(const Table &table, llvm::ArrayRef<uint32_t> network) const;
  void setEntry(const Table &table, size_t entry,
                llvm::MutableArrayRef<uint32_t> network) const;
  /// Probability of each option of each decision.
  std::vector<std::vector<double>> marginals() const;

  const Problem &problem;
  /// How likely each decision is to matter.
  Activity activity;
  std::vector<Table> tables;
};

} // namespace gnomon::search

#endif // GNOMON_SEARCH_DISTRIBUTION_H
