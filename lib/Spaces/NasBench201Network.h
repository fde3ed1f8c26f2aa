// SPDX-License-Identifier: Apache-2.0
// The network of NAS-Bench-201: stem, fifteen cells, two reductions, head.

#ifndef GNOMON_LIB_SPACES_NASBENCH201NETWORK_H
#define GNOMON_LIB_SPACES_NASBENCH201NETWORK_H

#include "NetworkBuilder.h"

namespace gnomon::nasbench201 {

/// What an edge may do, in the benchmark's order.
inline constexpr llvm::StringLiteral operators[] = {
    "none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"};

struct Edge {
  unsigned from, to; ///< nodes
  llvm::StringLiteral decision;
};

/// In the order of the strings.
inline constexpr Edge edges[] = {{0, 1, "edge_0_1"}, {0, 2, "edge_0_2"},
                                 {1, 2, "edge_1_2"}, {0, 3, "edge_0_3"},
                                 {1, 3, "edge_1_3"}, {2, 3, "edge_2_3"}};

/// The supernet behind `image`.
mlir::Value emitNetwork(NetworkBuilder &network, mlir::Value image,
                        int64_t classes);

} // namespace gnomon::nasbench201

#endif // GNOMON_LIB_SPACES_NASBENCH201NETWORK_H
