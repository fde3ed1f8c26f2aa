// SPDX-License-Identifier: Apache-2.0
// MobileNetV2 (arXiv 1801.04381) in its published widths.

#include "ArchitectureJson.h"
#include "BlockKeys.h"
#include "BuildSpace.h"
#include "Registry.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace gnomon {

namespace {

constexpr StringLiteral widthDecision = "width";
constexpr double widths[] = {0.35, 0.5, 0.75, 1.0, 1.3, 1.4};
constexpr StringLiteral widthNames[] = {"0.35", "0.5", "0.75",
                                        "1.0",  "1.3", "1.4"};
double widthOf(StringRef option) {
  double width = 0;
  option.getAsDouble(width);
  return width;
}

constexpr int64_t resolutions[] = {96, 128, 160, 192, 224};

struct Group {
  int64_t expansion, channels, repeats, stride;
};
constexpr Group groups[] = {{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2},
                            {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2},
                            {6, 320, 1, 1}};

Value emitConv(NetworkBuilder &network, Value x, StringRef name, StringRef key,
               const ConvShape &shape) {
  Value y = convNorm(network, x, name, shape, Activation::Relu6, 1e-5);
  network.markBlock(y, keys::part(key, x, y));
  return y;
}

Value emitGroup(NetworkBuilder &network, Value x, const Group &group,
                double width) {
  for (int64_t index = 0; index < group.repeats; ++index) {
    NetworkBuilder::Scope scope(network, "block" + Twine(index));
    InvertedResidual block{.out = roundChannels(double(group.channels) * width),
                           .mid =
                               NetworkBuilder::channelsOf(x) * group.expansion,
                           .stride = index == 0 ? group.stride : 1,
                           .activation = Activation::Relu6};
    Value y = invertedResidual(network, x, block);
    network.markBlock(y, keys::proxyless(x, y, block));
    x = y;
  }
  return x;
}

Value emitNetwork(NetworkBuilder &network, Value image, double width) {
  Value x = emitConv(
      network, image, "stem", "Conv",
      {.channels = roundChannels(32 * width), .kernel = 3, .stride = 2});
  for (auto [index, group] : llvm::enumerate(groups)) {
    NetworkBuilder::Scope scope(network, "stage" + Twine(index));
    x = emitGroup(network, x, group, width);
  }
  // Narrow networks keep the width of the head.
  Value mixed =
      emitConv(network, x, "feature_mix", "Conv_1",
               {.channels = roundChannels(1280 * std::max(1.0, width))});
  Value logits = poolAndClassify(network, mixed, 1000);
  network.markBlock(logits, keys::logits(mixed, logits));
  return logits;
}

class MobileNetV2Space : public Space {
public:
  StringRef name() const override { return "mbv2"; }
  StringRef description() const override {
    return "MobileNetV2 in six widths and five resolutions";
  }

  /// With a width multiplier the space is the one width.
  std::vector<SpaceDecision>
  decisions(const SpaceOptions &options) const override {
    SpaceDecision width{widthDecision.str(), {}, "", {}};
    for (auto [value, name] : llvm::zip_equal(widths, widthNames))
      if (options.widthMult == 0 || options.widthMult == value)
        width.options.push_back(name.str());
    return {resolutionDecision(resolutionsOf(options, resolutions)), width};
  }

  llvm::Expected<OwningOpRef<ModuleOp>>
  build(MLIRContext &context, const SpaceOptions &options) const override {
    return buildSpace(context, *this, options, widths,
                      [&](NetworkBuilder &network, Value image) {
                        return network.choice(
                            widthDecision, image,
                            [&](StringRef option, ValueRange arguments) {
                              return emitNetwork(network, arguments[0],
                                                 widthOf(option));
                            });
                      });
  }

  llvm::Expected<Selection>
  select(const llvm::json::Object &architecture) const override {
    ArchitectureFields fields(architecture);
    if (llvm::Error error = fields.only({"width", "r"}))
      return error;
    auto resolution = fields.resolution(224);
    if (!resolution)
      return resolution.takeError();
    const llvm::json::Value *found = architecture.get("width");
    std::optional<double> width =
        found ? found->getAsNumber() : std::optional<double>();
    const double *known = width ? llvm::find(widths, *width) : std::end(widths);
    if (known == std::end(widths))
      return mismatch("width", found ? shown(*found) : "nothing",
                      "one of " + llvm::join(llvm::ArrayRef(widthNames), ", "));
    return Selection{{kResolutionDecision.str(), *resolution},
                     {widthDecision.str(), widthNames[known - widths].str()}};
  }

  llvm::Expected<llvm::json::Object>
  describe(const Selection &selection) const override {
    if (llvm::Error error = checkNetwork(*this, selection))
      return error;
    double width = widthOf(selection.at(widthDecision.str()));
    return llvm::json::Object{{"width", width}, {"r", resolutionOf(selection)}};
  }
};

} // namespace

const Space &mobileNetV2Space() {
  static const MobileNetV2Space space;
  return space;
}

} // namespace gnomon
