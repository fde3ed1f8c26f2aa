// SPDX-License-Identifier: Apache-2.0
// An accuracy network of the size that Once-for-All uses, with made-up weights.

#ifndef GNOMON_TEST_BENCHMARK_SEARCH_PEERMLP_H
#define GNOMON_TEST_BENCHMARK_SEARCH_PEERMLP_H

#include "gnomon/Mlp/Mlp.h"
#include "gnomon/Search/Algorithms.h"

namespace gnomon::search::test {

/// 128-400-400-400-1.
std::vector<DenseLayer> peerLayers();

/// Asks the network about assignments of `stagesProblem`: 60 bits for kernels
/// (3 a block), 60 for expansions, 8 for resolutions in steps of 16 from 112;
/// blocks that are not there have none.
class PeerMlp : public Evaluator {
public:
  PeerMlp();
  std::vector<double> evaluate(llvm::ArrayRef<Assignment> networks) override;

private:
  Mlp mlp;
};

} // namespace gnomon::search::test

#endif // GNOMON_TEST_BENCHMARK_SEARCH_PEERMLP_H
