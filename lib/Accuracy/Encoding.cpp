// SPDX-License-Identifier: Apache-2.0
// Encodes networks by names and by assignments, reads encodings.
#include "gnomon/Accuracy/Encoding.h"
#include "gnomon/Support/JsonFields.h"

#include "llvm/ADT/STLExtras.h"

#include <cassert>
#include <cmath>

using namespace llvm;

namespace gnomon {

Expected<std::vector<float>>
Encoding::encode(const std::map<std::string, std::string> &selection) const {
  std::vector<float> row(inputs);
  for (const auto &[decision, option] : selection) {
    auto options = additions.find(decision);
    if (options == additions.end())
      continue;
    auto found = options->second.find(option);
    if (found == options->second.end())
      return createStringError("the encoding has no option '" + option +
                               "' of decision '" + decision + "'");
    for (auto [input, value] : found->second)
      row[input] += value;
  }
  return row;
}

Expected<ProblemEncoder> ProblemEncoder::create(const Encoding &encoding,
                                                const search::Problem &problem,
                                                StringRef source) {
  ProblemEncoder encoder(encoding.inputs, problem);
  for (const auto &[name, options] : encoding.additions) {
    auto decision = find_if(
        problem.decisions, [&](const auto &each) { return each.name == name; });
    if (decision == problem.decisions.end())
      return createStringError(source + ": encoding: the search '" +
                               problem.name + "' has no decision '" + name +
                               "'");
    auto &row = encoder.additions[decision - problem.decisions.begin()];
    for (const std::string &option : decision->options) {
      auto found = options.find(option);
      if (found == options.end())
        return createStringError(source + ": encoding." + name + ": option '" +
                                 option + "' of the search '" + problem.name +
                                 "' is missing");
      row.push_back(found->second);
    }
  }
  return encoder;
}

void ProblemEncoder::encode(ArrayRef<uint32_t> assignment,
                            MutableArrayRef<float> row) const {
  assert(row.size() == inputs && assignment.size() == additions.size());
  BitVector active = search::activeDecisions(*problem, assignment);
  for (auto [decision, options] : enumerate(additions))
    if (!options.empty() && active[decision])
      for (auto [input, value] : options[assignment[decision]])
        row[input] += value;
}

void ProblemEncoder::encode(const search::OptionValues &shares,
                            MutableArrayRef<float> row) const {
  std::vector<double> active = activity(shares), sums(inputs, 0);
  for (auto [decision, options] : enumerate(additions))
    for (auto [option, list] : enumerate(options))
      for (auto [input, value] : list)
        sums[input] += active[decision] * shares[decision][option] * value;
  for (auto [input, sum] : zip_equal(row, sums))
    input += float(sum);
}

void ProblemEncoder::derive(const search::OptionValues &shares,
                            ArrayRef<float> slopes, double weight,
                            search::OptionValues &gradient) const {
  std::vector<double> active = activity(shares), byActivity(active.size(), 0);
  for (auto [decision, options] : enumerate(additions))
    for (auto [option, list] : enumerate(options)) {
      double slope = 0;
      for (auto [input, value] : list)
        slope += weight * slopes[input] * value;
      gradient[decision][option] += active[decision] * slope;
      byActivity[decision] += shares[decision][option] * slope;
    }
  activity.derive(shares, active, std::move(byActivity), gradient);
}

double ProblemEncoder::greatest(const search::Box &box,
                                ArrayRef<search::Matters> matters,
                                ArrayRef<double> coefficients) const {
  std::vector<std::vector<double>> values(additions.size());
  for (auto [decision, options] : enumerate(additions))
    for (const Encoding::Additions &list : options) {
      double &sum = values[decision].emplace_back(0);
      for (auto [input, value] : list)
        sum += coefficients[input] * value;
    }
  return boxes.greatestSum(box, matters, values);
}

static Expected<Encoding::Additions> readAdditions(const JsonView &view,
                                                   uint32_t inputs) {
  Expected<std::vector<JsonView>> elements = view.elements();
  if (!elements)
    return elements.takeError();
  Encoding::Additions result;
  for (const JsonView &element : *elements) {
    Expected<std::vector<double>> pair = element.numbers();
    if (!pair)
      return pair.takeError();
    if (pair->size() != 2 || !((*pair)[0] >= 0 && (*pair)[0] < inputs) ||
        std::trunc((*pair)[0]) != (*pair)[0] ||
        !std::isfinite(static_cast<float>((*pair)[1])))
      return element.error("expected [input, value] with an input from 0 to " +
                           Twine(inputs - 1) + " and a finite value");
    result.emplace_back((*pair)[0], (*pair)[1]);
  }
  return result;
}

Expected<Encoding> parseEncoding(const JsonView &json) {
  Error problem = Error::success();
  Encoding result;
  result.inputs = JsonFields(json, problem).integer("inputs", 1, 65536);
  if (problem)
    return std::move(problem);
  Expected<JsonView> encoding = json.field("encoding");
  if (!encoding)
    return encoding.takeError();
  Expected<std::vector<std::pair<std::string, JsonView>>> decisions =
      encoding->members();
  if (!decisions)
    return decisions.takeError();
  for (const auto &[decision, view] : *decisions) {
    auto options = view.members();
    if (!options)
      return options.takeError();
    for (const auto &[option, list] : *options) {
      Expected<Encoding::Additions> read = readAdditions(list, result.inputs);
      if (!read)
        return read.takeError();
      result.additions[decision][option] = std::move(*read);
    }
  }
  return result;
}

/// The 120 inputs that OFA and HELP share, with room for more.
static Encoding mobileNetV3Blocks(uint32_t inputs) {
  constexpr uint32_t blocks = 20;
  const uint32_t kernels[] = {3, 5, 7}, ratios[] = {3, 4, 6};
  Encoding result;
  result.inputs = inputs;
  for (uint32_t block = 0; block < blocks; ++block) {
    std::string name =
        ("stage" + Twine(block / 4 + 1) + "_block" + Twine(block % 4)).str();
    for (uint32_t k = 0; k < 3; ++k)
      for (uint32_t e = 0; e < 3; ++e)
        result.additions
            [name][("k" + Twine(kernels[k]) + "e" + Twine(ratios[e])).str()] = {
            {3 * block + k, 1.0f}, {3 * blocks + 3 * block + e, 1.0f}};
  }
  return result;
}

Encoding ofaMobileNetV3Encoding() {
  Encoding result = mobileNetV3Blocks(128);
  for (uint32_t r = 112; r < 240; r += 4)
    result.additions["resolution"][std::to_string(r)] = {
        {120 + (r - 112) / 16, 1.0f}};
  return result;
}

Encoding helpMobileNetV3Encoding() {
  Encoding result = mobileNetV3Blocks(145);
  for (uint32_t r = 128; r <= 224; r += 4)
    result.additions["resolution"][std::to_string(r)] = {
        {120 + (r - 128) / 4, 1.0f}};
  return result;
}

} // namespace gnomon
