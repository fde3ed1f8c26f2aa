// SPDX-License-Identifier: Apache-2.0
// Resampling of images: resizing, grid sampling, aligned regions.

#include "Convolution.h"
#include "Elementwise.h"
#include "OperatorTable.h"

using namespace gnomon;

enum ResizeMode { Nearest = 0, Linear = 1, Cubic = 2 };

static ResizeMode modeOf(llvm::StringRef name) {
  if (name.contains("cubic"))
    return Cubic;
  return name.contains("linear") ? Linear : Nearest;
}

/// Operations per output element: samples of the neighbourhood, weighted.
static double workOf(ResizeMode mode, double varying) {
  if (mode == Nearest)
    return 2;
  return 3 * std::pow(mode == Linear ? 2.0 : 4.0, varying);
}

static void fillScales(const Tensor &in, const Tensor &out, FeatureRow &row) {
  row.set(Feature::scale_w, out.dim(-1) / in.dim(-1));
  if (in.rank() > 1)
    row.set(Feature::scale_h, out.dim(-2) / in.dim(-2));
}

/// How many dimensions change their size.
static double resizedDims(const Tensor &in, const Tensor &out) {
  double count = 0;
  for (unsigned i = 0, e = std::min(in.rank(), out.rank()); i != e; ++i)
    count += in.dim(i) != out.dim(i);
  return count;
}

static double extractResize(const OpView &view, FeatureRow &row) {
  Tensor in = view.operand(0), out = view.result();
  ResizeMode mode = modeOf(view.attrString("mode", "nearest"));
  fillImages(in, out, row);
  fillScales(in, out, row);
  row.set(Feature::resize_mode, mode);
  fillWork(out.size(), workOf(mode, resizedDims(in, out)), row);
  return 0;
}

static double extractBlockedUpsample(const OpView &view, FeatureRow &row) {
  row.set(Feature::blocked_layout, 1);
  return extractResize(view, row);
}

/// One sample of all channels for every point of the grid.
static double extractGridSample(const OpView &view, FeatureRow &row) {
  Tensor in = view.operand(0), out = view.result();
  ResizeMode mode = modeOf(view.attrString("mode", "linear"));
  fillImages(in, out, row);
  fillScales(in, out, row);
  row.set(Feature::resize_mode, mode);
  row.set(Feature::index_count, out.size() / out.dim(1));
  double spatial = in.rank() > 2 ? in.rank() - 2 : 1;
  fillWork(out.size(), workOf(mode, spatial) + 4, row);
  return 0;
}

/// Every output pixel is a mean (or maximum) of bilinear samples; without a
/// sampling ratio two by two of them are assumed.
static double extractRoiAlign(const OpView &view, FeatureRow &row) {
  Tensor in = view.operand(0), out = view.result();
  double ratio = view.attrInt("sampling_ratio", 0);
  double samples = ratio > 0 ? ratio * ratio : 4;
  fillImages(in, out, row);
  row.set(Feature::resize_mode, Linear);
  row.set(Feature::index_count, samples * out.size() / out.dim(1));
  fillWork(out.size(), samples * workOf(Linear, 2), row);
  return 0;
}

void gnomon::addResizing(OperatorTable &table) {
  table.add(KernelKind::resize, extractResize, {"Resize", "Upsample"});
  table.add(KernelKind::resize, extractBlockedUpsample,
            {"com.microsoft.nchwc:Upsample"});
  table.add(KernelKind::resize, extractGridSample,
            {"GridSample", "com.microsoft:GridSample"});
  table.add(KernelKind::resize, extractRoiAlign, {"RoiAlign"});
}
