// SPDX-License-Identifier: Apache-2.0
// How exporters spell constants, activations and what does not matter.

#include "OnnxForms.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"

#include <cmath>

using namespace mlir;

namespace gnomon::forms {

//===- Operations and constants -------------------------------------------===//

bool isOp(Operation *op, StringRef name) {
  return op && op->getName().getStringRef() == name;
}

ArrayRef<int64_t> shapeOf(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type ? type.getShape() : ArrayRef<int64_t>();
}

/// Operations come from files: nothing has checked how many operands there are.
static bool hasOperands(Operation *op, unsigned count) {
  return op && op->getNumOperands() >= count;
}

bool isConstant(Value value) {
  return isOp(value.getDefiningOp(), "onnx.Constant");
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

SmallVector<int64_t> integersOf(Attribute attribute) {
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

int64_t integerOf(Operation *op, StringRef name, int64_t otherwise) {
  auto number = op->getAttrOfType<IntegerAttr>(name);
  return number ? number.getValue().getSExtValue() : otherwise;
}

/// The only element of a list whose elements are equal.
int64_t evenOf(Operation *op, StringRef name, int64_t otherwise) {
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
Value besidesNumber(Operation *op, double number) {
  return besides(op, [&](Value constant, Value) {
    return isNear(scalarOf(constant), number);
  });
}

/// Sums deeper than this are looked at no further.
static constexpr unsigned kMaxSumDepth = 8;

static bool isZeroWithin(Value value, unsigned depth) {
  Operation *op = value.getDefiningOp();
  if (isNear(scalarOf(value), 0))
    return true;
  if (!op || depth == 0)
    return false;
  if (isOp(op, "onnx.Mul"))
    return bool(besidesNumber(op, 0));
  return (isOp(op, "onnx.Add") || isOp(op, "onnx.Identity")) &&
         llvm::all_of(op->getOperands(), [&](Value term) {
           return isZeroWithin(term, depth - 1);
         });
}

bool isZero(Value value) { return isZeroWithin(value, kMaxSumDepth); }

/// Normalization spelled as products and sums by channel, or a bias.
static Value withoutAffine(Operation *op) {
  for (StringRef name : {"onnx.Add", "onnx.Sub", "onnx.Mul", "onnx.Div"})
    if (isOp(op, name))
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
  if (isOp(op, "onnx.Add")) {
    if (Value data = besidesNumber(op, 0))
      return data;
    return besides(op, [](Value zero, Value data) {
      return isZero(zero) && !isZero(data);
    });
  }
  if (isOp(op, "onnx.Mul") || isOp(op, "onnx.Div"))
    return besidesNumber(op, 1);
  return {};
}

SmallVector<int64_t> withoutOnes(Value value) {
  SmallVector<int64_t> sizes(shapeOf(value));
  llvm::erase(sizes, 1);
  return sizes;
}

/// Changes of shape that move nothing.
static Value withoutReshape(Operation *op) {
  bool isMove = isOp(op, "onnx.Transpose");
  if (!isMove && !isOp(op, "onnx.Flatten") && !isOp(op, "onnx.Reshape") &&
      !isOp(op, "onnx.Squeeze") && !isOp(op, "onnx.Unsqueeze"))
    return {};
  SmallVector<int64_t> sizes = withoutOnes(op->getOperand(0));
  bool isSame = sizes == withoutOnes(op->getResult(0));
  return isSame && (!isMove || sizes.size() <= 1) ? op->getOperand(0) : Value();
}

static Value withoutTransparent(Operation *op) {
  for (StringRef name : {"onnx.Identity", "onnx.Dropout", "onnx.Cast",
                         "onnx.BatchNormalization"})
    if (isOp(op, name))
      return op->getOperand(0);
  bool isPool = isOp(op, "onnx.AveragePool") || isOp(op, "onnx.MaxPool");
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
Value clipped(Operation *op, double low, double high) {
  if (!hasOperands(op, 1) ||
      (!isOp(op, "onnx.Clip") && !isOp(op, "onnx.ClipV6") &&
       !isOp(op, "onnx.ClipV11") && !isOp(op, "onnx.ClipV12")))
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
  if (isOp(op, "onnx.Mul"))
    return besidesNumber(op, number);
  bool isThat = isOp(op, "onnx.Div") && hasOperands(op, 2) &&
                isNear(scalarOf(op->getOperand(1)), 1 / number);
  return isThat ? op->getOperand(0) : Value();
}

/// x of relu6(x + 3).
static Value shiftedRelu6(Value value) {
  Value sum = clipped(peel(value).getDefiningOp(), 0, 6);
  Operation *op = sum ? sum.getDefiningOp() : nullptr;
  return isOp(op, "onnx.Add") ? besidesNumber(op, 3) : Value();
}

/// x of hard_sigmoid(x), however it is spelled.
Value hardSigmoidOf(Operation *op) {
  if (!hasOperands(op, 1))
    return {};
  if (isOp(op, "onnx.HardSigmoid")) {
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
  if (!isOp(op, "onnx.Mul") || op->getNumOperands() != 2)
    return {};
  for (unsigned index : {0u, 1u}) {
    Value other = inner(op->getOperand(1 - index));
    if (other && peel(other) == peel(op->getOperand(index)))
      return other;
  }
  return {};
}

/// x of hard_swish(x), however it is spelled.
Value hardSwishOf(Operation *op) {
  if (!hasOperands(op, 1))
    return {};
  if (isOp(op, "onnx.HardSwish"))
    return op->getOperand(0);
  if (Value x = timesItself(op, [](Value factor) {
        return hardSigmoidOf(peel(factor).getDefiningOp());
      }))
    return x;
  Value product = scaled(op, 1.0 / 6);
  return product ? timesItself(product.getDefiningOp(), shiftedRelu6) : Value();
}

} // namespace gnomon::forms
