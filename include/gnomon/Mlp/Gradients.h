// SPDX-License-Identifier: Apache-2.0
// Derivatives of dense networks by their inputs, for batches.
#ifndef GNOMON_MLP_GRADIENTS_H
#define GNOMON_MLP_GRADIENTS_H

#include "gnomon/Mlp/Mlp.h"

namespace gnomon {

/// Answers and derivatives with the speed of Mlp::forward() and the bits of
/// forward() and Mlp::inputGradient(): on the way back a layer is one of
/// transposed weights, without a bias, and slopes that a ReLU stops are zero
/// inputs, which cost nothing.
///
/// Nothing changes after the constructor: any number of threads may ask.
class MlpGradients {
public:
  explicit MlpGradients(const Mlp &mlp);

  uint32_t numInputs() const { return layers.front().numInputs(); }
  /// For every row of numInputs() floats the answer of one output, and its
  /// derivative by each input, row major like `rows`.
  void operator()(llvm::ArrayRef<float> rows, uint32_t output,
                  llvm::MutableArrayRef<float> answers,
                  llvm::MutableArrayRef<float> gradients) const;

private:
  /// Each layer, and each layer transposed, as a network of its own.
  std::vector<Mlp> layers, transposed;
  std::vector<bool> relu;
  float added;
};

} // namespace gnomon

#endif // GNOMON_MLP_GRADIENTS_H
