// SPDX-License-Identifier: Apache-2.0
// Asks dense networks about assignments; reads networks with their encodings.
#include "gnomon/Accuracy/MlpEvaluator.h"
#include "ModelHeader.h"
#include "gnomon/Mlp/Load.h"

#include <algorithm>

using namespace llvm;

namespace gnomon {

Expected<MlpEvaluator> MlpEvaluator::create(Mlp network, ProblemEncoder encoder,
                                            search::Sense sense,
                                            StringRef source) {
  if (network.numInputs() != encoder.numInputs())
    return createStringError(
        source + ": the network takes " + Twine(network.numInputs()) +
        " inputs, the encoding gives " + Twine(encoder.numInputs()));
  if (network.numOutputs() != 1)
    return createStringError(source +
                             ": expected a network with 1 output, "
                             "found " +
                             Twine(network.numOutputs()));
  return MlpEvaluator(std::move(network), std::move(encoder),
                      sense == search::Sense::Maximize ? 1 : -1);
}

std::vector<double>
MlpEvaluator::evaluate(ArrayRef<search::Assignment> assignments) {
  constexpr size_t atOnce = 512;
  const size_t width = network.numInputs();
  std::vector<float> rows, values;
  std::vector<double> answers;
  answers.reserve(assignments.size());
  while (!assignments.empty()) {
    const size_t count = std::min(assignments.size(), atOnce);
    rows.assign(count * width, 0.0f);
    values.resize(count);
    for (size_t row = 0; row < count; ++row)
      encoder.encode(assignments[row],
                     MutableArrayRef(rows).slice(row * width, width));
    network.forward(rows, values);
    for (float value : values)
      answers.push_back(sign * value);
    assignments = assignments.drop_front(count);
  }
  return answers;
}

double MlpEvaluator::atShares(const search::OptionValues &shares, double weight,
                              search::OptionValues &gradient) {
  std::vector<float> row(network.numInputs(), 0), slopes(row.size());
  encoder.encode(shares, row);
  float answer = 0;
  gradients(row, 0, answer, slopes);
  encoder.derive(shares, slopes, sign * weight, gradient);
  return sign * answer;
}

std::optional<double> MlpEvaluator::upperBound(const search::Box &box) {
  std::vector<search::Matters> matters = encoder.allBoxes().matters(box);
  return bounds.most(int(sign), [&](ArrayRef<double> coefficients) {
    return encoder.greatest(box, matters, coefficients);
  });
}

Expected<MlpFile> parseMlpFile(const JsonView &json, StringRef source) {
  Expected<ModelHeader> header = readModelHeader(json, "mlp");
  if (!header)
    return header.takeError();
  Expected<Encoding> encoding = parseEncoding(json);
  if (!encoding)
    return encoding.takeError();
  Expected<JsonView> view = json.field("network");
  if (!view)
    return view.takeError();
  Expected<Mlp> network = parseMlp(*view);
  if (!network)
    return network.takeError();
  return MlpFile{source.str(),
                 std::move(header->name),
                 std::move(header->space),
                 std::move(header->metric),
                 std::move(*encoding),
                 std::move(*network)};
}

Expected<MlpFile> loadMlpFile(StringRef path) {
  Expected<JsonDocument> document = JsonDocument::load(path);
  if (!document)
    return document.takeError();
  return parseMlpFile(document->root(), path);
}

} // namespace gnomon
