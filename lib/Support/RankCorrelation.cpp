// SPDX-License-Identifier: Apache-2.0
// Whether two series have the same order.

#include "gnomon/Support/RankCorrelation.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>
#include <numeric>
#include <vector>

/// Ranks from 0, shared by equal values, less their mean.
static std::vector<double> centredRanks(llvm::ArrayRef<double> values) {
  const size_t count = values.size();
  std::vector<size_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  llvm::sort(order, [&](size_t a, size_t b) {
    return values[a] != values[b] ? values[a] < values[b] : a < b;
  });
  std::vector<double> ranks(count);
  for (size_t begin = 0, end = 0; begin < count; begin = end) {
    while (end < count && values[order[end]] == values[order[begin]])
      ++end;
    for (size_t i = begin; i < end; ++i)
      ranks[order[i]] = (double(begin) + double(end) - double(count)) / 2;
  }
  return ranks;
}

double gnomon::rankCorrelation(llvm::ArrayRef<double> a,
                               llvm::ArrayRef<double> b) {
  std::vector<double> x = centredRanks(a), y = centredRanks(b);
  auto dot = [](llvm::ArrayRef<double> left, llvm::ArrayRef<double> right) {
    return std::inner_product(left.begin(), left.end(), right.begin(), 0.0);
  };
  const double norm = std::sqrt(dot(x, x) * dot(y, y));
  return norm > 0 ? dot(x, y) / norm : 0;
}
