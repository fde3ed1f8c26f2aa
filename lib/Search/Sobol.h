// SPDX-License-Identifier: Apache-2.0
// Points that fill a unit cube evenly.

#ifndef GNOMON_LIB_SEARCH_SOBOL_H
#define GNOMON_LIB_SEARCH_SOBOL_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gnomon::search {

/// The sequence of Sobol' (USSR Computational Mathematics and Mathematical
/// Physics, 1967) in the order of Antonov and Saleev (1979), shifted by the
/// seed. Ours: the first direction numbers of a polynomial are drawn, not
/// looked up, so that there is no limit of dimensions; every coordinate alone
/// is even, pairs of coordinates less so than with a table.
class Sobol {
public:
  Sobol(size_t dimensions, uint64_t seed);

  /// The next point, every coordinate in [0, 1).
  std::vector<double> next();

private:
  static constexpr size_t kBits = 32;
  std::vector<std::array<uint32_t, kBits>> directions;
  std::vector<uint32_t> state;
  uint32_t index = 0;
};

} // namespace gnomon::search

#endif // GNOMON_LIB_SEARCH_SOBOL_H
