// SPDX-License-Identifier: Apache-2.0
// Finds layers, cells and skips by following channels through a network.

#include "gnomon/Analysis/Topology.h"
#include "gnomon/Analysis/NetworkCounts.h"
#include "gnomon/Dialect/Gnomon/GnomonOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/StringSwitch.h"

using namespace gnomon;
using namespace mlir;

namespace {

enum class Role { Layer, Add, Concat, Resizing, Lookup, Other };

/// What is known of a value on its way through the network.
struct Passage {
  int64_t channels = 0;
  int axis = -1; ///< the dimension of the channels; -1: not known
  int64_t points = 0;
  unsigned segment = 0; ///< changes of resolution so far
  unsigned depth = 0;   ///< layers behind it
  int cell = -1;        ///< of the last layer
  size_t place = 0;     ///< of the last layer in its cell
};

/// One network of a function.
class TopologyReader {
public:
  TopologyReader(func::FuncOp function, const LoadTimeAnalysis &loadTime,
                 int64_t leastPoints)
      : function(function), loadTime(loadTime), leastPoints(leastPoints) {}

  using Options = std::map<std::string, std::string>;
  llvm::Expected<Topology> read(const Options &selection);

private:
  llvm::Error readBlock(Block &block, const Options &selection);
  void enter();
  void visit(Operation *op);
  void visitLayer(Operation *op);
  void visitJoin(Operation *op, bool isConcat);
  void visitOther(Operation *op, Role role);
  Role roleOf(Operation *op) const;
  /// The operands that are computed and known.
  SmallVector<Value> inputs(Operation *op) const;
  /// The one with most layers behind it, of those like the result if any are.
  Value through(Operation *op, ArrayRef<Value> inputs) const;
  size_t cellOf(const Passage &passage);
  void skip(const Passage &into, int64_t channels, bool isConcat);

  func::FuncOp function;
  const LoadTimeAnalysis &loadTime;
  const int64_t leastPoints;
  int64_t batch = 1;
  llvm::DenseMap<Value, Passage> passages;
  std::vector<unsigned> segments; ///< of the cells
  Topology topology;
  Operation *problem = nullptr; ///< a layer without sizes
};

RankedTensorType sized(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.hasStaticShape() ? type : RankedTensorType();
}

/// Follows the dimension of the channels from one value to another.
void follow(Passage &passage, Value from, Value to) {
  auto before = dyn_cast<RankedTensorType>(from.getType());
  auto after = dyn_cast<RankedTensorType>(to.getType());
  if (!before || !after)
    return;
  if (passage.axis >= 0 && before.getRank() == after.getRank()) {
    int64_t size = after.getDimSize(passage.axis);
    passage.channels = ShapedType::isDynamic(size) ? passage.channels : size;
    return;
  }
  // Reshaped: where their number is.
  int last = int(after.getRank()) - 1;
  passage.axis = -1;
  for (int axis : {1, last})
    if (axis >= 0 && axis <= last && passage.axis < 0 &&
        after.getDimSize(axis) == passage.channels)
      passage.axis = axis;
}
} // namespace

Role TopologyReader::roleOf(Operation *op) const {
  StringRef name = op->getName().getStringRef();
  if (!name.consume_front("onnx."))
    return Role::Other;
  if (name == "MatMul" || name == "Gemm")
    return op->getNumOperands() > 1 && loadTime.isLoadTime(op->getOperand(1))
               ? Role::Layer
               : Role::Other;
  return llvm::StringSwitch<Role>(name)
      .Cases({"Conv", "ConvTranspose"}, Role::Layer)
      .Cases({"Add", "Sum"}, Role::Add)
      .Case("Concat", Role::Concat)
      .Cases({"MaxPool", "AveragePool", "LpPool", "GlobalAveragePool",
              "GlobalMaxPool", "GlobalLpPool", "Resize", "Upsample"},
             Role::Resizing)
      .Cases({"SpaceToDepth", "DepthToSpace"}, Role::Resizing)
      .Case("Gather", Role::Lookup)
      .Default(Role::Other);
}

