// SPDX-License-Identifier: Apache-2.0
// Convolutions of one to three spatial dimensions, plain, transposed, fused,
// quantized and in the runtime's blocked layout.

#include "Convolution.h"
#include "Elementwise.h"
#include "MatrixProduct.h"
#include "OperatorTable.h"

using namespace gnomon;

/// Entry `i` of a list with one entry per spatial dimension; 1 if absent.
static double entry(const Ints &list, unsigned i) {
  return i < list.size() ? double(list[i]) : 1;
}

static constexpr unsigned lastDims = 3;
static constexpr Feature inDims[lastDims] = {Feature::in_d, Feature::in_h,
                                             Feature::in_w};
static constexpr Feature outDims[lastDims] = {Feature::out_d, Feature::out_h,
                                              Feature::out_w};
static constexpr Feature kernelDims[lastDims] = {
    Feature::kernel_d, Feature::kernel_h, Feature::kernel_w};

/// Sets d, h, w from a list of up to three values, aligned at w.
static void setSpatial(FeatureRow &row, const Feature (&features)[lastDims],
                       const llvm::SmallVectorImpl<double> &values) {
  unsigned n = std::min<unsigned>(values.size(), lastDims);
  for (unsigned i = 0; i != n; ++i)
    row.set(features[lastDims - 1 - i], values[values.size() - 1 - i]);
}

static double product(const llvm::SmallVectorImpl<double> &values) {
  double result = 1;
  for (double value : values)
    result *= value;
  return result;
}

void gnomon::fillImages(const Tensor &in, const Tensor &out, FeatureRow &row) {
  llvm::SmallVector<double, 4> inSizes, outSizes;
  for (unsigned i = 2; i < in.rank(); ++i) {
    inSizes.push_back(in.dim(i));
    outSizes.push_back(out.dim(i));
  }
  row.set(Feature::batch, in.dim(0));
  row.set(Feature::channels_in, in.dim(1));
  row.set(Feature::channels_out, out.dim(1));
  setSpatial(row, inDims, inSizes);
  setSpatial(row, outDims, outSizes);
  row.set(Feature::in_pixels, in.ranked ? product(inSizes) : kUnknown);
  row.set(Feature::out_pixels, in.ranked ? product(outSizes) : kUnknown);
  row.set(Feature::channel_stride_alignment,
          alignment(row.get(Feature::in_pixels) * in.elementBytes(), 65536));
}

/// Padding of both ends of spatial dimension `i` of `n`.
static double padding(const OpView &view, const Ints &pads,
                      llvm::StringRef autoPad, unsigned i, unsigned n,
                      double in, double out, double reach, double stride) {
  if (autoPad.starts_with("SAME"))
    return std::max((out - 1) * stride + reach - in, 0.0);
  if (pads.size() != 2 * n)
    return 0;
  return double(pads[i]) + double(pads[n + i]);
}

/// How many of the taps of all windows along one dimension meet a pixel.
static double tapsInside(double in, double out, double taps, double dilation,
                         double stride, double padBegin) {
  // Sizes come from files: bound the walk, larger windows than images included.
  if (!(taps >= 1 && taps <= 65536))
    return kUnknown;
  double inside = 0;
  for (double tap = 0; tap < taps; ++tap) {
    // Positions p with 0 <= p * stride + offset < in.
    double offset = tap * dilation - padBegin;
    double first = std::max(0.0, std::ceil(-offset / stride));
    double last = std::min(out - 1, std::floor((in - 1 - offset) / stride));
    inside += std::max(0.0, last - first + 1);
  }
  return inside;
}

double gnomon::fillWindow(const OpView &view, const Tensor &in,
                          const Tensor &out,
                          const llvm::SmallVectorImpl<double> &kernel,
                          FeatureRow &row) {
  unsigned n = kernel.size();
  Ints strides = view.attrInts("strides");
  Ints dilations = view.attrInts("dilations");
  Ints pads = view.attrInts("pads");
  llvm::StringRef autoPad = view.attrString("auto_pad", "NOTSET");
  double padTotal = 0, insideShare = 1;
  bool lower = autoPad == "SAME_LOWER", same = autoPad.starts_with("SAME");
  for (unsigned i = 0; i != n; ++i) {
    double stride = entry(strides, i), dilation = entry(dilations, i);
    double reach = (kernel[i] - 1) * dilation + 1;
    double pad = padding(view, pads, autoPad, i, n, in.dim(i + 2),
                         out.dim(i + 2), reach, stride);
    padTotal += pad;
    double begin = same ? (lower ? std::ceil(pad / 2) : std::floor(pad / 2))
                   : pads.size() == 2 * n ? double(pads[i])
                                          : 0;
    insideShare *= tapsInside(in.dim(i + 2), out.dim(i + 2), kernel[i],
                              dilation, stride, begin) /
                   (out.dim(i + 2) * kernel[i]);
    if (i + 2 == n || i + 1 == n) {
      bool width = i + 1 == n;
      row.set(width ? Feature::stride_w : Feature::stride_h, stride);
      row.set(width ? Feature::dilation_w : Feature::dilation_h, dilation);
      row.set(width ? Feature::pad_w : Feature::pad_h, pad);
    }
  }
  row.set(Feature::pad_total, padTotal);
  row.set(Feature::tap_inside_share, insideShare);
  setSpatial(row, kernelDims, kernel);
  double area = product(kernel);
  row.set(Feature::kernel_area, area);
  return area;
}

static KernelKind convolutionKind(double groups, double cin, double area) {
  if (groups > 1)
    return groups == cin ? KernelKind::conv_depthwise
                         : KernelKind::conv_grouped;
  return area == 1 ? KernelKind::conv_pointwise : KernelKind::conv;
}

