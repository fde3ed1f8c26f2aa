// SPDX-License-Identifier: Apache-2.0
// Recognises a function as a dense network and takes its weights out.

#include "gnomon/Analysis/DenseNetwork.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace gnomon {

/// A few characters of text can stand for any number of equal weights.
constexpr int64_t kMostWeights = 1 << 26;

namespace {
/// Walks the chain of operations and collects layers.
class ChainReader {
public:
  explicit ChainReader(func::FuncOp function) : function(function) {}
  FailureOr<Mlp> read();

private:
  enum class Step { Gemm, MatMul, Add, Relu, Nothing, Unknown };
  static Step stepOf(Operation &op);

  LogicalResult start();
  LogicalResult visit(Operation &op);
  LogicalResult finish(Operation &op);
  LogicalResult gemm(Operation &op);
  LogicalResult matMul(Operation &op);
  LogicalResult add(Operation &op);
  LogicalResult relu(Operation &op);

  /// The numbers of a constant operand, and its sizes.
  struct Numbers {
    SmallVector<int64_t> shape;
    std::vector<float> values;
  };
  FailureOr<Numbers> constant(Operation &op, unsigned operand);
  FailureOr<Numbers> matrix(Operation &op, unsigned operand);
  LogicalResult addLayer(Operation &op, Numbers matrix, bool rowsAreOutputs,
                         float scale);
  LogicalResult addBias(Operation &op, const Numbers &bias, float scale);

  func::FuncOp function;
  Value current;
  std::vector<DenseLayer> layers;
};
} // namespace

ChainReader::Step ChainReader::stepOf(Operation &op) {
  return llvm::StringSwitch<Step>(op.getName().getStringRef())
      .Case("onnx.Gemm", Step::Gemm)
      .Case("onnx.MatMul", Step::MatMul)
      .Case("onnx.Add", Step::Add)
      .Case("onnx.Relu", Step::Relu)
      .Cases({"onnx.Flatten", "onnx.Squeeze", "onnx.SqueezeV11",
              "onnx.Identity", "onnx.Dropout"},
             Step::Nothing)
      .Default(Step::Unknown);
}

LogicalResult ChainReader::start() {
  if (!function.getBody().hasOneBlock())
    return function.emitError(
        "is no dense network: expected a function with one block");
  if (function.getNumArguments() != 1)
    return function.emitError(
               "is no dense network: expected one argument, found ")
           << function.getNumArguments();
  current = function.getArgument(0);
  auto type = dyn_cast<RankedTensorType>(current.getType());
  if (!type || type.getRank() != 2 || !type.getElementType().isF32())
    return function.emitError("is no dense network: expected an argument of "
                              "type tensor<rows x inputs x f32>, found ")
           << current.getType();
  return success();
}

FailureOr<ChainReader::Numbers> ChainReader::constant(Operation &op,
                                                      unsigned operand) {
  Operation *source = op.getOperand(operand).getDefiningOp();
  if (!source || source->getName().getStringRef() != "onnx.Constant") {
    op.emitError("is not part of a dense network: expected a constant as "
                 "operand ")
        << operand;
    return failure();
  }
  auto elements = source->getAttrOfType<DenseElementsAttr>("value");
  if (!elements || !elements.getElementType().isF32()) {
    InFlightDiagnostic problem =
        op.emitError("expected operand ")
        << operand << " to hold its weights as f32; import with the weights "
        << "kept";
    problem.attachNote(source->getLoc()) << "the weights come from here";
    return failure();
  }
  if (elements.getNumElements() > kMostWeights) {
    op.emitError("expected at most ")
        << kMostWeights << " weights in operand " << operand << ", found "
        << elements.getNumElements();
    return failure();
  }
  auto values = elements.getValues<float>();
  return Numbers{llvm::to_vector(elements.getType().getShape()),
                 std::vector<float>(values.begin(), values.end())};
}

FailureOr<ChainReader::Numbers> ChainReader::matrix(Operation &op,
                                                    unsigned operand) {
  FailureOr<Numbers> result = constant(op, operand);
  if (succeeded(result) && result->shape.size() != 2) {
    op.emitError("expected a matrix as operand ")
        << operand << ", found a tensor of rank " << result->shape.size();
    return failure();
  }
  return result;
}

LogicalResult ChainReader::addLayer(Operation &op, Numbers matrix,
                                    bool rowsAreOutputs, float scale) {
  const int64_t rows = matrix.shape[0], columns = matrix.shape[1];
  DenseLayer layer;
  layer.inputs = rowsAreOutputs ? columns : rows;
  layer.outputs = rowsAreOutputs ? rows : columns;
  layer.weights.resize(matrix.values.size());
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; ++column)
      layer.weights[rowsAreOutputs ? row * columns + column
                                   : column * rows + row] =
          scale * matrix.values[row * columns + column];
  if (!layers.empty() && layers.back().outputs != layer.inputs)
    return op.emitError("takes ")
           << layer.inputs << " inputs, the layer before gives "
           << layers.back().outputs;
  layers.push_back(std::move(layer));
  return success();
}

