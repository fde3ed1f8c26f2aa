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

static double extractElementwise(const OpView &view, FeatureRow &row) {
  // Sum, Max and the like apply their operation between many operands.
  double operands = row.get(Feature::input_count);
  double times = view.parameter == 1 ? std::max(operands - 1, 1.0) : 1;
  fillWork(view.result().size(), view.parameter * times, row);
  fillBroadcast(view, row);
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
