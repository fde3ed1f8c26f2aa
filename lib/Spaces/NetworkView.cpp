// SPDX-License-Identifier: Apache-2.0
// Operations of networks without the ways in which exporters spell them.

#include "NetworkView.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"

#include <cmath>

using namespace mlir;

namespace gnomon {

//===- Operations and constants -------------------------------------------===//

static bool isa(Operation *op, StringRef name) {
  return op && op->getName().getStringRef() == name;
}

static ArrayRef<int64_t> shapeOf(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type ? type.getShape() : ArrayRef<int64_t>();
}

static bool isConstant(Value value) {
  return isa(value.getDefiningOp(), "onnx.Constant");
}

static std::optional<double> asDouble(Attribute attribute) {
  if (auto number = dyn_cast_or_null<FloatAttr>(attribute))
    return number.getValueAsDouble();
  auto dense = dyn_cast_or_null<DenseFPElementsAttr>(attribute);
  if (!dense || !dense.isSplat() || dense.getNumElements() != 1)
    return std::nullopt;
  APFloat value = dense.getSplatValue<APFloat>();
  bool losesInfo;
  value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                &losesInfo);
  return value.convertToDouble();
}

/// The number a constant of one element holds.
static std::optional<double> scalarOf(Value value) {
  if (!isConstant(value))
    return std::nullopt;
  Operation *op = value.getDefiningOp();
  if (auto number = asDouble(op->getAttr("value_float")))
    return number;
  return asDouble(op->getAttr("value"));
}

static bool isNear(std::optional<double> number, double expected) {
  return number && std::abs(*number - expected) <= 1e-3 * std::abs(expected);
}

static SmallVector<int64_t> integersOf(Attribute attribute) {
  SmallVector<int64_t> numbers;
  if (auto list = dyn_cast_or_null<ArrayAttr>(attribute))
    for (Attribute item : list)
      if (auto number = dyn_cast<IntegerAttr>(item))
        numbers.push_back(number.getValue().getSExtValue());
  if (auto dense = dyn_cast_or_null<DenseIntElementsAttr>(attribute))
    for (const APInt &number : dense.getValues<APInt>())
      numbers.push_back(number.getSExtValue());
  return numbers;
}

static int64_t integerOf(Operation *op, StringRef name, int64_t otherwise) {
  auto number = op->getAttrOfType<IntegerAttr>(name);
  return number ? number.getValue().getSExtValue() : otherwise;
}

/// The only element of a list whose elements are equal.
static int64_t evenOf(Operation *op, StringRef name, int64_t otherwise) {
  SmallVector<int64_t> numbers = integersOf(op->getAttr(name));
  if (numbers.empty())
    return otherwise;
  return llvm::all_equal(numbers) ? numbers.front() : -1;
}

//===- What does not matter -----------------------------------------------===//

/// The operand of a sum, product ... whose other operand is `wanted`.
static Value besides(Operation *op,
                     llvm::function_ref<bool(Value, Value)> wanted) {
  if (op->getNumOperands() != 2)
    return {};
  for (unsigned index : {1u, 0u})
    if (wanted(op->getOperand(index), op->getOperand(1 - index)))
      return op->getOperand(1 - index);
  return {};
}

/// The other operand where one is the number.
static Value besidesNumber(Operation *op, double number) {
  return besides(op, [&](Value constant, Value) {
    return isNear(scalarOf(constant), number);
  });
}

static bool isZero(Value value) {
  Operation *op = value.getDefiningOp();
  if (isNear(scalarOf(value), 0))
    return true;
  if (isa(op, "onnx.Identity"))
    return isZero(op->getOperand(0));
  if (isa(op, "onnx.Mul"))
    return bool(besidesNumber(op, 0));
  return isa(op, "onnx.Add") && llvm::all_of(op->getOperands(), isZero);
}

