// SPDX-License-Identifier: Apache-2.0
// Shapes, attributes and traffic of an operation.

#include "OpView.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"

using namespace gnomon;

/// Longest constant that is read as a list of integers.
static constexpr int64_t maxListLength = 64;
/// How many operations away from constants a weight may be without analysis.
static constexpr unsigned maxWeightChain = 8;

double Tensor::dim(int64_t i) const {
  if (i < 0)
    i += rank();
  if (i < 0 || i >= int64_t(rank()) || mlir::ShapedType::isDynamic(shape[i]))
    return kUnknown;
  return double(shape[i]);
}

double Tensor::size(size_t begin, size_t end) const {
  if (!ranked)
    return kUnknown;
  double product = 1;
  for (int64_t extent :
       shape.slice(std::min(begin, shape.size()))
           .take_front(std::max(end, begin) - std::min(begin, end)))
    product *= mlir::ShapedType::isDynamic(extent) ? kUnknown : double(extent);
  return product;
}

double gnomon::elementBytes(mlir::Type type) {
  if (auto integer = mlir::dyn_cast_or_null<mlir::IntegerType>(type))
    return integer.getWidth() == 1 ? 1 : integer.getWidth() / 8.0;
  if (auto real = mlir::dyn_cast_or_null<mlir::FloatType>(type))
    return real.getWidth() / 8.0;
  if (auto complex = mlir::dyn_cast_or_null<mlir::ComplexType>(type))
    return 2 * elementBytes(complex.getElementType());
  if (mlir::isa_and_nonnull<mlir::IndexType>(type))
    return 8;
  // The one other element type of ONNX is the string: its header is counted.
  return type ? 32 : kUnknown;
}

double Tensor::elementBytes() const { return gnomon::elementBytes(element); }

static Tensor tensorOf(mlir::Type type) {
  if (auto ranked = mlir::dyn_cast<mlir::RankedTensorType>(type))
    return {ranked.getShape(), ranked.getElementType(), true};
  if (auto tensor = mlir::dyn_cast<mlir::TensorType>(type))
    return {{}, tensor.getElementType(), false};
  return {};
}

bool OpView::hasOperand(unsigned i) const {
  return i < op->getNumOperands() &&
         !mlir::isa<mlir::NoneType>(op->getOperand(i).getType());
}

Tensor OpView::operand(unsigned i) const {
  return i < op->getNumOperands() ? tensorOf(op->getOperand(i).getType())
                                  : Tensor();
}

Tensor OpView::result(unsigned i) const {
  return i < op->getNumResults() ? tensorOf(op->getResult(i).getType())
                                 : Tensor();
}

/// Whether a value is a few pure operations away from constants.
static bool isNearConstant(mlir::Value value) {
  mlir::Operation *def = value.getDefiningOp();
  for (unsigned steps = 0; def && steps < maxWeightChain; ++steps) {
    if (isConstant(def))
      return true;
    mlir::Operation *next = nullptr;
    for (mlir::Value operand : def->getOperands()) {
      mlir::Operation *source = operand.getDefiningOp();
      if (!source || (next && !isConstant(source) && !isConstant(next)))
        return false;
      if (!next || isConstant(next))
        next = source;
    }
    if (def->getNumRegions() != 0)
      return false;
    def = next;
  }
  return false;
}

bool OpView::isWeight(unsigned i) const {
  if (i >= op->getNumOperands())
    return false;
  mlir::Value value = op->getOperand(i);
  return loadTime ? loadTime->isLoadTime(value) : isNearConstant(value);
}

double OpView::attrInt(llvm::StringRef name, double otherwise) const {
  auto attr = mlir::dyn_cast_or_null<mlir::IntegerAttr>(op->getAttr(name));
  return attr ? double(attr.getValue().getSExtValue()) : otherwise;
}

int64_t OpView::axis(int64_t otherwise, unsigned rank) const {
  double value = attrInt("axis", double(otherwise));
  return int64_t(
      std::clamp(value < 0 ? value + rank : value, 0.0, double(rank)));
}

llvm::StringRef OpView::attrString(llvm::StringRef name,
                                   llvm::StringRef otherwise) const {
  auto attr = mlir::dyn_cast_or_null<mlir::StringAttr>(op->getAttr(name));
  return attr ? attr.getValue() : otherwise;
}

static void appendInts(mlir::Attribute attr, Ints &ints) {
  if (auto integer = mlir::dyn_cast_or_null<mlir::IntegerAttr>(attr)) {
    if (integer.getValue().getSignificantBits() <= 64)
      ints.push_back(integer.getValue().getSExtValue());
  } else if (auto array = mlir::dyn_cast_or_null<mlir::ArrayAttr>(attr)) {
    for (mlir::Attribute item : array)
      if (mlir::isa<mlir::IntegerAttr>(item))
        appendInts(item, ints);
  } else if (auto dense =
                 mlir::dyn_cast_or_null<mlir::DenseI64ArrayAttr>(attr)) {
    ints.append(dense.asArrayRef().begin(), dense.asArrayRef().end());
  } else if (auto elements =
                 mlir::dyn_cast_or_null<mlir::DenseIntElementsAttr>(attr)) {
    if (elements.getNumElements() <= maxListLength &&
        elements.getElementType().getIntOrFloatBitWidth() <= 64)
      for (const llvm::APInt &value : elements.getValues<llvm::APInt>())
        ints.push_back(value.getSExtValue());
  }
}