SmallVector<Value> TopologyReader::inputs(Operation *op) const {
  SmallVector<Value> found;
  for (Value operand : op->getOperands())
    if (passages.contains(operand) && !llvm::is_contained(found, operand))
      found.push_back(operand);
  return found;
}

Value TopologyReader::through(Operation *op, ArrayRef<Value> inputs) const {
  Value best;
  Type result = op->getResult(0).getType();
  auto rank = [&](Value value) {
    bool isLike = succeeded(verifyCompatibleShape(value.getType(), result));
    return std::pair(isLike, passages.at(value).depth);
  };
  for (Value input : inputs)
    if (!best || rank(best) < rank(input))
      best = input;
  return best;
}

size_t TopologyReader::cellOf(const Passage &passage) {
  for (size_t i = 0; i < segments.size(); ++i)
    if (segments[i] == passage.segment &&
        topology.cells[i].points == passage.points)
      return i;
  segments.push_back(passage.segment);
  topology.cells.emplace_back().points = passage.points;
  return segments.size() - 1;
}

void TopologyReader::visitLayer(Operation *op) {
  bool isProduct = op->getName().stripDialect() == "MatMul" ||
                   op->getName().stripDialect() == "Gemm";
  RankedTensorType result = sized(op->getResult(0));
  int axis = isProduct && result ? int(result.getRank()) - 1 : 1;
  if (!result || result.getRank() <= axis || axis < 0 ||
      result.getNumElements() == 0) {
    problem = op;
    return;
  }
  Passage passage;
  if (passages.contains(op->getOperand(0)))
    passage = passages.at(op->getOperand(0));
  int64_t before = passage.channels;
  if (auto input = sized(op->getOperand(0)); isProduct && input)
    before = input.getShape().back();
  passage.axis = axis;
  passage.channels = result.getDimSize(axis);
  int64_t points = result.getNumElements() / passage.channels;
  points = points % batch == 0 ? points / batch : points;
  passage.segment += points != passage.points;
  passage.points = points;
  if (points >= leastPoints) {
    size_t cell = cellOf(passage);
    std::vector<int64_t> &widths = topology.cells[cell].widths;
    if (widths.empty())
      widths.push_back(before);
    widths.push_back(passage.channels);
    ++passage.depth;
    passage.cell = int(cell);
    passage.place = widths.size() - 1;
  }
  passages[op->getResult(0)] = passage;
}

void TopologyReader::skip(const Passage &into, int64_t channels,
                          bool isConcat) {
  TopologyCell &cell = topology.cells[cellOf(into)];
  ++cell.skips;
  cell.skipChannels += channels;
  if (into.cell < 0 || &topology.cells[into.cell] != &cell)
    return;
  size_t place = into.place + (isConcat ? 1 : 0);
  cell.joining.resize(std::max(cell.joining.size(), place + 1));
  cell.joining[place] += channels;
}

void TopologyReader::visitJoin(Operation *op, bool isConcat) {
  SmallVector<Value> all = inputs(op);
  Value way = through(op, all);
  Passage passage = passages.at(way);
  if (isConcat) {
    auto axis = op->getAttrOfType<IntegerAttr>("axis");
    auto type = dyn_cast<RankedTensorType>(way.getType());
    int64_t along = axis ? axis.getInt() : 1;
    if (type && along < 0)
      along += type.getRank();
    // Tokens or pixels side by side pass nothing by.
    if (along != passage.axis)
      return visitOther(op, Role::Resizing);
  }
  int64_t channels = passage.channels;
  for (Value input : all) {
    bool isWhole = isConcat || succeeded(verifyCompatibleShape(input.getType(),
                                                               way.getType()));
    if (input == way || !isWhole)
      continue;
    skip(passage, passages.at(input).channels, isConcat);
    channels += passages.at(input).channels;
  }
  if (isConcat)
    passage.channels = channels;
  passages[op->getResult(0)] = passage;
}

