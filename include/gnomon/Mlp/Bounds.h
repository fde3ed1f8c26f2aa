// SPDX-License-Identifier: Apache-2.0
// What dense networks can answer at most.
#ifndef GNOMON_MLP_BOUNDS_H
#define GNOMON_MLP_BOUNDS_H

#include "gnomon/Mlp/Mlp.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace gnomon {

/// Bounds of a network's first output over a set of rows, by linear relaxation
/// (CROWN: Zhang, Weng, Chen, Hsieh, Daniel, "Efficient Neural Network
/// Robustness Certification with General Activation Functions", NeurIPS 2018):
/// a ReLU lies below the chord of its argument's range and above 0 or its
/// argument, so that an output lies below a linear function of the inputs; the
/// ranges of arguments are found the same way, layer by layer.
///
/// Ours: the set of rows is known by its greatest values of linear functions
/// alone. Bounds are formed in double precision and widened by 1e-5 of 1 + the
/// bound, which covers what single precision rounds in networks of a few
/// hundred units and answers near 1.
class MlpBounds {
public:
  /// The greatest sum of coefficient times input over the rows, or more.
  using Greatest =
      llvm::function_ref<double(llvm::ArrayRef<double> coefficients)>;

  explicit MlpBounds(const Mlp &mlp);

  /// At least the greatest `sign` times first output; `sign` is 1 or -1.
  double most(int sign, Greatest greatest) const;

private:
  struct Layer {
    uint32_t inputs = 0, outputs = 0;
    std::vector<double> weights, bias; ///< a row of weights for each output
    bool relu = false;
  };
  /// Of the arguments of a layer's ReLUs.
  struct Range {
    std::vector<double> low, high;
  };
  /// At least the greatest sum of coefficients times units, before their ReLU,
  /// of a layer; ranges are those of the layers before.
  double most(size_t layer, std::vector<double> coefficients,
              llvm::ArrayRef<Range> ranges, Greatest greatest) const;

  std::vector<Layer> layers;
  double added;
};

} // namespace gnomon

#endif // GNOMON_MLP_BOUNDS_H