bool gnomon::readsAsIntegers(mlir::Attribute attr) {
  if (auto elements = mlir::dyn_cast<mlir::DenseIntElementsAttr>(attr))
    return elements.getNumElements() <= maxListLength;
  return !mlir::isa<mlir::DenseElementsAttr, mlir::DenseResourceElementsAttr>(
      attr);
}

Ints OpView::attrInts(llvm::StringRef name) const {
  Ints ints;
  appendInts(op->getAttr(name), ints);
  return ints;
}

std::optional<Ints> OpView::constantInts(unsigned i) const {
  if (i >= op->getNumOperands())
    return std::nullopt;
  mlir::Operation *def = op->getOperand(i).getDefiningOp();
  if (!def || !isConstant(def))
    return std::nullopt;
  for (llvm::StringRef name : integerContents)
    if (mlir::Attribute value = def->getAttr(name)) {
      Ints ints;
      appendInts(value, ints);
      if (!ints.empty())
        return ints;
    }
  return std::nullopt;
}

std::optional<Ints> OpView::intsOf(llvm::StringRef name, unsigned i) const {
  if (mlir::Attribute attr = op->getAttr(name)) {
    Ints ints;
    appendInts(attr, ints);
    return ints;
  }
  return constantInts(i);
}

int64_t OpView::operatorSet() const {
  llvm::StringRef name = op->getName().getStringRef();
  size_t digits = name.find_last_not_of("0123456789") + 1;
  int64_t version = 0;
  if (!name.substr(digits).getAsInteger(10, version))
    return version;
  auto module = op->getParentOfType<mlir::ModuleOp>();
  auto imports =
      module ? module->getAttrOfType<mlir::DictionaryAttr>("onnx.opset_imports")
             : mlir::DictionaryAttr();
  if (!imports)
    return 0;
  for (llvm::StringRef domain : {"", "ai.onnx"})
    if (auto set =
            mlir::dyn_cast_or_null<mlir::IntegerAttr>(imports.get(domain)))
      return set.getValue().getSExtValue();
  return 0;
}

static llvm::StringRef dtypeName(mlir::Type type) {
  if (mlir::isa<mlir::BFloat16Type>(type))
    return "bf16";
  bool real = mlir::isa<mlir::FloatType>(type);
  switch (type.isIntOrFloat() ? type.getIntOrFloatBitWidth() : 0) {
  case 1:
    return "i1";
  case 4:
    return real ? "f4" : "i4";
  case 8:
    return real ? "f8" : "i8";
  case 16:
    return real ? "f16" : "i16";
  case 32:
    return real ? "f32" : "i32";
  case 64:
    return real ? "f64" : "i64";
  default:
    return mlir::isa<mlir::ComplexType>(type) ? "complex" : "string";
  }
}

/// The type computed with: that of the first operand, or of the first result
/// where operands are absent.
static void fillType(const OpView &view, FeatureRow &row) {
  Tensor tensor = view.operandCount() && view.operand(0).element
                      ? view.operand(0)
                      : view.result();
  if (!tensor.element)
    return;
  row.dtype = dtypeName(tensor.element);
  row.set(Feature::element_bytes, tensor.elementBytes());
  row.set(Feature::element_float, mlir::isa<mlir::FloatType>(tensor.element));
}

void gnomon::fillTraffic(const OpView &view, FeatureRow &row) {
  fillType(view, row);
  double in = 0, weights = 0, out = 0, elements = 0, operands = 0;
  for (unsigned i = 0, e = view.operandCount(); i != e; ++i) {
    if (!view.hasOperand(i))
      continue;
    ++operands;
    (view.isWeight(i) ? weights : in) += view.operand(i).bytes();
  }
  double results = 0;
  for (unsigned i = 0, e = view.op->getNumResults(); i != e; ++i) {
    if (mlir::isa<mlir::NoneType>(view.op->getResult(i).getType()))
      continue;
    ++results;
    Tensor result = view.result(i);
    out += result.bytes();
    elements += result.size();
  }
  row.set(Feature::bytes_in, in);
  row.set(Feature::bytes_weights, weights);
  row.set(Feature::bytes_out, out);
  row.set(Feature::elements, elements);
  row.set(Feature::input_count, operands);
  row.set(Feature::output_count, results);
  if (Tensor first = view.operand(0); first.ranked)
    row.set(Feature::rank, first.rank());
}

void gnomon::finishRow(FeatureRow &row, double scratch) {
  double bytes = row.get(Feature::bytes_in) + row.get(Feature::bytes_weights) +
                 row.get(Feature::bytes_out);
  row.set(Feature::bytes, bytes);
  row.set(Feature::working_set_bytes, bytes + scratch);
  if (bytes > 0)
    row.set(Feature::arithmetic_intensity, row.flops() / bytes);
  if (!row.gap.empty())
    return;
  if (std::isnan(bytes))
    row.gap = "an operand or result has no static shape";
  else if (std::isnan(row.flops()))
    row.gap = "the amount of work does not follow from static shapes";
}
