// SPDX-License-Identifier: Apache-2.0
// The fast engine of dense networks: one source for every vector width, the
// width chosen when the program runs.
//
// A layer adds rows of weights, one for each input that is not zero. The
// inputs of a row are listed first; then a piece of the weights small enough
// for the innermost cache (96 inputs x one panel) serves all rows of a block
// before the next piece comes. Sums stay in the order of the inputs.
#include "gnomon/Mlp/Mlp.h"

// Vector types of unknown size cannot be kept in arrays.
#define HWY_DISABLED_TARGETS                                                   \
  (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lib/Mlp/Forward.cpp"
#include "hwy/foreach_target.h" // must come before highway.h

#include "hwy/highway.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

#ifndef GNOMON_MLP_FORWARD_SHARED
#define GNOMON_MLP_FORWARD_SHARED
namespace gnomon {

constexpr size_t kRowBlock = 64;
constexpr size_t kInputBlock = 96;
static_assert(kInputBlock % PackedLayer::kLane == 0);

static size_t inputBlocks(size_t inputs) {
  return (inputs + kInputBlock - 1) / kInputBlock;
}

/// Row-major numbers of one block of rows.
struct DenseRows {
  const float *values;
  size_t rows, stride;
};

/// Of each row the inputs that are not zero, in order.
struct InputLists {
  struct Row {
    uint32_t *index;
    float *value;
    uint32_t *starts; ///< by block of inputs, and the end
  };

  /// Room for rows of at most `inputs`; lists are written a vector at a time.
  InputLists(size_t rows, size_t inputs)
      : stride(inputBlocks(inputs) * kInputBlock + PackedLayer::kLane),
        startsStride(inputBlocks(inputs) + 1), index(rows * stride),
        value(rows * stride), starts(rows * startsStride) {}

  Row row(size_t number) {
    return {index.data() + number * stride, value.data() + number * stride,
            starts.data() + number * startsStride};
  }

private:
  size_t stride, startsStride;
  std::vector<uint32_t> index;
  std::vector<float> value;
  std::vector<uint32_t> starts;
};

} // namespace gnomon
#endif // GNOMON_MLP_FORWARD_SHARED

HWY_BEFORE_NAMESPACE();
namespace gnomon::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::CappedTag<float, PackedLayer::kLane>;
using Few = hn::CappedTag<float, 4>;

/// a * b + c, rounded once, also where the instruction set cannot.
template <class D>
HWY_INLINE hn::Vec<D> fusedMulAdd(D d, hn::Vec<D> a, hn::Vec<D> b,
                                  hn::Vec<D> c) {
#if HWY_NATIVE_FMA
  return hn::MulAdd(a, b, c);
#else
  HWY_ALIGN float x[PackedLayer::kLane], y[PackedLayer::kLane],
      z[PackedLayer::kLane];
  hn::Store(a, d, x);
  hn::Store(b, d, y);
  hn::Store(c, d, z);
  for (size_t lane = 0; lane < hn::Lanes(d); ++lane)
    z[lane] = std::fma(x[lane], y[lane], z[lane]);
  return hn::Load(d, z);
#endif
}

/// What ends a unit: its ReLU, and no zero with a sign.
template <class D>
HWY_INLINE hn::Vec<D> finish(D d, bool relu, hn::Vec<D> sum) {
  if (relu)
    sum = hn::IfThenZeroElse(hn::Lt(sum, hn::Zero(d)), sum);
  return hn::Add(sum, hn::Zero(d));
}

/// Appends what is not zero among up to a vector of inputs from `first` on.
HWY_INLINE size_t appendInputs(const float *row, size_t first, size_t count,
                               InputLists::Row list, size_t end) {
  const Floats d;
  const hn::RebindToUnsigned<Floats> du;
  HWY_ALIGN float tail[PackedLayer::kLane] = {};
  const float *from = row + first;
  if (count < hn::Lanes(d)) {
    std::memcpy(tail, from, count * sizeof(float));
    from = tail;
  }
  const auto values = hn::LoadU(d, from);
  const auto kept = hn::Ne(values, hn::Zero(d));
  const auto numbers = hn::Iota(du, static_cast<uint32_t>(first));
  hn::StoreU(hn::Compress(values, kept), d, list.value + end);
  hn::StoreU(hn::Compress(numbers, hn::RebindMask(du, kept)), du,
             list.index + end);
  return end + hn::CountTrue(d, kept);
}

void listInputs(DenseRows rows, size_t inputs, InputLists &lists) {
  const size_t lanes = hn::Lanes(Floats());
  for (size_t number = 0; number < rows.rows; ++number) {
    InputLists::Row list = lists.row(number);
    const float *row = rows.values + number * rows.stride;
    size_t end = 0;
    for (size_t block = 0; block < inputBlocks(inputs); ++block) {
      list.starts[block] = static_cast<uint32_t>(end);
      size_t stop = std::min(inputs, (block + 1) * kInputBlock);
      for (size_t first = block * kInputBlock; first < stop; first += lanes)
        end =
            appendInputs(row, first, std::min(lanes, stop - first), list, end);
    }
    list.starts[inputBlocks(inputs)] = static_cast<uint32_t>(end);
  }
}

/// One panel of `kGroups` groups of outputs for a block of rows.
template <size_t kGroups>
void addPanel(const PackedLayer &layer, uint32_t panel, size_t rows,
              InputLists &lists, float *answers) {
  const Floats d;
  constexpr size_t kLanes = hn::MaxLanes(Floats());
  constexpr size_t kWidth = kGroups * PackedLayer::kLane;
  constexpr size_t kVectors = kWidth / kLanes;
  const float *weights = layer.panel(panel);
  const size_t blocks = inputBlocks(layer.inputs);
  for (size_t block = 0; block < blocks; ++block)
    for (size_t number = 0; number < rows; ++number) {
      const InputLists::Row list = lists.row(number);
      float *answer = answers + number * layer.paddedOutputs() + panel * kWidth;
      const float *from = block ? answer : layer.biases() + panel * kWidth;
      hn::Vec<Floats> sums[kVectors];
      for (size_t v = 0; v < kVectors; ++v)
        sums[v] = hn::Load(d, from + v * kLanes);
      for (size_t at = list.starts[block]; at < list.starts[block + 1]; ++at) {
        const float *row = weights + list.index[at] * kWidth;
        const auto value = hn::Set(d, list.value[at]);
        for (size_t v = 0; v < kVectors; ++v)
          sums[v] =
              fusedMulAdd(d, value, hn::Load(d, row + v * kLanes), sums[v]);
      }
      if (block + 1 == blocks)
        for (size_t v = 0; v < kVectors; ++v)
          sums[v] = finish(d, layer.relu, sums[v]);
      for (size_t v = 0; v < kVectors; ++v)
        hn::Store(sums[v], d, answer + v * kLanes);
    }
}

void addInputs(const PackedLayer &layer, size_t rows, InputLists &lists,
               float *answers) {
  static_assert(PackedLayer::kWidestPanel == 6 * PackedLayer::kLane);
  constexpr decltype(&addPanel<1>) byGroups[] = {addPanel<1>, addPanel<2>,
                                                 addPanel<3>, addPanel<4>,
                                                 addPanel<5>, addPanel<6>};
  for (uint32_t panel = 0; panel < layer.numPanels; ++panel)
    byGroups[layer.panelWidth / PackedLayer::kLane - 1](layer, panel, rows,
                                                        lists, answers);
}

/// A layer of very few outputs: one sum is one long chain of additions, so
/// several rows take turns. Zero inputs are not skipped: they change nothing.
void addFewOutputs(const PackedLayer &layer, DenseRows rows, float *answers) {
  const Few d;
  constexpr size_t kTurns = 8;
  constexpr size_t kLanes = hn::MaxLanes(Few());
  const size_t width = layer.paddedOutputs();
  for (size_t begin = 0; begin < rows.rows; begin += kTurns)
    for (size_t first = 0; first < layer.outputs; first += kLanes) {
      const float *row[kTurns];
      hn::Vec<Few> sums[kTurns];
      for (size_t turn = 0; turn < kTurns; ++turn) {
        size_t number = std::min(begin + turn, rows.rows - 1);
        row[turn] = rows.values + number * rows.stride;
        sums[turn] = hn::LoadU(d, layer.biases() + first);
      }
      for (uint32_t input = 0; input < layer.inputs; ++input) {
        const auto weight =
            hn::LoadU(d, layer.panel(0) + size_t(input) * width + first);
        for (size_t turn = 0; turn < kTurns; ++turn)
          sums[turn] =
              fusedMulAdd(d, hn::Set(d, row[turn][input]), weight, sums[turn]);
      }
      for (size_t turn = 0; turn < kTurns && begin + turn < rows.rows; ++turn)
        hn::StoreU(finish(d, layer.relu, sums[turn]), d,
                   answers + (begin + turn) * width + first);
    }
}

void forwardLayer(const PackedLayer &layer, DenseRows rows, InputLists &lists,
                  float *answers) {
  if (layer.outputs <= hn::MaxLanes(Few()))
    return addFewOutputs(layer, rows, answers);
  listInputs(rows, layer.inputs, lists);
  addInputs(layer, rows.rows, lists, answers);
}

} // namespace gnomon::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gnomon {

