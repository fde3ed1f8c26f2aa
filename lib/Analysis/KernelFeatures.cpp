// SPDX-License-Identifier: Apache-2.0
// The feature row of a kernel: its anchor's, and what fusion adds.

#include "gnomon/Analysis/KernelFeatures.h"
#include "gnomon/Features/Rounding.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Support/xxhash.h"

using namespace gnomon;
using namespace mlir;

/// Bytes of a tensor; NaN if its type does not say.
static double tensorBytes(Type of) {
  auto type = dyn_cast<RankedTensorType>(of);
  if (!type || !type.hasStaticShape() || !type.getElementType().isIntOrFloat())
    return std::numeric_limits<double>::quiet_NaN();
  double bits = std::max(8u, type.getElementTypeBitWidth());
  double bytes = bits / 8;
  for (int64_t size : type.getShape())
    bytes *= double(size);
  return bytes;
}

static double tensorBytes(Value value) { return tensorBytes(value.getType()); }

/// A reorder reads and writes one tensor, and computes nothing.
/// It may take along a transpose from or to channels-last.
static FeatureRow layoutFeatures(const RestatedOperation &reorder,
                                 bool toBlocked) {
  FeatureRow row(KernelKind::layout);
  row.dtype = "f32";
  if (reorder.operands.empty() || reorder.results.empty())
    return row;
  Type image = toBlocked ? reorder.results[0] : reorder.operands[0];
  double bytes = tensorBytes(image);
  if (std::isnan(bytes)) {
    row.gap = "dynamic dimension";
    return row;
  }
  row.set(Feature::permutation_class,
          reorder.operands[0] == reorder.results[0] ? 0 : 1);
  auto type = cast<RankedTensorType>(image);
  double width = std::max(8u, type.getElementTypeBitWidth()) / 8.0;
  row.set(Feature::flops, 0);
  row.set(Feature::bytes_in, bytes);
  row.set(Feature::bytes_weights, 0);
  row.set(Feature::bytes_out, bytes);
  row.set(Feature::bytes, 2 * bytes);
  row.set(Feature::arithmetic_intensity, 0);
  row.set(Feature::element_bytes, width);
  row.set(Feature::elements, bytes / width);
  row.set(Feature::rank, double(type.getRank()));
  if (type.getRank() >= 2) {
    row.set(Feature::batch, double(type.getDimSize(0)));
    row.set(Feature::channels_in, double(type.getDimSize(1)));
    double channels =
        std::max<double>(1, type.getDimSize(0) * type.getDimSize(1));
    double pixels = bytes / width / channels;
    row.set(Feature::in_pixels, pixels);
    row.set(Feature::channel_stride_alignment,
            alignment(pixels * width, 65536));
    row.set(Feature::cin_waste_16,
            roundingWaste(double(type.getDimSize(1)), 16));
  }
  return row;
}

/// Bytes that the kernel reads and its anchor alone would not: tensors from
/// outside that only swallowed operations use.
static double furtherInputBytes(const Kernel &kernel) {
  double bytes = 0;
  for (Value input : kernel.inputs)
    if (!llvm::is_contained(kernel.anchor->getOperands(), input))
      if (double size = tensorBytes(input); !std::isnan(size))
        bytes += size;
  return bytes;
}

static bool isGraphInput(Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  return argument && isa<func::FuncOp>(argument.getOwner()->getParentOp());
}

/// Bytes of the kernel's operands that are inputs of the function.
static double graphInputBytes(const Kernel &kernel) {
  double bytes = 0;
  for (Value input : kernel.inputs)
    if (isGraphInput(input))
      bytes += tensorBytes(input);
  return bytes;
}

static void addFusion(const Kernel &kernel, const LoadTimeAnalysis &loadTime,
                      FeatureRow &row) {
  llvm::SmallPtrSet<Operation *, 4> folded;
  for (const FusedSlot &fused : kernel.fused)
    if (fused.folded)
      folded.insert(fused.op);
  double work = 0, activations = 0, sums = 0, count = 0;
  for (Operation *op : kernel.ops) {
    if (op == kernel.anchor || folded.contains(op))
      continue;
    ++count;
    std::optional<FeatureRow> swallowed = extractFeatures(op, &loadTime);
    if (!swallowed || !swallowed->has(Feature::elementwise_work))
      continue;
    double amount = swallowed->get(Feature::elementwise_work);
    work += amount;
    for (const FusedSlot &fused : kernel.fused) {
      if (fused.op != op)
        continue;
      activations += fused.slot == "activation" ? amount : 0;
      sums += fused.slot == "sum" ? 1 : 0;
    }
  }
  double bytes = furtherInputBytes(kernel);
  row.set(Feature::fused_op_count, count);
  row.set(Feature::fused_elementwise_work, work);
  row.set(Feature::fused_activation_work, activations);
  row.set(Feature::fused_add, sums);
  row.set(Feature::fused_input_bytes, bytes);
  row.add(Feature::flops, work);
  row.add(Feature::bytes, bytes);
}

