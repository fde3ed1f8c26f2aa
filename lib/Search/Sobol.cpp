// SPDX-License-Identifier: Apache-2.0
// Points that fill a unit cube evenly.

#include "Sobol.h"

#include "gnomon/Support/Random.h"

#include "llvm/ADT/bit.h"

namespace gnomon::search {

namespace {
/// Whether the powers of x modulo this polynomial over {0, 1} are all other
/// polynomials of smaller degree. Bit i is the coefficient of x^i.
bool isPrimitive(uint32_t polynomial, unsigned degree) {
  const uint32_t order = (uint32_t(1) << degree) - 1;
  uint32_t power = 1;
  for (uint32_t i = 1; i <= order; ++i) {
    power <<= 1;
    if (power >> degree)
      power ^= polynomial;
    if (power == 1)
      return i == order;
  }
  return false;
}

/// The next primitive polynomial, by degree and then by value.
uint32_t nextPrimitive(uint32_t polynomial) {
  do
    polynomial += 2;
  while (!isPrimitive(polynomial, llvm::bit_width(polynomial) - 1));
  return polynomial;
}
} // namespace

Sobol::Sobol(size_t dimensions, uint64_t seed)
    : directions(dimensions), state(dimensions) {
  Random random(0), shift(seed);
  uint32_t polynomial = 1; // of the second coordinate on: x + 1, x^2 + x + 1
  for (size_t d = 0; d < dimensions; ++d) {
    auto &numbers = directions[d];
    unsigned degree = 0;
    if (d > 0) {
      polynomial = nextPrimitive(polynomial);
      degree = llvm::bit_width(polynomial) - 1;
    }
    for (unsigned i = 0; i < kBits; ++i) {
      if (i < degree || d == 0) {
        uint32_t odd = d == 0 ? 1 : random.below(uint32_t(1) << i) * 2 + 1;
        numbers[i] = odd << (kBits - 1 - i);
        continue;
      }
      numbers[i] = numbers[i - degree] ^ (numbers[i - degree] >> degree);
      for (unsigned k = 1; k < degree; ++k)
        if ((polynomial >> (degree - k)) & 1)
          numbers[i] ^= numbers[i - k];
    }
    state[d] = shift.next();
  }
}

std::vector<double> Sobol::next() {
  std::vector<double> point;
  point.reserve(state.size());
  for (uint32_t bits : state)
    point.push_back(double(bits) / 4294967296.0);
  unsigned bit = llvm::countr_one(index++) % kBits;
  for (size_t d = 0; d < state.size(); ++d)
    state[d] ^= directions[d][bit];
  return point;
}

} // namespace gnomon::search
