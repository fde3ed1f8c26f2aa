// SPDX-License-Identifier: Apache-2.0
// Elementwise operators over small partially known tensors.
#include "ShapesEval.h"

#include "onnx/onnx_pb.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include <cmath>
#include <limits>

namespace gnomon::shapes {
namespace {
using onnx::TensorProto;

using BinaryFunction = Element (*)(const Element &a, const Element &b,
                                   bool real, const Operation &operation);
using UnaryFunction = double (*)(double);

/// Stands for an element that unknown operands leave unknown.
Element unknown() { return Element::unknown(); }

Element integerOrReal(bool real, int64_t integer, double value) {
  return real ? Element::ofReal(value) : Element::ofInteger(integer);
}

bool isInteger(const Element &e, int64_t value, bool real) {
  return e.known && (real ? e.real == value : e.integer == value);
}

bool isNotNegative(const Element &e) {
  return e.known ? e.integer >= 0 : e.symbol != 0;
}

/// What is left of a sum, product or quotient with an unknown operand: of
/// dimensions and positive numbers it is a dimension still.
Element derived(const Element &a, const Element &b, bool real) {
  bool dimension = !real && isNotNegative(a) && isNotNegative(b);
  return Element::unknown(dimension ? kNamelessDim : 0);
}

Element add(const Element &a, const Element &b, bool real, const Operation &) {
  if (isInteger(a, 0, real))
    return b;
  if (isInteger(b, 0, real))
    return a;
  if (!a.known || !b.known)
    return derived(a, b, real);
  return integerOrReal(real, int64_t(uint64_t(a.integer) + uint64_t(b.integer)),
                       a.real + b.real);
}

Element subtract(const Element &a, const Element &b, bool real,
                 const Operation &) {
  if (isInteger(b, 0, real))
    return a;
  if (!a.known || !b.known)
    return unknown();
  return integerOrReal(real, int64_t(uint64_t(a.integer) - uint64_t(b.integer)),
                       a.real - b.real);
}

Element multiply(const Element &a, const Element &b, bool real,
                 const Operation &) {
  if (isInteger(a, 1, real) || (!real && isInteger(b, 0, real)))
    return b;
  if (isInteger(b, 1, real) || (!real && isInteger(a, 0, real)))
    return a;
  if (!a.known || !b.known)
    return derived(a, b, real);
  return integerOrReal(real, int64_t(uint64_t(a.integer) * uint64_t(b.integer)),
                       a.real * b.real);
}

/// Division of these integers has no result.
bool undividable(const Element &a, const Element &b) {
  return b.integer == 0 ||
         (b.integer == -1 && a.integer == std::numeric_limits<int64_t>::min());
}

Element divide(const Element &a, const Element &b, bool real,
               const Operation &) {
  if (isInteger(b, 1, real))
    return a;
  if (!a.known || !b.known)
    return derived(a, b, real);
  if (!real && undividable(a, b))
    return unknown();
  return real ? Element::ofReal(a.real / b.real)
              : Element::ofInteger(a.integer / b.integer);
}

Element modulo(const Element &a, const Element &b, bool real,
               const Operation &operation) {
  if (!a.known || !b.known || (!real && undividable(a, b)))
    return unknown();
  if (real)
    return Element::ofReal(std::fmod(a.real, b.real));
  int64_t rest = a.integer % b.integer;
  if (operation.integer("fmod", 0) == 0 && rest != 0 &&
      (rest < 0) != (b.integer < 0))
    rest += b.integer; // The sign of the divisor, as in Python.
  return Element::ofInteger(rest);
}

Element minimum(const Element &a, const Element &b, bool real,
                const Operation &) {
  if (!a.known || !b.known)
    return unknown();
  return integerOrReal(real, std::min(a.integer, b.integer),
                       std::min(a.real, b.real));
}

Element maximum(const Element &a, const Element &b, bool real,
                const Operation &) {
  if (!a.known || !b.known)
    return unknown();
  return integerOrReal(real, std::max(a.integer, b.integer),
                       std::max(a.real, b.real));
}

/// -1, 0, 1 for less, equal, greater; std::nullopt if unknown or not ordered.
std::optional<int> compare(const Element &a, const Element &b, bool real) {
  if (!a.known && !b.known && a.symbol == b.symbol && a.symbol > kNamelessDim)
    return 0;
  // A dimension is not negative.
  if (!a.known && a.symbol && b.known && !real && b.integer < 0)
    return 1;
  if (!b.known && b.symbol && a.known && !real && a.integer < 0)
    return -1;
  if (!a.known || !b.known)
    return std::nullopt;
  if (!real)
    return a.integer < b.integer ? -1 : a.integer > b.integer;
  if (std::isnan(a.real) || std::isnan(b.real))
    return std::nullopt;
  return a.real < b.real ? -1 : a.real > b.real;
}

template <bool less, bool equal, bool greater>
Element relation(const Element &a, const Element &b, bool real,
                 const Operation &) {
  std::optional<int> order = compare(a, b, real);
  if (!order)
    return unknown();
  return Element::ofInteger(*order < 0 ? less : *order > 0 ? greater : equal);
}

Element logicalAnd(const Element &a, const Element &b, bool,
                   const Operation &) {
  if ((a.known && !a.integer) || (b.known && !b.integer))
    return Element::ofInteger(0);
  return a.known && b.known ? Element::ofInteger(1) : unknown();
}

Element logicalOr(const Element &a, const Element &b, bool, const Operation &) {
  if ((a.known && a.integer) || (b.known && b.integer))
    return Element::ofInteger(1);
  return a.known && b.known ? Element::ofInteger(0) : unknown();
}

Element logicalXor(const Element &a, const Element &b, bool,
                   const Operation &) {
  return a.known && b.known
             ? Element::ofInteger((a.integer != 0) != (b.integer != 0))
             : unknown();
}

std::optional<KnownTensor> applyBinary(const KnownTensor &a,
                                       const KnownTensor &b, int32_t resultType,
                                       BinaryFunction function,
                                       const Operation &operation) {
  if (a.type != b.type)
    return std::nullopt;
  auto dims = broadcastDims(a.dims, b.dims);
  if (!dims || !boundedCount(*dims))
    return std::nullopt;
  auto left = broadcastTo(a, *dims), right = broadcastTo(b, *dims);
  if (!left || !right)
    return std::nullopt;
  bool real = isRealType(a.type);
  for (auto [x, y] : llvm::zip_equal(left->elements, right->elements)) {
    x = function(x, y, real, operation);
    normalise(x, resultType);
  }
  left->type = resultType;
  return left;
}

template <BinaryFunction function>
bool evaluateArithmetic(const Operation &operation, Results &results) {
  const KnownTensor *a = operation.input(0), *b = operation.input(1);
  if (!a || !b)
    return false;
  auto result = applyBinary(*a, *b, a->type, function, operation);
  if (result)
    results.push_back(std::move(*result));
  return result.has_value();
}

template <BinaryFunction function>
bool evaluatePredicate(const Operation &operation, Results &results) {
  const KnownTensor *a = operation.input(0), *b = operation.input(1);
  if (!a || !b)
    return false;
  auto result = applyBinary(*a, *b, TensorProto::BOOL, function, operation);
  if (result)
    results.push_back(std::move(*result));
  return result.has_value();
}

/// Min, Max, Sum: any number of operands.
template <BinaryFunction function>
bool evaluateFold(const Operation &operation, Results &results) {
  if (!operation.input(0))
    return false;
  std::optional<KnownTensor> result = *operation.input(0);
  for (const KnownTensor *next : operation.inputs.drop_front()) {
    if (!next || !(result = applyBinary(*result, *next, result->type, function,
                                        operation)))
      return false;
  }
  results.push_back(std::move(*result));
  return true;
}

/// `value` as an integer of the type; std::nullopt where no integer is near.
std::optional<int64_t> toInteger(double value) {
  if (!(value >= -9.2e18 && value <= 9.2e18))
    return std::nullopt;
  return static_cast<int64_t>(value);
}

bool evaluatePow(const Operation &operation, Results &results) {
  const KnownTensor *base = operation.input(0), *exponent = operation.input(1);
  if (!base || !exponent)
    return false;
  auto dims = broadcastDims(base->dims, exponent->dims);
  auto result = dims ? broadcastTo(*base, *dims) : std::nullopt;
  auto powers = dims ? broadcastTo(*exponent, *dims) : std::nullopt;
  if (!result || !powers)
    return false;
  bool real = isRealType(base->type), realPower = isRealType(exponent->type);
  for (auto [x, y] : llvm::zip_equal(result->elements, powers->elements)) {
    if (!x.known || !y.known) {
      x = unknown();
      continue;
    }
    double value =
        std::pow(real ? x.real : x.integer, realPower ? y.real : y.integer);
    std::optional<int64_t> integer = toInteger(value);
    x = real      ? Element::ofReal(value)
        : integer ? Element::ofInteger(*integer)
                  : unknown();
    normalise(x, base->type);
  }
  results.push_back(std::move(*result));
  return true;
}

double sign(double x) { return x > 0 ? 1 : x < 0 ? -1 : x; }
double negate(double x) { return -x; }
double reciprocal(double x) { return 1 / x; }
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double relu(double x) { return x > 0 ? x : 0; }

/// Operators of reals; integers take the same way where `integers` says so
/// (exact below 2^53, unknown above).
template <double (*function)(double), bool integers>
bool evaluateUnary(const Operation &operation, Results &results) {
  const KnownTensor *source = operation.input(0);
  if (!source || (!integers && !isRealType(source->type)))
    return false;
  KnownTensor result = *source;
  bool real = isRealType(source->type);
  for (Element &e : result.elements) {
    if (!e.known || (!real && std::abs(double(e.integer)) > 9e15)) {
      e = unknown();
      continue;
    }
    e = real ? Element::ofReal(function(e.real))
             : Element::ofInteger(int64_t(function(double(e.integer))));
    normalise(e, result.type);
  }
  results.push_back(std::move(result));
  return true;
}

bool evaluateNot(const Operation &operation, Results &results) {
  if (!operation.input(0))
    return false;
  KnownTensor result = *operation.input(0);
  for (Element &e : result.elements)
    if (e.known)
      e.integer = !e.integer;
  results.push_back(std::move(result));
  return true;
}

bool evaluateIdentity(const Operation &operation, Results &results) {
  if (!operation.input(0))
    return false;
  results.push_back(*operation.input(0));
  return true;
}

/// True if the type holds the dimensions of any tensor that exists.
bool holdsDimensions(int32_t type) {
  return type == TensorProto::INT64 || type == TensorProto::INT32 ||
         type == TensorProto::UINT64 || type == TensorProto::UINT32 ||
         type == TensorProto::FLOAT || type == TensorProto::DOUBLE;
}

Element castElement(const Element &e, int32_t from, int32_t to) {
  bool fromReal = isRealType(from), toReal = isRealType(to);
  Element result = e;
  if (!e.known)
    return holdsDimensions(to) ? result : unknown();
  if (to == TensorProto::BOOL)
    return Element::ofInteger(fromReal ? e.real != 0 : e.integer != 0);
  if (fromReal && !toReal) {
    std::optional<int64_t> integer = toInteger(e.real);
    if (!integer)
      return unknown();
    result = Element::ofInteger(*integer);
  } else if (!fromReal && toReal) {
    result = Element::ofReal(double(e.integer));
  }
  normalise(result, to);
  return result;
}

bool castTo(const Operation &operation, int32_t to, Results &results) {
  const KnownTensor *source = operation.input(0);
  if (!source || (!isIntegerType(to) && !isRealType(to)))
    return false;
  KnownTensor result = *source;
  result.type = to;
  for (Element &e : result.elements)
    e = castElement(e, source->type, to);
  results.push_back(std::move(result));
  return true;
}

bool evaluateCast(const Operation &operation, Results &results) {
  return castTo(operation, operation.integer("to", 0), results);
}

bool evaluateCastLike(const Operation &operation, Results &results) {
  return operation.input(1) &&
         castTo(operation, operation.input(1)->type, results);
}

bool evaluateWhere(const Operation &operation, Results &results) {
  const KnownTensor *condition = operation.input(0), *yes = operation.input(1),
                    *no = operation.input(2);
  if (!condition || !yes || !no || yes->type != no->type)
    return false;
  auto dims = broadcastDims(yes->dims, no->dims);
  if (dims)
    dims = broadcastDims(*dims, condition->dims);
  if (!dims || !boundedCount(*dims))
    return false;
  auto choice = broadcastTo(*condition, *dims),
       result = broadcastTo(*yes, *dims), other = broadcastTo(*no, *dims);
  if (!choice || !result || !other)
    return false;
  for (auto [c, x, y] :
       llvm::zip_equal(choice->elements, result->elements, other->elements)) {
    if (!c.known)
      x = unknown();
    else if (!c.integer)
      x = y;
  }
  results.push_back(std::move(*result));
  return true;
}

/// Clip with bounds as inputs (opset 11) or as attributes.
bool evaluateClip(const Operation &operation, Results &results) {
  if (!operation.input(0) || operation.attribute("min") ||
      operation.attribute("max"))
    return false;
  std::optional<KnownTensor> result = *operation.input(0);
  if (const KnownTensor *low = operation.input(1))
    result = applyBinary(*result, *low, result->type, maximum, operation);
  if (const KnownTensor *high = operation.input(2); high && result)
    result = applyBinary(*result, *high, result->type, minimum, operation);
  if (result)
    results.push_back(std::move(*result));
  return result.has_value();
}

} // namespace

Evaluator findElementwiseEvaluator(llvm::StringRef opType) {
  return llvm::StringSwitch<Evaluator>(opType)
      .Case("Add", evaluateArithmetic<add>)
      .Case("Sub", evaluateArithmetic<subtract>)
      .Case("Mul", evaluateArithmetic<multiply>)
      .Case("Div", evaluateArithmetic<divide>)
      .Case("Mod", evaluateArithmetic<modulo>)
      .Case("Pow", evaluatePow)
      .Case("Min", evaluateFold<minimum>)
      .Case("Max", evaluateFold<maximum>)
      .Case("Sum", evaluateFold<add>)
      .Case("Equal", evaluatePredicate<relation<false, true, false>>)
      .Case("Less", evaluatePredicate<relation<true, false, false>>)
      .Case("LessOrEqual", evaluatePredicate<relation<true, true, false>>)
      .Case("Greater", evaluatePredicate<relation<false, false, true>>)
      .Case("GreaterOrEqual", evaluatePredicate<relation<false, true, true>>)
      .Case("And", evaluatePredicate<logicalAnd>)
      .Case("Or", evaluatePredicate<logicalOr>)
      .Case("Xor", evaluatePredicate<logicalXor>)
      .Case("Not", evaluateNot)
      .Case("Neg", evaluateUnary<negate, true>)
      .Case("Abs", evaluateUnary<std::fabs, true>)
      .Case("Sign", evaluateUnary<sign, true>)
      .Case("Relu", evaluateUnary<relu, true>)
      .Case("Floor", evaluateUnary<std::floor, false>)
      .Case("Ceil", evaluateUnary<std::ceil, false>)
      .Case("Round", evaluateUnary<std::nearbyint, false>)
      .Case("Sqrt", evaluateUnary<std::sqrt, false>)
      .Case("Exp", evaluateUnary<std::exp, false>)
      .Case("Log", evaluateUnary<std::log, false>)
      .Case("Sin", evaluateUnary<std::sin, false>)
      .Case("Cos", evaluateUnary<std::cos, false>)
      .Case("Sigmoid", evaluateUnary<sigmoid, false>)
      .Case("Reciprocal", evaluateUnary<reciprocal, false>)
      .Case("Identity", evaluateIdentity)
      .Case("Cast", evaluateCast)
      .Case("CastLike", evaluateCastLike)
      .Case("Where", evaluateWhere)
      .Case("Clip", evaluateClip)
      .Default(nullptr);
}

} // namespace gnomon::shapes