/// Normalization spelled as products and sums by channel, or a bias.
static Value withoutAffine(Operation *op) {
  for (StringRef name : {"onnx.Add", "onnx.Sub", "onnx.Mul", "onnx.Div"})
    if (isa(op, name))
      return besides(op, [](Value constant, Value data) {
        ArrayRef<int64_t> shape = shapeOf(data);
        auto type = dyn_cast<RankedTensorType>(constant.getType());
        return isConstant(constant) && !isConstant(data) && type &&
               type.hasStaticShape() && shape.size() >= 2 &&
               type.getNumElements() == shape[1] && shape[1] > 1;
      });
  return {};
}

/// Sums with nothing and products by one.
static Value withoutNeutral(Operation *op) {
  if (isa(op, "onnx.Add")) {
    if (Value data = besidesNumber(op, 0))
      return data;
    return besides(op, [](Value zero, Value data) {
      return isZero(zero) && !isZero(data);
    });
  }
  if (isa(op, "onnx.Mul") || isa(op, "onnx.Div"))
    return besidesNumber(op, 1);
  return {};
}

static SmallVector<int64_t> withoutOnes(Value value) {
  SmallVector<int64_t> sizes(shapeOf(value));
  llvm::erase(sizes, 1);
  return sizes;
}

/// Changes of shape that move nothing.
static Value withoutReshape(Operation *op) {
  bool isMove = isa(op, "onnx.Transpose");
  if (!isMove && !isa(op, "onnx.Flatten") && !isa(op, "onnx.Reshape") &&
      !isa(op, "onnx.Squeeze") && !isa(op, "onnx.Unsqueeze"))
    return {};
  SmallVector<int64_t> sizes = withoutOnes(op->getOperand(0));
  bool isSame = sizes == withoutOnes(op->getResult(0));
  return isSame && (!isMove || sizes.size() <= 1) ? op->getOperand(0) : Value();
}

static Value withoutTransparent(Operation *op) {
  for (StringRef name : {"onnx.Identity", "onnx.Dropout", "onnx.Cast",
                         "onnx.BatchNormalization"})
    if (isa(op, name))
      return op->getOperand(0);
  bool isPool = isa(op, "onnx.AveragePool") || isa(op, "onnx.MaxPool");
  if (isPool && evenOf(op, "kernel_shape", 0) == 1 &&
      evenOf(op, "strides", 1) == 1)
    return op->getOperand(0);
  if (Value data = withoutReshape(op))
    return data;
  if (Value data = withoutNeutral(op))
    return data;
  return withoutAffine(op);
}

Value peel(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (op->getNumOperands() == 0)
      break;
    Value inner = withoutTransparent(op);
    if (!inner)
      break;
    value = inner;
  }
  return value;
}

//===- Activations --------------------------------------------------------===//

/// The data of a Clip with these bounds, given as attributes or operands.
static Value clipped(Operation *op, double low, double high) {
  if (!isa(op, "onnx.Clip") && !isa(op, "onnx.ClipV6") &&
      !isa(op, "onnx.ClipV11") && !isa(op, "onnx.ClipV12"))
    return {};
  auto bound = [&](StringRef name, unsigned index) {
    if (op->getNumOperands() > index)
      return scalarOf(op->getOperand(index));
    return asDouble(op->getAttr(name));
  };
  bool isThat = isNear(bound("min", 1), low) && isNear(bound("max", 2), high);
  return isThat ? op->getOperand(0) : Value();
}

/// The data of `data * number`, also as a quotient.
static Value scaled(Operation *op, double number) {
  if (isa(op, "onnx.Mul"))
    return besidesNumber(op, number);
  bool isThat =
      isa(op, "onnx.Div") && isNear(scalarOf(op->getOperand(1)), 1 / number);
  return isThat ? op->getOperand(0) : Value();
}

/// x of relu6(x + 3).
static Value shiftedRelu6(Value value) {
  Value sum = clipped(peel(value).getDefiningOp(), 0, 6);
  Operation *op = sum ? sum.getDefiningOp() : nullptr;
  return isa(op, "onnx.Add") ? besidesNumber(op, 3) : Value();
}

