// SPDX-License-Identifier: Apache-2.0
// How a network of a space becomes the inputs of an accuracy network.
#ifndef GNOMON_ACCURACY_ENCODING_H
#define GNOMON_ACCURACY_ENCODING_H

#include "gnomon/Search/Activity.h"
#include "gnomon/Search/Boxes.h"
#include "gnomon/Support/Json.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace gnomon {

/// What every option adds to which input. Decisions that are not asked, or not
/// named here, add nothing; an input starts at 0.
struct Encoding {
  using Additions = std::vector<std::pair<uint32_t, float>>;

  uint32_t inputs = 0;
  /// Decision -> option -> what it adds.
  std::map<std::string, std::map<std::string, Additions>> additions;

  /// The inputs of one network, given as decision -> option. Errors: an option
  /// that the encoding lacks.
  llvm::Expected<std::vector<float>>
  encode(const std::map<std::string, std::string> &selection) const;
};

/// An encoding of a problem's assignments.
class ProblemEncoder {
public:
  /// `problem` must be sound and outlive the encoder. `source` names the
  /// encoding in messages. Errors: a decision of the encoding that the problem
  /// lacks, an option of such a decision that the encoding lacks.
  static llvm::Expected<ProblemEncoder> create(const Encoding &encoding,
                                               const search::Problem &problem,
                                               llvm::StringRef source);

  uint32_t numInputs() const { return inputs; }
  /// Adds an assignment to a row of zeros.
  void encode(llvm::ArrayRef<uint32_t> assignment,
              llvm::MutableArrayRef<float> row) const;

  /// Adds what lies between assignments to a row of zeros: every option adds
  /// its share of what the decision is active (search::Activity).
  void encode(const search::OptionValues &shares,
              llvm::MutableArrayRef<float> row) const;
  /// From derivatives of a value by the row to those by the shares: `weight`
  /// times these are added to `gradient`.
  void derive(const search::OptionValues &shares, llvm::ArrayRef<float> slopes,
              double weight, search::OptionValues &gradient) const;

  /// At least the greatest sum of coefficient times input over the networks of
  /// a box.
  double greatest(const search::Box &box,
                  llvm::ArrayRef<search::Matters> matters,
                  llvm::ArrayRef<double> coefficients) const;
  const search::Boxes &allBoxes() const { return boxes; }

private:
  ProblemEncoder(uint32_t inputs, const search::Problem &problem)
      : inputs(inputs), problem(&problem), activity(problem), boxes(problem),
        additions(problem.decisions.size()) {}

  uint32_t inputs;
  const search::Problem *problem;
  search::Activity activity;
  search::Boxes boxes;
  /// By decision (empty: it adds nothing) and option.
  std::vector<std::vector<Encoding::Additions>> additions;
};

/// Reads `inputs` and `encoding` (decision -> option -> list of [input, value])
/// of an object. Errors name the field: an input out of range, a value that is
/// not finite.
llvm::Expected<Encoding> parseEncoding(const JsonView &json);

/// OFA's 128 inputs for the space ofa-mbv3: kernel size one-hot (20 blocks x
/// {3, 5, 7}), expansion ratio one-hot (20 x {3, 4, 6}), resolution one-hot at
/// 120 + (r - 112) / 16 for r of 112 to 236 in steps of 4.
Encoding ofaMobileNetV3Encoding();

/// HELP's 145 inputs for the same space: the same 120, then the 25 resolutions
/// of 128 to 224 in steps of 4 one-hot.
Encoding helpMobileNetV3Encoding();

} // namespace gnomon

#endif // GNOMON_ACCURACY_ENCODING_H
