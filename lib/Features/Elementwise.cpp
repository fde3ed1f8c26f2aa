// SPDX-License-Identifier: Apache-2.0
// Elementwise operators: weighted work and how operands are broadcast. Work
// weights are the arithmetic operations of common vectorised implementations
// (polynomials of exp, erf, tanh), rounded.

#include "Elementwise.h"
#include "OperatorTable.h"

using namespace gnomon;

namespace {
struct Work {
  double perElement;
  std::initializer_list<llvm::StringRef> names;
};
} // namespace

static const Work works[] = {
    {1,
     {"Abs",
      "Add",
      "And",
      "BitShift",
      "BitwiseAnd",
      "BitwiseNot",
      "BitwiseOr",
      "BitwiseXor",
      "Cast",
      "CastLike",
      "BitCast",
      "Ceil",
      "Equal",
      "Floor",
      "Greater",
      "GreaterOrEqual",
      "IsInf",
      "IsNaN",
      "Less",
      "LessOrEqual",
      "Max",
      "Mean",
      "Min",
      "Mul",
      "Neg",
      "Not",
      "Or",
      "Relu",
      "Round",
      "Sign",
      "Sub",
      "Sum",
      "Where",
      "Xor",
      "Binarizer",
      "Imputer",
      "ThresholdedRelu"}},
    {2, {"Clip", "LeakyRelu", "PRelu", "Shrink", "Scaler"}},
    {4, {"Div", "HardSigmoid", "Reciprocal", "Sqrt"}},
    {5, {"HardSwish", "Softsign", "Mod"}},
    {8, {"Exp"}},
    {10, {"Celu", "Elu", "Log", "Selu"}},
    {12, {"Erf", "Sigmoid", "Tanh"}},
    {13, {"Swish", "SwiGLU", "com.microsoft:QuickGelu"}},
    {15,
     {"Cos", "Sin", "Gelu", "com.microsoft:Gelu", "com.microsoft:BiasGelu"}},
    {16, {"com.microsoft:FastGelu"}},
    {20,
     {"Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Cosh", "Pow", "Sinh",
      "Softplus", "Tan"}},
    {30, {"Mish"}},
};

double gnomon::elementwiseWork(llvm::StringRef name) {
  for (const Work &work : works)
    if (llvm::is_contained(work.names, name))
      return work.perElement;
  return 1;
}

void gnomon::fillWork(double elements, double workPerElement, FeatureRow &row) {
  double work = elements * workPerElement;
  row.set(Feature::elementwise_work, work);
  row.set(Feature::work_per_element, workPerElement);
  row.set(Feature::flops, work);
}

/// How many dimensions are larger than one.
static unsigned varyingDims(const Tensor &tensor) {
  return llvm::count_if(tensor.shape,
                        [](int64_t extent) { return extent != 1; });
}

/// Classifies the operands that are smaller than the result.
static void fillBroadcast(const OpView &view, FeatureRow &row) {
  double size = view.result().size();
  double scalar = 0, channel = 0, general = 0;
  for (unsigned i = 0, e = view.operandCount(); i != e; ++i) {
    Tensor tensor = view.operand(i);
    if (!view.hasOperand(i) || !(tensor.size() < size))
      continue;
    unsigned varying = varyingDims(tensor);
    ++(varying == 0 ? scalar : varying == 1 ? channel : general);
  }
  row.set(Feature::broadcast_scalar, scalar);
  row.set(Feature::broadcast_channel, channel);
  row.set(Feature::broadcast_general, general);
}

namespace {
/// Counts how many elements follow each other before one operand turns from
/// varying to being repeated. Loops over broadcast operands go in such runs.
class RunCounter {
public:
  /// The next dimension, innermost first, of the operand and of the result.
  void append(double extent, double largest) {
    bool varies = extent > 1;
    if (!started)
      mode = varies;
    else if (varies != mode)
      stopped = true;
    started = true;
    if (!stopped)
      count *= largest;
  }
  double count = 1;

private:
  bool started = false, stopped = false, mode = false;
};
} // namespace

/// Dimension i from the end; 1 beyond the rank.
static double extentFromEnd(const Tensor &tensor, int64_t i) {
  return i < int64_t(tensor.rank()) ? tensor.dim(-1 - i) : 1;
}

/// Elements that two operands' loop handles in one go. Trailing dimensions of
/// size one are skipped only where both operands spell them out: a scalar
/// without dimensions against (2, 3, 1) goes element by element.
static double broadcastRun(const Tensor &a, const Tensor &b) {
  int64_t common = std::min(a.rank(), b.rank());
  int64_t rank = std::max(a.rank(), b.rank());
  RunCounter runA, runB;
  bool started = false;
  for (int64_t i = 0; i < rank; ++i) {
    double x = extentFromEnd(a, i), y = extentFromEnd(b, i);
    double largest = std::max(x, y);
    if (largest <= 1 && (started || i + 1 < common))
      continue;
    started = true;
    runA.append(x, largest);
    runB.append(y, largest);
  }
  return std::min(runA.count, runB.count);
}

static void fillBroadcastRun(const OpView &view, FeatureRow &row) {
  double run = kUnknown;
  for (unsigned i = 1, e = view.operandCount(); i < e; ++i)
    if (view.hasOperand(0) && view.hasOperand(i)) {
      double pair = broadcastRun(view.operand(0), view.operand(i));
      run = std::isnan(run) ? pair : std::min(run, pair);
    }
  row.set(Feature::broadcast_run, run);
}

static double extractElementwise(const OpView &view, FeatureRow &row) {
  // Sum, Max and the like apply their operation between many operands.
  double operands = row.get(Feature::input_count);
  double times = view.parameter == 1 ? std::max(operands - 1, 1.0) : 1;
  fillWork(view.result().size(), view.parameter * times, row);
  fillBroadcast(view, row);
  fillBroadcastRun(view, row);
  return 0;
}

/// Dequantize, compute, quantize: operand 0 and, of binary operators, 3.
static double extractQuantized(const OpView &view, FeatureRow &row) {
  fillWork(view.result().size(), view.parameter, row);
  return 0;
}

void gnomon::addElementwise(OperatorTable &table) {
  for (const Work &work : works)
    table.add(KernelKind::elementwise, extractElementwise, work.names,
              work.perElement);
  table.add(KernelKind::elementwise, extractQuantized,
            {"com.microsoft:QLinearAdd", "com.microsoft:QLinearMul",
             "com.microsoft:QLinearLeakyRelu"},
            6);
  table.add(KernelKind::elementwise, extractQuantized,
            {"com.microsoft:QLinearSigmoid"}, 16);
}
