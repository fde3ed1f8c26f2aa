// SPDX-License-Identifier: Apache-2.0
// Weights for tensors without a source: the same bytes on every machine.

#include "InitialWeights.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"

#include <cmath>
#include <cstring>

using namespace mlir;

namespace gnomon {

std::optional<InitKind> parseInitKind(StringRef name) {
  return llvm::StringSwitch<std::optional<InitKind>>(name)
      .Case("zeros", InitKind::Zeros)
      .Case("ones", InitKind::Ones)
      .Case("kaiming_uniform", InitKind::KaimingUniform)
      .Case("small", InitKind::Small)
      .Default(std::nullopt);
}

InitKind defaultInitKind(RankedTensorType type) {
  return type.getRank() >= 2 ? InitKind::KaimingUniform : InitKind::Small;
}

/// The finalizer of SplitMix64: a bijection that mixes well.
static uint64_t mix(uint64_t bits) {
  bits += 0x9e3779b97f4a7c15u;
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
  return bits ^ (bits >> 31);
}

/// An odd number between -2^24 and 2^24, exact as a float, times `unit`.
static float uniform(uint64_t bits, float unit) {
  auto odd = static_cast<int32_t>(2 * (bits & 0xffffff) + 1) - (1 << 24);
  return static_cast<float>(odd) * unit;
}

static double boundOf(InitKind kind, ArrayRef<int64_t> shape) {
  if (kind == InitKind::Small)
    return 0.01;
  double fanIn = 1;
  for (int64_t size : shape.drop_front(shape.empty() ? 0 : 1))
    fanIn *= static_cast<double>(size);
  return std::sqrt(6.0 / std::max(fanIn, 1.0));
}

/// Two elements from every number of the counter, `put` one after the other.
static void drawUniform(int64_t elements, float bound, uint64_t key,
                        auto &&put) {
  float unit = bound / (1 << 24);
  int64_t pairs = elements / 2;
  for (int64_t i = 0; i < pairs; ++i) {
    uint64_t bits = mix(key + i);
    put(2 * i, uniform(bits, unit));
    put(2 * i + 1, uniform(bits >> 32, unit));
  }
  if (elements % 2)
    put(elements - 1, uniform(mix(key + pairs), unit));
}

/// One element as the bits of another type of float.
static uint64_t convert(float value, const llvm::fltSemantics &semantics) {
  llvm::APFloat number(value);
  bool losesInfo = false;
  number.convert(semantics, llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return number.bitcastToAPInt().getZExtValue();
}

static std::string uniformBytes(int64_t elements, FloatType type, float bound,
                                uint64_t key) {
  unsigned width = type.getWidth() / 8;
  std::string bytes(elements * width, 0);
  char *out = bytes.data();
  if (type.isF32())
    drawUniform(elements, bound, key, [&](int64_t index, float value) {
      memcpy(out + index * sizeof(float), &value, sizeof(float));
    });
  else
    drawUniform(elements, bound, key, [&](int64_t index, float value) {
      uint64_t bits = convert(value, type.getFloatSemantics());
      memcpy(out + index * width, &bits, width);
    });
  return bytes;
}

static std::string repeat(uint64_t bits, unsigned width, int64_t elements) {
  std::string bytes(elements * width, 0);
  for (int64_t i = 0; bits && i < elements; ++i)
    memcpy(bytes.data() + i * width, &bits, width);
  return bytes;
}

llvm::Expected<std::string> initialWeights(RankedTensorType type, InitKind kind,
                                           uint64_t seed, StringRef name) {
  Type element = type.getElementType();
  auto asFloat = dyn_cast<FloatType>(element);
  unsigned width = element.isIntOrFloat() ? element.getIntOrFloatBitWidth() : 0;
  bool isConstant = kind == InitKind::Zeros || kind == InitKind::Ones;
  int64_t elements = type.hasStaticShape() ? type.getNumElements() : -1;
  if (elements < 0 || width % 8 || width < (asFloat ? 16 : 8) || width > 64 ||
      !(asFloat || isConstant)) {
    std::string text;
    llvm::raw_string_ostream(text) << type;
    return llvm::createStringError(
        "values for a tensor without a source can be made for static shapes "
        "of floats (and zeros and ones of integers), found %s",
        text.c_str());
  }
  if (isConstant) {
    uint64_t one = asFloat ? convert(1, asFloat.getFloatSemantics()) : 1;
    return repeat(kind == InitKind::Ones ? one : 0, width / 8, elements);
  }
  auto bound = static_cast<float>(boundOf(kind, type.getShape()));
  uint64_t key = mix(llvm::xxh3_64bits(name) ^ mix(seed));
  return uniformBytes(elements, asFloat, bound, key);
}

} // namespace gnomon