/// Views run, but touch no data.
static FeatureRow viewFeatures() {
  FeatureRow row(KernelKind::free);
  row.set(Feature::flops, 0);
  row.set(Feature::bytes, 0);
  return row;
}

/// Several slices of one tensor in one kernel: it moves all of their results.
static FeatureRow splitFeatures(const Kernel &kernel, const FeatureRow &slice) {
  FeatureRow row = slice;
  row.kind = KernelKind::movement;
  double bytes = 0;
  for (Value output : kernel.outputs)
    bytes += tensorBytes(output);
  if (std::isnan(bytes)) {
    row.gap = "dynamic dimension";
    return row;
  }
  row.set(Feature::bytes_in, bytes);
  row.set(Feature::bytes_weights, 0);
  row.set(Feature::bytes_out, bytes);
  row.set(Feature::bytes, 2 * bytes);
  row.set(Feature::output_count, double(kernel.outputs.size()));
  if (row.has(Feature::element_bytes))
    row.set(Feature::elements, bytes / row.get(Feature::element_bytes));
  return row;
}

/// Features of an operation that stands in no function: the one that the
/// runtime made.
static std::optional<FeatureRow>
restatedFeatures(const RestatedOperation &restated, MLIRContext *context) {
  Location location = UnknownLoc::get(context);
  Block operands;
  for (Type type : restated.operands)
    operands.addArgument(type, location);
  OperationState state(location, "onnx." + restated.op);
  state.addOperands(operands.getArguments());
  state.addTypes(restated.results);
  Builder builder(context);
  for (const auto &[name, numbers] : restated.attributes) {
    bool single = name == "axis";
    state.addAttribute(
        name, single ? Attribute(builder.getI64IntegerAttr(numbers.front()))
                     : builder.getI64ArrayAttr(numbers));
  }
  OwningOpRef<Operation *> op(Operation::create(state));
  return extractFeatures(*op);
}

/// A factor for each channel that runs as a depthwise convolution costs what a
/// batch normalization costs, which runs as one, too.
static std::optional<FeatureRow> scaleFeatures(const Kernel &kernel) {
  Value image = kernel.outputs.front();
  RestatedOperation normalization;
  normalization.op = "BatchNormalization";
  normalization.operands = normalization.results = {image.getType()};
  return restatedFeatures(normalization, image.getContext());
}

/// Whether a row of the operator that the runtime puts in place says more than
/// the row of the anchor with what it swallowed: a Gelu or a layer
/// normalization found in its parts costs what a native one costs.
static bool replacesAnchor(KernelKind native, KernelKind anchor) {
  auto simple = [](KernelKind kind) {
    return kind == KernelKind::elementwise ||
           kind == KernelKind::normalization || kind == KernelKind::reduction;
  };
  return simple(anchor) && (native == KernelKind::elementwise ||
                            native == KernelKind::normalization);
}

/// The row of a kernel that replaces a pattern of simple operations by one;
/// std::nullopt if it does not. The operation is made for the extractor only.
static std::optional<FeatureRow>
replacementFeatures(const Kernel &kernel, KernelKind anchorKind,
                    const LoadTimeAnalysis &loadTime) {
  llvm::StringRef anchorName = kernel.anchor->getName().getStringRef();
  if (kernel.restated || kernel.ops.size() < 2 ||
      anchorName == "onnx." + kernel.op)
    return std::nullopt;
  MLIRContext *context = kernel.anchor->getContext();
  for (llvm::StringRef domain : {"", "com.microsoft"}) {
    OperationState state(kernel.anchor->getLoc(), "onnx.Custom");
    state.addOperands(kernel.inputs);
    state.addTypes(llvm::map_to_vector(
        kernel.outputs, [](Value value) { return value.getType(); }));
    state.addAttribute("domain_name", StringAttr::get(context, domain));
    state.addAttribute("function_name", StringAttr::get(context, kernel.op));
    Operation *native = Operation::create(state);
    std::optional<FeatureRow> row = extractFeatures(native, &loadTime);
    native->destroy();
    if (row && replacesAnchor(row->kind, anchorKind))
      return row;
  }
  return std::nullopt;
}

