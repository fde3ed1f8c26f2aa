// SPDX-License-Identifier: Apache-2.0
// Dense networks that say what the networks of a space take.

#ifndef GNOMON_LIB_TRANSFORMS_LEARNEDLATENCY_H
#define GNOMON_LIB_TRANSFORMS_LEARNEDLATENCY_H

#include "gnomon/Accuracy/MlpEvaluator.h"
#include "mlir/IR/BuiltinOps.h"

namespace gnomon {

/// Latency as a dense network has learned it (`gnomon fit-latency`), in
/// nanoseconds, negated: more is better.
class LearnedLatency : public search::DifferentiableEvaluator {
public:
  /// Reads a file of kind mlp about the metric "latency" in ms or us. `problem`
  /// must outlive what comes back. Errors: a file that cannot be read, one
  /// about another space than `module` names or another metric, an encoding
  /// that does not fit the problem.
  static llvm::Expected<std::unique_ptr<LearnedLatency>>
  load(llvm::StringRef path, mlir::ModuleOp module,
       const search::Problem &problem);

  std::vector<double>
  evaluate(llvm::ArrayRef<search::Assignment> assignments) override;
  double atShares(const search::OptionValues &shares, double weight,
                  search::OptionValues &gradient) override {
    return scale * network.atShares(shares, scale * weight, gradient);
  }
  /// What a network takes, in microseconds.
  double us(const search::Assignment &assignment);
  const std::string &name() const { return modelName; }

private:
  LearnedLatency(MlpEvaluator network, std::string name, double scale)
      : network(std::move(network)), modelName(std::move(name)), scale(scale) {}

  MlpEvaluator network;
  std::string modelName;
  double scale; ///< nanoseconds in one of the file's unit
};

} // namespace gnomon

#endif // GNOMON_LIB_TRANSFORMS_LEARNEDLATENCY_H