/// x of hard_sigmoid(x), however it is spelled.
static Value hardSigmoidOf(Operation *op) {
  if (isa(op, "onnx.HardSigmoid")) {
    auto real = [&](StringRef name, double otherwise) {
      return asDouble(op->getAttr(name)).value_or(otherwise);
    };
    bool isThat =
        isNear(real("alpha", 0.2), 1.0 / 6) && isNear(real("beta", 0.5), 0.5);
    return isThat ? op->getOperand(0) : Value();
  }
  Value clip = op ? scaled(op, 1.0 / 6) : Value();
  return clip ? shiftedRelu6(clip) : Value();
}

/// x of x * f(x), where `inner` takes f off.
static Value timesItself(Operation *op,
                         llvm::function_ref<Value(Value)> inner) {
  if (!isa(op, "onnx.Mul") || op->getNumOperands() != 2)
    return {};
  for (unsigned index : {0u, 1u}) {
    Value other = inner(op->getOperand(1 - index));
    if (other && peel(other) == peel(op->getOperand(index)))
      return other;
  }
  return {};
}

/// x of hard_swish(x), however it is spelled.
static Value hardSwishOf(Operation *op) {
  if (isa(op, "onnx.HardSwish"))
    return op->getOperand(0);
  if (Value x = timesItself(op, [](Value factor) {
        return hardSigmoidOf(peel(factor).getDefiningOp());
      }))
    return x;
  Value product = scaled(op, 1.0 / 6);
  return product ? timesItself(product.getDefiningOp(), shiftedRelu6) : Value();
}

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
  if (weight.size() != 2 || !isConstant(op->getOperand(1)))
    return {LayerKind::Other, {}, {}, op};
  bool isTransposed = isa(op, "onnx.Gemm") && integerOf(op, "transB", 0) != 0;
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

/// A mean over the image.
static Layer mean(Operation *op) {
  ArrayRef<int64_t> in = shapeOf(op->getOperand(0));
  SmallVector<int64_t> axes = integersOf(op->getAttr("axes"));
  if (op->getNumOperands() > 1 && isConstant(op->getOperand(1)))
    axes = integersOf(op->getOperand(1).getDefiningOp()->getAttr("value"));
  for (int64_t &axis : axes)
    axis += axis < 0 ? int64_t(in.size()) : 0;
  llvm::sort(axes);
  if (in.size() != 4 || ArrayRef<int64_t>(axes) != ArrayRef<int64_t>{2, 3})
    return {LayerKind::Other, {}, {}, op};
  return {LayerKind::GlobalPool, {in[1]}, {op->getOperand(0)}, op};
}

/// A product by zero of what the first of its terms reads.
static Layer zero(Value value) {
  Operation *op = value.getDefiningOp();
  Value data = value;
  while (!isConstant(data)) {
    Operation *inner = data.getDefiningOp();
    if (isa(inner, "onnx.Mul")) {
      data = besidesNumber(inner, 0);
      break;
    }
    bool isSecond = isa(inner, "onnx.Add") && isConstant(inner->getOperand(0));
    data = inner->getOperand(isSecond);
  }
  return {LayerKind::Zero, {}, {data}, op};
}

static Layer unary(LayerKind kind, Value data, Operation *op) {
  return {kind, {}, {data}, op};
}

static Layer activation(Operation *op) {
  if (isa(op, "onnx.Relu"))
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
  if (name == "onnx.Gemm" || name == "onnx.MatMul")
    return product(op);
  if (name == "onnx.GlobalAveragePool" && shapeOf(op->getResult(0)).size() == 4)
    return {LayerKind::GlobalPool,
            {shapeOf(op->getResult(0))[1]},
            {op->getOperand(0)},
            op};
  if (name.starts_with("onnx.ReduceMean"))
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