/// The row of a kernel that touches data.
static std::optional<FeatureRow>
dataFeatures(const Kernel &kernel, const LoadTimeAnalysis &loadTime) {
  std::optional<FeatureRow> row;
  if (kernel.restated && !kernel.outputs.empty())
    row =
        restatedFeatures(*kernel.restated, kernel.outputs.front().getContext());
  else if (kernel.anchor)
    row = extractFeatures(kernel.anchor, &loadTime);
  if (!row || !kernel.anchor)
    return row;
  if (row->kind == KernelKind::elementwise && kernel.op == "Conv")
    row = scaleFeatures(kernel);
  if (kernel.outputs.size() > kernel.anchor->getNumResults())
    return splitFeatures(kernel, *row);
  if (auto replaced = replacementFeatures(kernel, row->kind, loadTime))
    row = replaced;
  else if (kernel.ops.size() > 1)
    addFusion(kernel, loadTime, *row);
  row->set(Feature::blocked_layout, kernel.blocked ? 1 : 0);
  return row;
}

std::optional<FeatureRow>
gnomon::kernelFeatures(const Kernel &kernel, const LoadTimeAnalysis &loadTime) {
  if (kernel.view)
    return viewFeatures();
  std::optional<FeatureRow> row =
      kernel.layout ? layoutFeatures(*kernel.restated, kernel.blocked)
                    : dataFeatures(kernel, loadTime);
  if (!row)
    return row;
  // A product with a bias added is the runtime's Gemm, however it was spelled.
  if (row->kind == KernelKind::matmul &&
      (kernel.op == "Gemm" || kernel.op == "FusedGemm"))
    row->kind = KernelKind::gemm;
  row->set(Feature::operation, operationCode(kernel.op));
  row->set(Feature::bytes_graph_in, graphInputBytes(kernel));
  return row;
}

//===- Shared rows --------------------------------------------------------===//

/// As what an operation takes part, in one word.
static const void *partOf(const Kernel &kernel, Operation *op) {
  uintptr_t part = op == kernel.anchor ? 1 : 2;
  for (const FusedSlot &fused : kernel.fused)
    if (fused.op == op)
      part = part * 8 + (fused.folded                 ? 3
                         : fused.slot == "activation" ? 4
                         : fused.slot == "sum"        ? 5
                                                      : 6);
  return reinterpret_cast<const void *>(part);
}

/// The values that the kernel reads and yields.
void KernelRows::appendValues(const Kernel &kernel) {
  auto operands = kernel.anchor->getOperands();
  for (Value input : kernel.inputs) {
    uintptr_t place =
        1 + isGraphInput(input) + 2 * llvm::is_contained(operands, input);
    key.push_back(reinterpret_cast<const void *>(place));
    keys.append(input, key);
  }
  key.push_back(nullptr);
  for (Value output : kernel.outputs)
    key.push_back(output.getType().getAsOpaquePointer());
}

bool KernelRows::makeKey(const Kernel &kernel) {
  key.clear();
  // More slots than a word holds are rare.
  if (kernel.view || kernel.restated || !kernel.anchor ||
      kernel.fused.size() > 16)
    return kernel.view;
  key.push_back(&*names.insert(kernel.op).first);
  key.push_back(kernel.blocked ? this : nullptr);
  if (!keys.append(kernel.anchor, key))
    return false;
  if (kernel.ops.size() > 1)
    for (Operation *op : kernel.ops) {
      key.push_back(partOf(kernel, op));
      if (op != kernel.anchor && !keys.append(op, key))
        return false;
    }
  key.push_back(nullptr);
  appendValues(kernel);
  return true;
}

KernelRows::Row KernelRows::make(const Kernel &kernel) const {
  std::optional<FeatureRow> row = kernelFeatures(kernel, *loadTime);
  return row ? std::make_shared<const FeatureRow>(std::move(*row)) : nullptr;
}

KernelRows::Row KernelRows::get(const Kernel &kernel) {
  if (!makeKey(kernel))
    return make(kernel);
  uint64_t hash = llvm::xxh3_64bits(
      ArrayRef<uint8_t>(reinterpret_cast<const uint8_t *>(key.data()),
                        key.size() * sizeof(const void *)));
  auto [begin, end] = rows.equal_range(hash);
  for (const auto &[_, entry] : llvm::make_range(begin, end))
    if (ArrayRef(entry.key) == ArrayRef(key))
      return entry.row;
  Row row = make(kernel);
  // Of control flow, more counts than its key says.
  if (row && row->kind != KernelKind::control)
    rows.insert(
        {hash, Entry{std::vector<const void *>(key.begin(), key.end()), row}});
  return row;
}
