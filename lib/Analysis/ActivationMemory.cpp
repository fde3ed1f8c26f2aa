// SPDX-License-Identifier: Apache-2.0
// Liveness of activations over the kernels of a function.

#include "gnomon/Analysis/ActivationMemory.h"
#include "llvm/ADT/DenseMap.h"

using namespace gnomon;
using namespace mlir;

namespace {

/// Where a buffer is made and last read, as numbers of kernels.
struct Life {
  size_t first = 0, last = 0;
  int64_t bytes = 0;
};

class Lives {
public:
  Lives(ArrayRef<Kernel> kernels, func::FuncOp function) : kernels(kernels) {
    for (BlockArgument argument : function.getArguments())
      make(argument, 0);
    for (auto [index, kernel] : llvm::enumerate(kernels)) {
      for (Value input : kernel.inputs)
        read(input, index);
      for (Value output : kernel.outputs)
        if (kernel.view && !kernel.inputs.empty())
          shared[output] = rootOf(kernel.inputs.front());
        else if (!lives.contains(output))
          make(output, index);
    }
    for (Block &block : function.getBody())
      for (Value result : block.getTerminator()->getOperands())
        read(result, kernels.size());
  }

  /// Sums over the lives that hold each kernel.
  std::vector<int64_t> bytes() const {
    std::vector<int64_t> change(kernels.size() + 1);
    for (const auto &[_, life] : lives) {
      change[life.first] += life.bytes;
      if (life.last + 1 < change.size())
        change[life.last + 1] -= life.bytes;
    }
    change.pop_back();
    int64_t live = 0;
    for (int64_t &step : change)
      step = live += step;
    return change;
  }

private:
  static int64_t bytesOf(Value value) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    if (!type || !type.hasStaticShape() ||
        !type.getElementType().isIntOrFloat())
      return 0;
    int64_t bits = std::max(8u, type.getElementTypeBitWidth());
    return type.getNumElements() * (bits / 8);
  }

  void make(Value value, size_t index) {
    lives[value] = {index, index, bytesOf(value)};
  }

  Value rootOf(Value value) const {
    Value root = shared.lookup(value);
    return root ? root : value;
  }

  /// Values that no kernel makes are known at load time.
  void read(Value value, size_t index) {
    auto found = lives.find(rootOf(value));
    if (found != lives.end())
      found->second.last = std::max(found->second.last, index);
  }

  ArrayRef<Kernel> kernels;
  llvm::DenseMap<Value, Life> lives;
  llvm::DenseMap<Value, Value> shared; ///< results of views -> what they show
};

} // namespace

std::vector<int64_t> gnomon::liveActivationBytes(ArrayRef<Kernel> kernels,
                                                 func::FuncOp function) {
  return Lives(kernels, function).bytes();
}