static void fillGroups(double groups, double cin, double cout,
                       FeatureRow &row) {
  row.set(Feature::groups, groups);
  row.set(Feature::group_channels_in, cin);
  row.set(Feature::group_channels_out, cout);
  row.set(Feature::cin_waste_8, roundingWaste(cin, 8));
  row.set(Feature::cout_waste_8, roundingWaste(cout, 8));
  row.set(Feature::cin_waste_16, roundingWaste(cin, 16));
  row.set(Feature::cout_waste_16, roundingWaste(cout, 16));
}

static llvm::SmallVector<double, 4> kernelSizes(const Tensor &weights) {
  llvm::SmallVector<double, 4> sizes;
  for (unsigned i = 2; i < weights.rank(); ++i)
    sizes.push_back(weights.dim(i));
  return sizes;
}

/// What FusedConv does beyond a Conv: an activation, a sum with operand 3.
static void fillFused(const OpView &view, FeatureRow &row) {
  llvm::StringRef activation = view.attrString("activation");
  double ops = 0, work = 0;
  if (!activation.empty()) {
    work = elementwiseWork(activation) * row.get(Feature::elements);
    row.set(Feature::fused_activation_work, work);
    ++ops;
  }
  if (view.hasOperand(3) &&
      view.op->getName().getStringRef() == "onnx.Custom") {
    row.set(Feature::fused_add, 1);
    row.set(Feature::fused_input_bytes, view.operand(3).bytes());
    work += row.get(Feature::elements);
    ++ops;
  }
  if (ops == 0)
    return;
  row.set(Feature::fused_op_count, ops);
  row.set(Feature::fused_elementwise_work, work);
  row.add(Feature::flops, work);
}

/// `weights` is the operand with the filter.
static double extractConvolution(const OpView &view, FeatureRow &row,
                                 unsigned weights) {
  Tensor in = view.operand(0), filter = view.operand(weights);
  Tensor out = view.result();
  fillImages(in, out, row);
  double area = fillWindow(view, in, out, kernelSizes(filter), row);
  double groups = view.attrInt("group", 1);
  double cin = filter.dim(1), cout = filter.dim(0) / groups;
  row.kind = convolutionKind(groups, groups * cin, area);
  fillGroups(groups, cin, cout, row);
  fillProduct(
      {row.get(Feature::out_pixels), cout, cin * area, in.dim(0) * groups},
      row);
  row.set(Feature::gemm_b_weight, view.isWeight(weights));
  return 0;
}

static double extractConv(const OpView &view, FeatureRow &row) {
  double scratch = extractConvolution(view, row, 1);
  fillFused(view, row);
  return scratch;
}

static double extractBlockedConv(const OpView &view, FeatureRow &row) {
  row.set(Feature::blocked_layout, 1);
  return extractConv(view, row);
}

static double extractQuantizedConv(const OpView &view, FeatureRow &row) {
  return extractConvolution(view, row, /*weights=*/3);
}

/// Offsets (and masks) per kernel tap are read; each tap is a bilinear sample.
static double extractDeformConv(const OpView &view, FeatureRow &row) {
  extractConvolution(view, row, 1);
  double samples = row.get(Feature::batch) * row.get(Feature::out_pixels) *
                   row.get(Feature::kernel_area) *
                   row.get(Feature::channels_in);
  row.add(Feature::flops, 8 * samples);
  row.set(Feature::index_count, samples);
  return samples * row.get(Feature::element_bytes);
}

/// A causal convolution of (batch, channels, length) with a depthwise filter
/// (channels, 1, taps) and the last inputs as state.
static double extractCausalConv(const OpView &view, FeatureRow &row) {
  Tensor in = view.operand(0), filter = view.operand(1);
  fillImages(in, view.result(), row);
  double area = fillWindow(view, in, view.result(), kernelSizes(filter), row);
  row.kind = KernelKind::conv_depthwise;
  fillGroups(in.dim(1), 1, 1, row);
  fillProduct({row.get(Feature::out_pixels), 1, area, in.dim(0) * in.dim(1)},
              row);
  row.set(Feature::causal, 1);
  fillFused(view, row);
  return 0;
}

/// Every input pixel meets the whole filter (cin, cout / groups, kernel...).
static double extractConvTranspose(const OpView &view, FeatureRow &row) {
  Tensor in = view.operand(0), filter = view.operand(1);
  fillImages(in, view.result(), row);
  double area = fillWindow(view, in, view.result(), kernelSizes(filter), row);
  double groups = view.attrInt("group", 1);
  double cin = filter.dim(0) / groups, cout = filter.dim(1);
  fillGroups(groups, cin, cout, row);
  double pixels = row.get(Feature::in_pixels);
  fillProduct({pixels, cout * area, cin, in.dim(0) * groups}, row);
  row.set(Feature::gemm_b_weight, view.isWeight(1));
  return pixels * cout * area * groups * in.elementBytes();
}

void gnomon::addConvolutions(OperatorTable &table) {
  table.add(KernelKind::conv, extractConv,
            {"Conv", "ConvInteger", "com.microsoft:FusedConv"});
  table.add(KernelKind::conv, extractBlockedConv, {"com.microsoft.nchwc:Conv"});
  table.add(KernelKind::conv, extractQuantizedConv,
            {"QLinearConv", "com.microsoft:QLinearConv"});
  table.add(KernelKind::conv, extractDeformConv, {"DeformConv"});
  table.add(KernelKind::conv_depthwise, extractCausalConv,
            {"CausalConvWithState"});
  table.add(KernelKind::conv_transpose, extractConvTranspose,
            {"ConvTranspose", "com.microsoft:ConvTransposeWithDynamicPads"});
}
