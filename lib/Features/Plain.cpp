// SPDX-License-Identifier: Apache-2.0
// Operators with little to say: views, control flow, quantization, and those
// described by traffic and elements alone.

#include "Elementwise.h"
#include "OperatorTable.h"
#include "gnomon/Features/Extract.h"

using namespace gnomon;

/// Views and queries of shapes: nothing is read or written.
static double extractFree(const OpView &view, FeatureRow &row) {
  for (Feature feature : {Feature::flops, Feature::bytes_in,
                          Feature::bytes_weights, Feature::bytes_out})
    row.set(feature, 0);
  return 0;
}

/// Free in inference; with training_mode (operand 2) it masks.
static double extractDropout(const OpView &view, FeatureRow &row) {
  std::optional<Ints> training = view.constantInts(2);
  if (!view.hasOperand(2) || (training && (*training)[0] == 0))
    return extractFree(view, row);
  row.kind = KernelKind::elementwise;
  fillWork(view.result().size(), 20, row);
  return 0;
}

/// Larger trip counts stand for "until the condition says so".
static constexpr int64_t largestTripCount = 1000000000;

static std::optional<int64_t> loopCount(const OpView &view) {
  std::optional<Ints> count = view.constantInts(0);
  if (!count || count->size() != 1 || (*count)[0] < 0 ||
      (*count)[0] > largestTripCount ||
      (view.hasOperand(1) && !view.isWeight(1)))
    return std::nullopt;
  return (*count)[0];
}

static std::optional<int64_t> scanCount(const OpView &view) {
  double scanned = view.attrInt("num_scan_inputs", 0);
  if (scanned < 1 || scanned > view.operandCount())
    return std::nullopt;
  Tensor first = view.operand(view.operandCount() - unsigned(scanned));
  Ints axes = view.attrInts("scan_input_axes");
  double size = first.dim(axes.empty() ? 0 : axes.front());
  return size >= 0 ? std::optional(int64_t(size)) : std::nullopt;
}

std::optional<int64_t> gnomon::tripCount(mlir::Operation *op) {
  OpView view(op, KernelKind::control, 0, nullptr);
  std::string name = operatorName(op);
  return name == "Loop"   ? loopCount(view)
         : name == "Scan" ? scanCount(view)
                          : std::nullopt;
}

/// The bodies have rows of their own; what is left is to start them.
static double extractControl(const OpView &view, FeatureRow &row) {
  std::string name = operatorName(view.op);
  if (name == "If")
    row.gap = "which of its branches runs is known only at run time";
  else if (!tripCount(view.op))
    row.gap = "how often its bodies run is known only at run time";
  for (Feature feature : {Feature::flops, Feature::bytes_in,
                          Feature::bytes_weights, Feature::bytes_out})
    row.set(feature, 0);
  return 0;
}

/// Sequences and optionals: handles change hands, tensors may be copied.
static double extractSequence(const OpView &view, FeatureRow &row) {
  row.set(Feature::flops, 0);
  return 0;
}

static double extractPlain(const OpView &view, FeatureRow &row) {
  fillWork(row.get(Feature::elements), view.parameter, row);
  return 0;
}

/// Fourier transforms: 5 n log n operations per line of n.
static double extractFourier(const OpView &view, FeatureRow &row) {
  Tensor out = view.result();
  int64_t axis = view.axis(-2, out.rank());
  if (std::optional<Ints> operand = view.constantInts(2);
      operand && view.op->getName().getStringRef() == "onnx.DFT")
    axis = (*operand)[0];
  double length = std::max(out.dim(axis), 2.0);
  row.set(Feature::reduced_size, length);
  fillWork(out.size(), 5 * std::log2(length), row);
  return 0;
}

/// Determinants of square matrices by elimination.
static double extractDeterminant(const OpView &view, FeatureRow &row) {
  Tensor in = view.operand(0);
  row.set(Feature::reduced_size, in.dim(-1));
  fillWork(in.size(), std::max(in.dim(-1), 1.0) * 2 / 3, row);
  return 0;
}

void gnomon::addPlain(OperatorTable &table) {
  table.add(KernelKind::free, extractFree,
            {"Constant", "NoValue", "Identity", "Reshape", "Flatten", "Squeeze",
             "Unsqueeze", "Shape", "Size", "Dim", "DimGroup", "Return", "Yield",
             "EntryPoint", "com.microsoft:ExpandDims"});
  table.add(KernelKind::free, extractDropout, {"Dropout"});
  table.add(KernelKind::control, extractControl,
            {"If", "Loop", "Scan", "SequenceMap"});
  table.add(KernelKind::control, extractSequence,
            {"SequenceAt", "SequenceConstruct", "SequenceEmpty",
             "SequenceErase", "SequenceInsert", "SequenceLength",
             "ConcatFromSequence", "SplitToSequence", "Optional",
             "OptionalGetElement", "OptionalHasElement", "ZipMap"});
  table.add(KernelKind::quantize, extractPlain,
            {"QuantizeLinear", "com.microsoft:QuantizeLinear"}, 4);
  table.add(KernelKind::quantize, extractPlain,
            {"DequantizeLinear", "com.microsoft:DequantizeLinear"}, 2);
  table.add(KernelKind::quantize, extractPlain, {"DynamicQuantizeLinear"}, 6);
  table.add(KernelKind::other, extractFourier, {"DFT", "STFT"});
  table.add(KernelKind::other, extractDeterminant, {"Det"});
  table.add(KernelKind::other, extractPlain,
            {"RandomNormal", "RandomNormalLike", "RandomUniform",
             "RandomUniformLike", "Bernoulli", "Multinomial", "HannWindow",
             "HammingWindow", "BlackmanWindow"},
            20);
  table.add(KernelKind::other, extractPlain,
            {"AffineGrid",
             "Compress",
             "ImageDecoder",
             "MelWeightMatrix",
             "NonMaxSuppression",
             "NonZero",
             "Unique",
             "RegexFullMatch",
             "StringConcat",
             "StringNormalizer",
             "StringSplit",
             "TfIdfVectorizer",
             "NegativeLogLikelihoodLoss",
             "SoftmaxCrossEntropyLoss",
             "Adagrad",
             "Adam",
             "Gradient",
             "Momentum",
             "CastMap",
             "CategoryMapper",
             "DictVectorizer",
             "FeatureVectorizer",
             "LabelEncoder",
             "LinearClassifier",
             "LinearRegressor",
             "OneHotEncoder",
             "SVMClassifier",
             "SVMRegressor",
             "TreeEnsemble",
             "TreeEnsembleClassifier",
             "TreeEnsembleRegressor"});
}