HWY_EXPORT(forwardLayer);

namespace {
/// What a block of rows is worked out in; made once a call.
class Workspace {
public:
  Workspace(llvm::ArrayRef<PackedLayer> layers, size_t rows)
      : lists(rows, widestInput(layers)),
        even(rows * widestOutput(layers) / PackedLayer::kLane),
        odd(even.size()) {}

  /// The answers of the last layer, `paddedOutputs()` a row.
  const float *run(llvm::ArrayRef<PackedLayer> layers, DenseRows rows) {
    Vectors *next = &even, *last = &odd;
    for (const PackedLayer &layer : layers) {
      float *answers = next->data()->values;
      HWY_DYNAMIC_DISPATCH(forwardLayer)(layer, rows, lists, answers);
      rows = {answers, rows.rows, layer.paddedOutputs()};
      std::swap(next, last);
    }
    return rows.values;
  }

private:
  struct alignas(64) Lane {
    float values[PackedLayer::kLane];
  };
  using Vectors = std::vector<Lane>;

  static size_t widestInput(llvm::ArrayRef<PackedLayer> layers) {
    size_t widest = 0;
    for (const PackedLayer &layer : layers)
      widest = std::max<size_t>(widest, layer.inputs);
    return widest;
  }
  static size_t widestOutput(llvm::ArrayRef<PackedLayer> layers) {
    size_t widest = 0;
    for (const PackedLayer &layer : layers)
      widest = std::max<size_t>(widest, layer.paddedOutputs());
    return widest;
  }

  InputLists lists;
  Vectors even, odd;
};
} // namespace

void Mlp::forward(llvm::ArrayRef<float> inputs,
                  llvm::MutableArrayRef<float> outputs) const {
  const size_t rows = inputs.size() / numInputs();
  assert(rows * numInputs() == inputs.size() &&
         rows * numOutputs() == outputs.size());
  if (rows == 0)
    return;
  Workspace workspace(layers, std::min(rows, kRowBlock));
  const size_t stride = layers.back().paddedOutputs();
  for (size_t begin = 0; begin < rows; begin += kRowBlock) {
    const size_t count = std::min(kRowBlock, rows - begin);
    const float *answers = workspace.run(
        layers, {inputs.data() + begin * numInputs(), count, numInputs()});
    for (size_t row = 0; row < count; ++row)
      for (size_t output = 0; output < numOutputs(); ++output)
        outputs[(begin + row) * numOutputs() + output] =
            answers[row * stride + output] + added;
  }
}

} // namespace gnomon
#endif // HWY_ONCE
