// SPDX-License-Identifier: Apache-2.0
// How well sizes fit vectors and caches.

#ifndef GNOMON_FEATURES_ROUNDING_H
#define GNOMON_FEATURES_ROUNDING_H

#include <cmath>
#include <limits>

namespace gnomon {

/// Share added to `n` by rounding up to a multiple of `block`.
inline double roundingWaste(double n, double block) {
  return std::ceil(n / block) * block / n - 1;
}

/// Largest power of two, up to `limit`, that divides `n`; NaN of what is not a
/// positive integer.
inline double alignment(double n, double limit) {
  if (!(n >= 1) || n != std::floor(n))
    return std::numeric_limits<double>::quiet_NaN();
  double power = 1;
  while (power < limit && std::fmod(n, 2 * power) == 0)
    power *= 2;
  return power;
}

} // namespace gnomon

#endif // GNOMON_FEATURES_ROUNDING_H
