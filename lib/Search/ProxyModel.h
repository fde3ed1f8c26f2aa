// SPDX-License-Identifier: Apache-2.0
// A proxy's metric, adapted to measured networks of another device.

#ifndef GNOMON_LIB_SEARCH_PROXYMODEL_H
#define GNOMON_LIB_SEARCH_PROXYMODEL_H

#include "gnomon/Search/Problem.h"

namespace gnomon::search {

/// Networks and what was measured of them.
struct MeasuredNetworks {
  std::vector<Assignment> networks;
  std::vector<double> values;

  size_t size() const { return networks.size(); }
  /// Those whose place modulo `folds` is `fold`, or all others.
  MeasuredNetworks fold(size_t folds, size_t fold, bool isThat) const;
};

/// The problem with the first of two metrics standing in for the second, whose
/// limits go.
Problem standIn(const Problem &problem, uint32_t proxy, uint32_t target);

/// AdaProxy in its ridge form (Lu et al., "One Proxy Device Is Enough for
/// Hardware-Aware Neural Architecture Search", SIGMETRICS 2022, section 4): the
/// proxy is a sum over table entries w, the target of the form
/// sum w (a + b) + c with a correction b for every entry whose squares are
/// penalised; entries of which nothing was measured have none. The penalty is
/// the one with the least left-out errors. Ours: entries of all tables instead
/// of layers, and left-out errors instead of left-out ranks.
Problem adaptedStandIn(const Problem &problem, uint32_t proxy, uint32_t target,
                       const MeasuredNetworks &measured);

} // namespace gnomon::search

#endif // GNOMON_LIB_SEARCH_PROXYMODEL_H
