// SPDX-License-Identifier: Apache-2.0
// Random numbers that are the same bytes on every machine.

#ifndef GNOMON_SUPPORT_RANDOM_H
#define GNOMON_SUPPORT_RANDOM_H

#include <cstdint>

namespace gnomon {

/// PCG-XSH-RR 64/32 (O'Neill, "PCG: A Family of Simple Fast Space-Efficient
/// Statistically Good Algorithms for Random Number Generation", 2014).
class Random {
public:
  explicit Random(uint64_t seed) {
    next();
    state += seed;
    next();
  }

  uint32_t next() {
    uint64_t old = state;
    state = old * 6364136223846793005u + kIncrement;
    uint32_t mixed = ((old >> 18) ^ old) >> 27;
    unsigned turn = old >> 59;
    return (mixed >> turn) | (mixed << (-turn & 31));
  }
  /// Uniform in [0, bound), bound > 0: the multiplication of Lemire, "Fast
  /// Random Integer Generation in an Interval", 2019.
  uint32_t below(uint32_t bound) {
    uint64_t product = uint64_t(next()) * bound;
    if (uint32_t(product) < bound)
      for (uint32_t least = -bound % bound; uint32_t(product) < least;)
        product = uint64_t(next()) * bound;
    return product >> 32;
  }
  /// True with this probability, in steps of 2^-32.
  bool chance(double probability) {
    return double(next()) < probability * 4294967296.0;
  }

private:
  static constexpr uint64_t kIncrement = 1442695040888963407u;
  uint64_t state = 0;
};

} // namespace gnomon

#endif // GNOMON_SUPPORT_RANDOM_H
