// SPDX-License-Identifier: Apache-2.0
// How long a GPU takes for a matrix product that it works off in tiles.

#include "gnomon/Cost/TiledProduct.h"
#include <algorithm>

using namespace gnomon;

namespace {

/// A part of the result that one multiprocessor computes at a time.
struct Tile {
  double rows, columns;
  double efficiency; ///< share of the peak inside
  double together;   ///< how many a multiprocessor needs to hide its latencies
};
constexpr Tile tiles[] = {{32, 32, 0.4, 2},
                          {64, 64, 0.65, 2},
                          {128, 64, 0.8, 1.7},
                          {64, 128, 0.8, 1.7},
                          {128, 128, 0.8, 1}};

/// Steps of a sum's length that a tile takes to begin and to end.
constexpr double tileOverhead = 12;

/// The shortest part of a sum that is worth a multiprocessor of its own.
constexpr double shortestPart = 64;

/// Share of the bandwidth that a kernel reaches at best.
constexpr double reachedBandwidth = 0.7;

/// A device as the model of tiles sees it.
class TileModel {
public:
  TileModel(const FeatureRow &row, const DeviceSpec &device)
      : peakOfOne(
            device.peak(row.dtype) /
            device.smCount.value_or(std::numeric_limits<double>::quiet_NaN())),
        sms(device.smCount.value_or(0)), bandwidth(device.memoryBandwidth) {}

  /// Microseconds of the best tile.
  double productUs(const ProductSize &size, bool maySplitSums) const;
  /// Microseconds by Winograd's algorithm with t x t outputs a tile.
  double winogradUs(const FeatureRow &row, double t) const;
  double trafficUs(double bytes) const { return bytes / bandwidth * 1e6; }

private:
  /// `slots`: tiles a multiprocessor.
  double roundsUs(const Tile &tile, double k, double slots) const {
    double flops = 2 * tile.rows * tile.columns * (k + tileOverhead);
    return flops / peakOfOne / tile.efficiency *
           std::max(tile.together, std::ceil(slots)) * 1e6;
  }
  double splitUs(const Tile &tile, const ProductSize &size, double slots) const;

  double peakOfOne, sms, bandwidth;
};

} // namespace

/// With every sum in several parts, which are added up at the end.
double TileModel::splitUs(const Tile &tile, const ProductSize &size,
                          double slots) const {
  double parts = std::clamp(std::floor(tile.together / slots), 1.0,
                            std::max(size.k / shortestPart, 1.0));
  if (!(parts > 1))
    return std::numeric_limits<double>::infinity();
  return roundsUs(tile, size.k / parts, slots * parts) +
         trafficUs(size.m * size.n * 8 * parts);
}

double TileModel::productUs(const ProductSize &size, bool maySplitSums) const {
  double best = std::numeric_limits<double>::infinity();
  for (const Tile &tile : tiles) {
    double slots = size.batch * std::ceil(size.m / tile.rows) *
                   std::ceil(size.n / tile.columns) / sms;
    best = std::min(best, roundsUs(tile, size.k, slots));
    if (maySplitSums && size.batch == 1 && slots < tile.together)
      best = std::min(best, splitUs(tile, size, slots));
  }
  return best;
}

double TileModel::winogradUs(const FeatureRow &row, double t) const {
  double patches = row.get(Feature::batch) *
                   std::ceil(row.get(Feature::out_h) / t) *
                   std::ceil(row.get(Feature::out_w) / t);
  double points = (t + 2) * (t + 2);
  double in = row.get(Feature::channels_in);
  double out = row.get(Feature::channels_out);
  double overhead = t == 2 ? 2 : 1.45;
  double bytes = 8 * points * (0.25 * patches * (in + out) + in * out);
  return productUs({points, patches, out, in}, /*maySplitSums=*/false) *
             overhead +
         trafficUs(bytes);
}

/// Whether Winograd's algorithm for 3 x 3 kernels applies.
static bool isWinograd(const FeatureRow &row) {
  auto both = [&](Feature h, Feature w, double value) {
    return row.get(h) == value && row.get(w) == value;
  };
  return row.get(Feature::groups) == 1 &&
         both(Feature::kernel_h, Feature::kernel_w, 3) &&
         both(Feature::stride_h, Feature::stride_w, 1) &&
         both(Feature::dilation_h, Feature::dilation_w, 1);
}

ProductSize ProductSize::of(const FeatureRow &row) {
  ProductSize size = {row.get(Feature::gemm_batch), row.get(Feature::gemm_m),
                      row.get(Feature::gemm_n), row.get(Feature::gemm_k)};
  if (row.has(Feature::groups)) {
    size.m *= row.get(Feature::batch);
    size.batch = row.get(Feature::groups);
  }
  return size;
}

double gnomon::tiledUs(const FeatureRow &row, const DeviceSpec &device) {
  if (!row.has(Feature::gemm_m) || !device.smCount)
    return std::numeric_limits<double>::quiet_NaN();
  TileModel model(row, device);
  bool isConvolution = row.has(Feature::groups);
  double best = model.productUs(ProductSize::of(row), !isConvolution);
  if (isConvolution && isWinograd(row))
    for (double t : {2.0, 4.0})
      best = std::min(best, model.winogradUs(row, t));
  return std::max(model.trafficUs(row.bytes()) / reachedBandwidth, best);
}
