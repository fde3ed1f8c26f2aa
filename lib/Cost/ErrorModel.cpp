// SPDX-License-Identifier: Apache-2.0
// How far a whole network may be off: errors of its kernels, and how they go
// together.

#include "gnomon/Cost/ErrorModel.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace gnomon;
using llvm::StringRef;

KindError ErrorModel::of(KernelKind kind) const {
  if (auto found = kinds.find(kind); found != kinds.end())
    return found->second;
  KindError greatest;
  for (const auto &[_, one] : kinds)
    greatest = {std::max(greatest.together, one.together),
                std::max(greatest.alone, one.alone)};
  return greatest;
}

static double between(double at, double low, double high, double from,
                      double to) {
  return high > low ? from + (at - low) / (high - low) * (to - from) : to;
}

double ErrorModel::quantile(double probability) const {
  if (quantiles.empty())
    return 0;
  auto above = quantiles.lower_bound(probability);
  if (above == quantiles.end())
    return quantiles.rbegin()->second;
  if (above == quantiles.begin())
    return above->second;
  auto below = std::prev(above);
  return between(probability, below->first, above->first, below->second,
                 above->second);
}

double ErrorModel::probability(double standardised) const {
  auto above = quantiles.begin();
  while (above != quantiles.end() && above->second <= standardised)
    ++above;
  if (above == quantiles.end())
    return quantiles.empty() ? 0 : quantiles.rbegin()->first;
  if (above == quantiles.begin())
    return above->first;
  auto below = std::prev(above);
  return between(standardised, below->second, above->second, below->first,
                 above->first);
}

llvm::Error ErrorModel::check(StringRef bundle, double probability) const {
  if (!isKnown())
    return llvm::createStringError("sure: bundle '" + bundle.str() +
                                   "' does not know how far its predictions "
                                   "are off");
  double most = quantiles.rbegin()->first;
  if (probability >= 0.5 && probability <= most)
    return llvm::Error::success();
  return llvm::createStringError(
      llvm::formatv("sure: bundle '{0}' knows probabilities up to {1}; "
                    "expected 0.5 to {1}, found {2}",
                    bundle, most, probability)
          .str());
}

std::string ErrorModel::restsOn() const {
  if (!networks)
    return "intervals of whole networks, all of which errs alike";
  return std::to_string(networks) +
         " networks held out of training, and how the errors of their kernels "
         "went together";
}

ErrorModel ErrorModel::ofIntervals(const LogIntervals &intervals) {
  ErrorModel model;
  model.common = 1;
  for (const auto &[confidence, interval] : intervals) {
    model.quantiles[(1 - confidence) / 2] = std::expm1(interval.first);
    model.quantiles[(1 + confidence) / 2] = std::expm1(interval.second);
  }
  return model;
}

/// A number of at least 0.
static double deviation(const JsonFields &fields, StringRef name) {
  double value = fields.number(name);
  if (!(value >= 0))
    fields.fail(name, "expected a number of at least 0");
  return value;
}

ErrorModel ErrorModel::read(const JsonFields &network,
                            const LogIntervals &intervals) {
  if (!network.has("error"))
    return ofIntervals(intervals);
  std::optional<JsonFields> fields = network.object("error");
  if (!fields)
    return {};
  ErrorModel model;
  model.common = deviation(*fields, "common");
  if (auto kinds = fields->object("kinds"))
    for (const std::string &name : fields->names("kinds")) {
      std::optional<KernelKind> kind = findKernelKind(name);
      std::optional<JsonFields> one = kinds->object(name);
      if (!kind)
        kinds->fail(name, "this version does not know the kernel kind");
      else if (one)
        model.kinds[*kind] = {deviation(*one, "together"),
                              deviation(*one, "alone")};
    }
  if (auto quantiles = fields->object("quantiles"))
    for (const std::string &name : fields->names("quantiles")) {
      double probability = 0;
      if (StringRef(name).getAsDouble(probability) ||
          !(probability > 0 && probability < 1))
        quantiles->fail(name, "expected a probability between 0 and 1 as name");
      else
        model.quantiles[probability] = quantiles->number(name);
    }
  if (!model.isKnown())
    fields->fail("quantiles", "expected at least one");
  for (auto at = model.quantiles.begin(), next = at;
       at != model.quantiles.end() && ++next != model.quantiles.end(); ++at)
    if (next->second < at->second)
      fields->fail("quantiles", "expected numbers that ascend");
  model.networks = size_t(fields->integer("networks", 1, 1 << 30));
  return model;
}
