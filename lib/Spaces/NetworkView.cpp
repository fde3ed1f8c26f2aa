// SPDX-License-Identifier: Apache-2.0
// Operations of networks without the ways in which exporters spell them.

#include "NetworkView.h"

#include "OnnxForms.h"

using namespace mlir;
using namespace gnomon::forms;

namespace gnomon {

//===- Layers -------------------------------------------------------------===//

static Layer linear(Operation *op, int64_t in, int64_t out) {
  return {LayerKind::Linear, {in, out}, {op->getOperand(0)}, op};
}

static Layer convolution(Operation *op) {
  ArrayRef<int64_t> weight = shapeOf(op->getOperand(1));
  ArrayRef<int64_t> out = shapeOf(op->getResult(0));
  if (weight.size() != 4 || out.size() != 4)
    return {LayerKind::Other, {}, {}, op};
  int64_t groups = integerOf(op, "group", 1);
  ArrayRef<int64_t> in = shapeOf(op->getOperand(0));
  bool isPoint = weight[2] == 1 && weight[3] == 1 && groups == 1 &&
                 in.size() == 4 && in[2] == 1 && in[3] == 1;
  if (isPoint)
    return linear(op, weight[1], weight[0]);
  return {LayerKind::Conv,
          {weight[2], weight[3], evenOf(op, "strides", 1),
           evenOf(op, "dilations", 1), groups, weight[1] * groups, weight[0],
           out[2], out[3]},
          {op->getOperand(0)},
          op};
}

static Layer product(Operation *op) {
  ArrayRef<int64_t> weight = shapeOf(op->getOperand(1));
  bool isGemm = isOp(op, "onnx.Gemm");
  if (weight.size() != 2 || !(isGemm || isConstant(op->getOperand(1))))
    return {LayerKind::Other, {}, {}, op};
  bool isTransposed = isGemm && integerOf(op, "transB", 0) != 0;
  return linear(op, weight[isTransposed], weight[!isTransposed]);
}

static Layer pool(Operation *op, LayerKind kind) {
  ArrayRef<int64_t> in = shapeOf(op->getOperand(0));
  ArrayRef<int64_t> out = shapeOf(op->getResult(0));
  if (in.size() != 4 || out.size() != 4)
    return {LayerKind::Other, {}, {}, op};
  SmallVector<int64_t> kernel = integersOf(op->getAttr("kernel_shape"));
  bool isGlobal = kind == LayerKind::AveragePool &&
                  ArrayRef<int64_t>(kernel) == in.drop_front(2) &&
                  out[2] == 1 && out[3] == 1;
  if (isGlobal)
    return {LayerKind::GlobalPool, {in[1]}, {op->getOperand(0)}, op};
  return {kind,
          {evenOf(op, "kernel_shape", -1), evenOf(op, "strides", 1), out[2],
           out[3]},
          {op->getOperand(0)},
          op};
}

/// The dimensions of the operand that a mean is taken over.
static SmallVector<int64_t> axesOf(Operation *op) {
  SmallVector<int64_t> axes = integersOf(op->getAttr("axes"));
  if (op->getNumOperands() > 1 && isConstant(op->getOperand(1)))
    axes = integersOf(op->getOperand(1).getDefiningOp()->getAttr("value"));
  for (int64_t &axis : axes)
    axis += axis < 0 ? int64_t(shapeOf(op->getOperand(0)).size()) : 0;
  llvm::sort(axes);
  return axes;
}

static bool isMean(Operation *op) {
  return op && op->getNumOperands() > 0 &&
         op->getName().getStringRef().starts_with("onnx.ReduceMean");
}

/// A mean over the image, at once or over one direction after the other.
static Layer mean(Operation *op) {
  Layer other{LayerKind::Other, {}, {}, op};
  SmallVector<int64_t> axes = axesOf(op);
  Value image = op->getOperand(0);
  if (axes.size() == 1 && axes.front() >= 2) {
    Operation *inner = peel(image).getDefiningOp();
    if (!isMean(inner))
      return other;
    axes = axesOf(inner);
    image = inner->getOperand(0);
    if (axes.size() != 1 || axes.front() < 2 ||
        withoutOnes(op->getResult(0)).size() > 2)
      return other;
    axes = {2, 3};
  }
  ArrayRef<int64_t> in = shapeOf(image);
  if (in.size() != 4 || ArrayRef<int64_t>(axes) != ArrayRef<int64_t>{2, 3})
    return other;
  return {LayerKind::GlobalPool, {in[1]}, {image}, op};
}

/// A product by zero of what the first of its terms reads.
static Layer zero(Value value) {
  Operation *op = value.getDefiningOp();
  Value data = value;
  while (!isConstant(data)) {
    Operation *inner = data.getDefiningOp();
    if (isOp(inner, "onnx.Mul")) {
      data = besidesNumber(inner, 0);
      break;
    }
    bool isSecond = isOp(inner, "onnx.Add") && isConstant(inner->getOperand(0));
    data = inner->getOperand(isSecond);
  }
  return {LayerKind::Zero, {}, {data}, op};
}

static Layer unary(LayerKind kind, Value data, Operation *op) {
  return {kind, {}, {data}, op};
}

static Layer activation(Operation *op) {
  if (isOp(op, "onnx.Relu"))
    return unary(LayerKind::Relu, op->getOperand(0), op);
  if (Value x = hardSwishOf(op))
    return unary(LayerKind::HardSwish, x, op);
  if (Value x = hardSigmoidOf(op))
    return unary(LayerKind::HardSigmoid, x, op);
  if (Value x = clipped(op, 0, 6))
    return unary(LayerKind::Relu6, x, op);
  return {LayerKind::Other, {}, {}, op};
}

static Layer plain(Operation *op) {
  StringRef name = op->getName().getStringRef();
  if (name == "onnx.Conv" && op->getNumOperands() >= 2)
    return convolution(op);
  if ((name == "onnx.Gemm" || name == "onnx.MatMul") &&
      op->getNumOperands() >= 2)
    return product(op);
  if (name == "onnx.GlobalAveragePool" && shapeOf(op->getResult(0)).size() == 4)
    return {LayerKind::GlobalPool,
            {shapeOf(op->getResult(0))[1]},
            {op->getOperand(0)},
            op};
  if (isMean(op))
    return mean(op);
  if (name == "onnx.AveragePool")
    return pool(op, LayerKind::AveragePool);
  if (name == "onnx.MaxPool")
    return pool(op, LayerKind::MaxPool);
  if (name == "onnx.Reshape" && !shapeOf(op->getResult(0)).empty())
    return {LayerKind::Reshape,
            SmallVector<int64_t, 10>(shapeOf(op->getResult(0)).drop_front()),
            {op->getOperand(0)},
            op};
  if (name == "onnx.Transpose")
    return {LayerKind::Transpose,
            SmallVector<int64_t, 10>(integersOf(op->getAttr("perm"))),
            {op->getOperand(0)},
            op};
  bool isPair = op->getNumOperands() == 2;
  if (isPair &&
      (name == "onnx.Add" || name == "onnx.Sum" || name == "onnx.Mul"))
    return {name == "onnx.Mul" ? LayerKind::Mul : LayerKind::Add,
            {},
            {op->getOperand(0), op->getOperand(1)},
            op};
  return {LayerKind::Other, {}, {}, op};
}

Layer layerOf(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return {LayerKind::Input, {}, {}, nullptr};
  if (op->getName().getDialectNamespace() != "onnx" ||
      op->getNumOperands() == 0)
    return {LayerKind::Other, {}, {}, op};
  if (isZero(value))
    return zero(value);
  Layer layer = activation(op);
  return layer.kind == LayerKind::Other ? plain(op) : layer;
}

//===- Descriptions -------------------------------------------------------===//

static std::string sizes(int64_t height, int64_t width) {
  return std::to_string(height) + "x" + std::to_string(width);
}

static std::string describePool(const Layer &layer, const char *what) {
  return sizes(layer.numbers[0], layer.numbers[0]) + " " + what +
         " pooling, stride " + std::to_string(layer.numbers[1]) + ", to " +
         sizes(layer.numbers[2], layer.numbers[3]);
}

static std::string describeConv(ArrayRef<int64_t> numbers) {
  std::string text = sizes(numbers[0], numbers[1]) + " convolution of " +
                     std::to_string(numbers[5]) + " to " +
                     std::to_string(numbers[6]) + " channels";
  if (numbers[4] != 1)
    text += " in " + std::to_string(numbers[4]) + " groups";
  if (numbers[3] != 1)
    text += ", dilation " + std::to_string(numbers[3]);
  return text + ", stride " + std::to_string(numbers[2]) + ", to " +
         sizes(numbers[7], numbers[8]);
}

std::string describe(const Layer &layer) {
  switch (layer.kind) {
  case LayerKind::Input:
    return "the input";
  case LayerKind::Conv:
    return describeConv(layer.numbers);
  case LayerKind::Linear:
    return "linear layer of " + std::to_string(layer.numbers[0]) + " to " +
           std::to_string(layer.numbers[1]) + " features";
  case LayerKind::Relu:
    return "relu";
  case LayerKind::Relu6:
    return "relu6";
  case LayerKind::HardSwish:
    return "hard swish";
  case LayerKind::HardSigmoid:
    return "hard sigmoid";
  case LayerKind::Add:
    return "sum";
  case LayerKind::Mul:
    return "product";
  case LayerKind::Zero:
    return "product by zero";
  case LayerKind::GlobalPool:
    return "mean over an image of " + std::to_string(layer.numbers[0]) +
           " channels";
  case LayerKind::MaxPool:
    return describePool(layer, "max");
  case LayerKind::AveragePool:
    return describePool(layer, "average");
  case LayerKind::Reshape:
    return "reshape";
  case LayerKind::Transpose:
    return "transpose";
  case LayerKind::Other:
    return layer.op ? layer.op->getName().getStringRef().str()
                    : std::string("nothing");
  }
  return "nothing";
}

} // namespace gnomon