LogicalResult ChainReader::addBias(Operation &op, const Numbers &bias,
                                   float scale) {
  if (layers.empty() || layers.back().relu)
    return op.emitError("is not part of a dense network: expected a constant "
                        "to be added right after Gemm or MatMul");
  DenseLayer &layer = layers.back();
  const size_t count = bias.values.size();
  const bool isVector = count == layer.outputs && !bias.shape.empty() &&
                        bias.shape.back() == int64_t(layer.outputs);
  if (count != 1 && !isVector)
    return op.emitError("expected 1 or ")
           << layer.outputs << " numbers to add, found " << count;
  layer.bias.resize(layer.outputs);
  for (size_t output = 0; output < layer.outputs; ++output)
    layer.bias[output] += scale * bias.values[count == 1 ? 0 : output];
  return success();
}

/// An attribute of ONNX, or what ONNX says where it is absent.
static int64_t integerOr(Operation &op, StringRef name, int64_t fallback) {
  auto attribute = op.getAttrOfType<IntegerAttr>(name);
  return attribute ? attribute.getValue().getSExtValue() : fallback;
}

static float floatOr(Operation &op, StringRef name, float fallback) {
  auto attribute = op.getAttrOfType<FloatAttr>(name);
  return attribute ? attribute.getValueAsDouble() : fallback;
}

LogicalResult ChainReader::gemm(Operation &op) {
  if (op.getNumOperands() < 2 || op.getOperand(0) != current)
    return op.emitError("is not part of a dense network: expected what came "
                        "before as the first operand");
  if (integerOr(op, "transA", 0) != 0)
    return op.emitError("expected transA = 0: inputs lie in rows");
  FailureOr<Numbers> weights = matrix(op, 1);
  if (failed(weights) ||
      failed(addLayer(op, std::move(*weights), integerOr(op, "transB", 0) != 0,
                      floatOr(op, "alpha", 1))))
    return failure();
  if (op.getNumOperands() < 3 || isa<NoneType>(op.getOperand(2).getType()))
    return success();
  FailureOr<Numbers> bias = constant(op, 2);
  return failed(bias) ? failure() : addBias(op, *bias, floatOr(op, "beta", 1));
}

LogicalResult ChainReader::matMul(Operation &op) {
  if (op.getNumOperands() != 2 || op.getOperand(0) != current)
    return op.emitError("is not part of a dense network: expected what came "
                        "before as the first operand");
  FailureOr<Numbers> weights = matrix(op, 1);
  if (failed(weights))
    return failure();
  return addLayer(op, std::move(*weights), /*rowsAreOutputs=*/false, 1);
}

LogicalResult ChainReader::add(Operation &op) {
  if (op.getNumOperands() != 2 ||
      !llvm::is_contained(op.getOperands(), current))
    return op.emitError("is not part of a dense network: expected what came "
                        "before and a constant");
  FailureOr<Numbers> bias = constant(op, op.getOperand(0) == current ? 1 : 0);
  return failed(bias) ? failure() : addBias(op, *bias, 1);
}

LogicalResult ChainReader::relu(Operation &op) {
  if (layers.empty())
    return op.emitError("is not part of a dense network: expected Gemm or "
                        "MatMul before it");
  layers.back().relu = true;
  return success();
}

LogicalResult ChainReader::visit(Operation &op) {
  StringRef name = op.getName().getStringRef();
  if (name == "onnx.Constant" || name == "onnx.NoValue")
    return success();
  Step step = stepOf(op);
  if (step == Step::Unknown)
    return op.emitError("is not part of a dense network: expected Gemm, "
                        "MatMul, Add, Relu, Flatten, Squeeze, Identity or "
                        "Dropout");
  if (!llvm::is_contained(op.getOperands(), current))
    return op.emitError("is not part of a dense network: expected a chain, "
                        "this does not take what came before");
  LogicalResult result = step == Step::Gemm     ? gemm(op)
                         : step == Step::MatMul ? matMul(op)
                         : step == Step::Add    ? add(op)
                         : step == Step::Relu   ? relu(op)
                                                : success();
  current = op.getResult(0);
  return result;
}

LogicalResult ChainReader::finish(Operation &op) {
  if (op.getNumOperands() != 1 || op.getOperand(0) != current)
    return op.emitError("is no dense network: expected the end of the chain "
                        "to be the one result");
  if (layers.empty())
    return op.emitError("is no dense network: found no Gemm or MatMul");
  return success();
}

FailureOr<Mlp> ChainReader::read() {
  if (failed(start()))
    return failure();
  Block &body = function.getBody().front();
  for (Operation &op : body.without_terminator())
    if (op.getNumResults() == 0) {
      op.emitError("is not part of a dense network: it has no result");
      return failure();
    } else if (failed(visit(op))) {
      return failure();
    }
  if (failed(finish(*body.getTerminator())))
    return failure();
  int64_t inputs =
      cast<RankedTensorType>(function.getArgument(0).getType()).getDimSize(1);
  if (!ShapedType::isDynamic(inputs) && inputs != layers.front().inputs) {
    function.emitError("is no dense network: its argument has ")
        << inputs << " columns, its first layer takes "
        << layers.front().inputs;
    return failure();
  }
  llvm::Expected<Mlp> result = Mlp::create(layers, 0, function.getName());
  if (result)
    return std::move(*result);
  function.emitError(llvm::toString(result.takeError()));
  return failure();
}

FailureOr<Mlp> denseNetworkOf(func::FuncOp function) {
  return ChainReader(function).read();
}

} // namespace gnomon
