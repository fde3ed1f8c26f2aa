// SPDX-License-Identifier: Apache-2.0
// A dense network as the judge of a search's assignments.
#ifndef GNOMON_ACCURACY_MLPEVALUATOR_H
#define GNOMON_ACCURACY_MLPEVALUATOR_H

#include "gnomon/Accuracy/Encoding.h"
#include "gnomon/Mlp/Bounds.h"
#include "gnomon/Mlp/Gradients.h"
#include "gnomon/Search/Algorithms.h"

namespace gnomon {

/// Answers batches of assignments: encode, ask the network, one number each.
/// The answer to an assignment is the same bytes whatever batch it is in. What
/// a network minimizes is answered with its sign changed: more is better.
class MlpEvaluator : public search::DifferentiableEvaluator {
public:
  /// Errors: a network that takes another number of inputs than the encoding
  /// gives, or answers with more than one number.
  static llvm::Expected<MlpEvaluator> create(Mlp network,
                                             ProblemEncoder encoder,
                                             search::Sense sense,
                                             llvm::StringRef source);

  std::vector<double>
  evaluate(llvm::ArrayRef<search::Assignment> assignments) override;
  double atShares(const search::OptionValues &shares, double weight,
                  search::OptionValues &gradient) override;
  std::optional<double> upperBound(const search::Box &box) override;

private:
  MlpEvaluator(Mlp network, ProblemEncoder encoder, double sign)
      : network(std::move(network)), gradients(this->network),
        bounds(this->network), encoder(std::move(encoder)), sign(sign) {}

  Mlp network;
  MlpGradients gradients;
  MlpBounds bounds;
  ProblemEncoder encoder;
  double sign;
};

/// A file that holds a network and what it reads (docs/accuracy-models.md):
/// `schema` (1), `kind` ("mlp"), `name`, `space`, `metric`, `unit`, `sense`,
/// `inputs`, `encoding`, `network` (as parseMlp reads it).
struct MlpFile {
  std::string source; ///< names the file in messages
  std::string name, space;
  search::Metric metric;
  Encoding encoding;
  Mlp network;
};

llvm::Expected<MlpFile> parseMlpFile(const JsonView &json,
                                     llvm::StringRef source);
llvm::Expected<MlpFile> loadMlpFile(llvm::StringRef path);

} // namespace gnomon

#endif // GNOMON_ACCURACY_MLPEVALUATOR_H
