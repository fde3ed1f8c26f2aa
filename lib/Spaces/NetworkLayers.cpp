// SPDX-License-Identifier: Apache-2.0
// The layers of convolutional networks as operations of the onnx dialect.

#include "NetworkBuilder.h"

using namespace mlir;

namespace gnomon {

//===- Attributes and plain operations ------------------------------------===//

NamedAttribute NetworkBuilder::integer(StringRef name, int64_t value) {
  return builder.getNamedAttr(
      name, builder.getIntegerAttr(builder.getIntegerType(64, true), value));
}

NamedAttribute NetworkBuilder::integers(StringRef name,
                                        ArrayRef<int64_t> values) {
  return builder.getNamedAttr(name, builder.getI64ArrayAttr(values));
}

NamedAttribute NetworkBuilder::real(StringRef name, double value) {
  return builder.getNamedAttr(name, builder.getF32FloatAttr(float(value)));
}

Value NetworkBuilder::emit(StringRef op, ValueRange operands,
                           ArrayRef<int64_t> shape, StringRef name,
                           ArrayRef<NamedAttribute> attributes) {
  OperationState state(location(name), op);
  state.addOperands(operands);
  state.addAttributes(attributes);
  state.addTypes(tensor(shape));
  return builder.create(state)->getResult(0);
}

Value NetworkBuilder::elementwise(StringRef op, ValueRange operands,
                                  StringRef name) {
  return emit(op, operands, shapeOf(operands.front()), name);
}

Value NetworkBuilder::relu(Value x, StringRef name) {
  return elementwise("onnx.Relu", x, name);
}

Value NetworkBuilder::relu6(Value x, StringRef name) {
  auto bound = [&](float value) {
    return DenseElementsAttr::get(tensor({}), value);
  };
  return elementwise(
      "onnx.Clip",
      {x, constant("relu6.min", bound(0)), constant("relu6.max", bound(6))},
      name);
}

Value NetworkBuilder::hardSwish(Value x, StringRef name) {
  return elementwise("onnx.HardSwish", x, name);
}

Value NetworkBuilder::hardSigmoid(Value x, StringRef name) {
  return emit("onnx.HardSigmoid", x, shapeOf(x), name,
              real("alpha", 1.0 / 6.0));
}

Value NetworkBuilder::add(Value a, Value b, StringRef name) {
  return elementwise("onnx.Add", {a, b}, name);
}

Value NetworkBuilder::mul(Value a, Value b, StringRef name) {
  return elementwise("onnx.Mul", {a, b}, name);
}

//===- Convolution, normalization, linear ---------------------------------===//

SmallVector<NamedAttribute>
NetworkBuilder::window(int64_t kernel, int64_t stride, int64_t padding) {
  SmallVector<NamedAttribute> attributes;
  attributes.push_back(integers("kernel_shape", {kernel, kernel}));
  if (padding)
    attributes.push_back(
        integers("pads", {padding, padding, padding, padding}));
  if (stride != 1)
    attributes.push_back(integers("strides", {stride, stride}));
  return attributes;
}

Value NetworkBuilder::conv(Value x, const ConvShape &conv, StringRef name) {
  ArrayRef<int64_t> in = shapeOf(x);
  SmallVector<Value, 3> operands = {
      x, weight(name + Twine(".weight"), {conv.channels, in[1] / conv.groups,
                                          conv.kernel, conv.kernel})};
  if (conv.bias)
    operands.push_back(
        weight(name + Twine(".bias"), conv.channels, Init::Zeros));
  SmallVector<NamedAttribute> attributes =
      window(conv.kernel, conv.stride, conv.kernel / 2);
  if (conv.groups != 1)
    attributes.insert(attributes.begin(), integer("group", conv.groups));
  auto size = [&](int64_t extent) {
    return (extent + 2 * (conv.kernel / 2) - conv.kernel) / conv.stride + 1;
  };
  return emit("onnx.Conv", operands,
              {in[0], conv.channels, size(in[2]), size(in[3])}, name,
              attributes);
}

Value NetworkBuilder::batchNorm(Value x, double epsilon, StringRef name) {
  int64_t channels = channelsOf(x);
  Value operands[] = {
      x, weight(name + Twine(".weight"), channels, Init::Ones),
      weight(name + Twine(".bias"), channels, Init::Zeros),
      weight(name + Twine(".running_mean"), channels, Init::Zeros),
      weight(name + Twine(".running_var"), channels, Init::Ones)};
  return emit("onnx.BatchNormalization", operands, shapeOf(x), name,
              real("epsilon", epsilon));
}

Value NetworkBuilder::linear(Value x, int64_t features, StringRef name) {
  ArrayRef<int64_t> in = shapeOf(x);
  Value operands[] = {x, weight(name + Twine(".weight"), {features, in[1]}),
                      weight(name + Twine(".bias"), features, Init::Zeros)};
  return emit("onnx.Gemm", operands, {in[0], features}, name,
              integer("transB", 1));
}

//===- Pooling and shapes -------------------------------------------------===//

Value NetworkBuilder::globalAveragePool(Value x, StringRef name) {
  ArrayRef<int64_t> in = shapeOf(x);
  return emit("onnx.GlobalAveragePool", x, {in[0], in[1], 1, 1}, name);
}

/// Windows along one dimension; none starts behind the image.
static int64_t windows(int64_t extent, const PoolShape &shape) {
  int64_t room = extent + 2 * shape.padding - shape.kernel;
  if (!shape.ceil)
    return room / shape.stride + 1;
  int64_t count = (room + shape.stride - 1) / shape.stride + 1;
  bool startsBehind = (count - 1) * shape.stride >= extent + shape.padding;
  return startsBehind ? count - 1 : count;
}

Value NetworkBuilder::pool(StringRef op, Value x, const PoolShape &shape,
                           SmallVector<NamedAttribute> attributes,
                           StringRef name) {
  if (shape.ceil)
    attributes.push_back(integer("ceil_mode", 1));
  llvm::append_range(attributes,
                     window(shape.kernel, shape.stride, shape.padding));
  ArrayRef<int64_t> in = shapeOf(x);
  return emit(op, x,
              {in[0], in[1], windows(in[2], shape), windows(in[3], shape)},
              name, attributes);
}

Value NetworkBuilder::maxPool(Value x, const PoolShape &shape, StringRef name) {
  return pool("onnx.MaxPool", x, shape, {}, name);
}

Value NetworkBuilder::averagePool(Value x, const PoolShape &shape,
                                  bool countPadding, StringRef name) {
  SmallVector<NamedAttribute> attributes;
  if (countPadding)
    attributes.push_back(integer("count_include_pad", 1));
  return pool("onnx.AveragePool", x, shape, attributes, name);
}

Value NetworkBuilder::flatten(Value x, StringRef name) {
  ArrayRef<int64_t> in = shapeOf(x);
  return emit("onnx.Flatten", x, {in[0], in[1] * in[2] * in[3]}, name);
}

Value NetworkBuilder::reshape(Value x, ArrayRef<int64_t> shape,
                              StringRef name) {
  auto type =
      RankedTensorType::get(int64_t(shape.size()), builder.getI64Type());
  std::string called = "shape";
  for (int64_t size : shape)
    called += "_" + std::to_string(size);
  Value sizes = constant(called, DenseIntElementsAttr::get(type, shape));
  return emit("onnx.Reshape", {x, sizes}, shape, name);
}

Value NetworkBuilder::transpose(Value x, ArrayRef<int64_t> permutation,
                                StringRef name) {
  SmallVector<int64_t> shape;
  for (int64_t dimension : permutation)
    shape.push_back(shapeOf(x)[dimension]);
  return emit("onnx.Transpose", x, shape, name, integers("perm", permutation));
}

//===- Compositions -------------------------------------------------------===//

Value NetworkBuilder::channelShuffle(Value x, int64_t groups) {
  Scope scope(*this, "shuffle");
  SmallVector<int64_t> in(shapeOf(x));
  x = reshape(x, {in[0], groups, in[1] / groups, in[2], in[3]}, "split");
  x = transpose(x, {0, 2, 1, 3, 4});
  return reshape(x, in, "join");
}

Value NetworkBuilder::squeezeExcite(Value x, int64_t hidden) {
  Scope scope(*this, "se");
  Value gate = globalAveragePool(x);
  gate = conv(gate, {.channels = hidden, .bias = true}, "reduce");
  gate = relu(gate);
  gate = conv(gate, {.channels = channelsOf(x), .bias = true}, "expand");
  return mul(x, hardSigmoid(gate));
}

} // namespace gnomon