void TopologyReader::visitOther(Operation *op, Role role) {
  Value way = through(op, inputs(op));
  for (Value result : op->getResults()) {
    Passage passage = passages.at(way);
    auto type = dyn_cast<RankedTensorType>(result.getType());
    auto permutation = op->getAttrOfType<ArrayAttr>("perm");
    if (permutation && op->getName().stripDialect() == "Transpose") {
      for (auto [to, from] :
           llvm::enumerate(permutation.getAsRange<IntegerAttr>()))
        if (from.getInt() == passages.at(way).axis)
          passage.axis = int(to);
    } else if (role == Role::Lookup && type && type.getRank() > 0 &&
               !passages.contains(op->getOperand(0))) {
      passage.axis = int(type.getRank()) - 1;
      passage.channels = std::max<int64_t>(type.getShape().back(), 0);
    } else {
      follow(passage, way, result);
    }
    if (role == Role::Resizing && type && type.hasStaticShape() &&
        passage.channels > 0) {
      int64_t points = type.getNumElements() / passage.channels / batch;
      passage.segment += points != passage.points;
      passage.points = points;
    }
    passages[result] = passage;
  }
}

void TopologyReader::visit(Operation *op) {
  if (problem || op->getNumResults() == 0 ||
      loadTime.isLoadTime(op->getResult(0)))
    return;
  Role role = roleOf(op);
  if (role == Role::Layer)
    return visitLayer(op);
  if (inputs(op).empty())
    return;
  if (role == Role::Add || role == Role::Concat)
    return visitJoin(op, role == Role::Concat);
  visitOther(op, role);
}

void TopologyReader::enter() {
  for (BlockArgument argument : function.getArguments()) {
    Passage passage;
    if (RankedTensorType type = sized(argument);
        type && type.getRank() > 1 && type.getNumElements() > 0) {
      if (argument.getArgNumber() == 0)
        batch = type.getDimSize(0);
      passage.axis = 1;
      passage.channels = type.getDimSize(1);
      passage.points = type.getNumElements() / passage.channels / batch;
    }
    passages[argument] = passage;
  }
}

llvm::Error TopologyReader::readBlock(Block &block, const Options &selection) {
  for (Operation &op : block) {
    auto choice = dyn_cast<ChoiceOp>(op);
    if (!choice) {
      visit(&op);
      continue;
    }
    llvm::Expected<Block *> taken = selectedBlock(choice, selection);
    if (!taken)
      return taken.takeError();
    auto pass = [&](ValueRange from, ValueRange to) {
      for (auto [source, target] : llvm::zip(from, to))
        if (auto known = passages.find(source); known != passages.end()) {
          Passage passage = known->second;
          passages[target] = passage;
        }
    };
    pass(choice->getOperands(), (*taken)->getArguments());
    if (llvm::Error error = readBlock(**taken, selection))
      return error;
    pass((*taken)->getTerminator()->getOperands(), choice->getResults());
  }
  return llvm::Error::success();
}

llvm::Expected<Topology> TopologyReader::read(const Options &selection) {
  enter();
  for (Block &block : function.getBody())
    if (llvm::Error error = readBlock(block, selection))
      return error;
  if (problem) {
    std::string text;
    llvm::raw_string_ostream(text)
        << "expected sizes for every layer, found none for "
        << problem->getName() << " at " << problem->getLoc();
    return llvm::createStringError(text);
  }
  // What skips alone are in is no cell.
  llvm::erase_if(topology.cells,
                 [](const TopologyCell &cell) { return cell.widths.empty(); });
  for (TopologyCell &cell : topology.cells)
    cell.joining.resize(cell.widths.size());
  return std::move(topology);
}

llvm::Expected<Topology> TopologyAnalysis::operator()(
    const std::map<std::string, std::string> &selection) const {
  llvm::Expected<Topology> topology =
      TopologyReader(function, loadTime, 2).read(selection);
  if (!topology || !topology->cells.empty())
    return topology;
  return TopologyReader(function, loadTime, 1).read(selection);
}
