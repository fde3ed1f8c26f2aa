// SPDX-License-Identifier: Apache-2.0
// Which network of which space a plain network is.

#include "gnomon/Spaces/Recognize.h"

#include "NetworkMatcher.h"

using namespace mlir;

namespace gnomon {

/// The height of the image, an error if there is none.
static llvm::Expected<int64_t> imageSize(func::FuncOp function) {
  auto refuse = [&](const Twine &found) {
    return llvm::createStringError(
        "found " + found +
        ", expected a network from one image [n, 3, h, h] of known size to one "
        "result");
  };
  if (function.isExternal() || !function.getBody().hasOneBlock())
    return refuse("a function without a body of one block");
  if (function.getNumArguments() != 1 || function.getNumResults() != 1)
    return refuse(Twine(function.getNumArguments()) + " inputs and " +
                  Twine(function.getNumResults()) + " results");
  auto type = dyn_cast<RankedTensorType>(function.getArgumentTypes().front());
  if (type && type.getRank() == 4 && type.getDimSize(1) == 3 &&
      type.getDimSize(2) == type.getDimSize(3) && !type.isDynamicDim(2))
    return type.getDimSize(2);
  std::string text;
  llvm::raw_string_ostream(text) << function.getArgumentTypes().front();
  return refuse("an input of type " + Twine(text));
}

/// What a module says about itself under a name, as IR or as metadata of ONNX.
static std::optional<StringRef> statedIn(ModuleOp module, StringRef name) {
  if (!module)
    return std::nullopt;
  if (auto text = module->getAttrOfType<StringAttr>(name))
    return text.getValue();
  if (auto pairs = module->getAttrOfType<ArrayAttr>("onnx.metadata_props"))
    for (Attribute entry : pairs)
      if (auto pair = dyn_cast<ArrayAttr>(entry); pair && pair.size() == 2)
        if (auto key = dyn_cast<StringAttr>(pair[0]); key && key == name)
          if (auto text = dyn_cast<StringAttr>(pair[1]))
            return text.getValue();
  return std::nullopt;
}

/// The selection that a network states for a space; empty if there is none.
static Selection statedFor(const Space &space, ModuleOp module) {
  std::optional<StringRef> name = statedIn(module, spaceAttrName);
  std::optional<StringRef> text = statedIn(module, architectureAttrName);
  if (!name || !text || *name != space.name())
    return {};
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(*text);
  if (!value) {
    llvm::consumeError(value.takeError());
    return {};
  }
  llvm::json::Object *architecture = value->getAsObject();
  if (!architecture)
    return {};
  architecture->erase("width_mult");
  llvm::Expected<Selection> selection = space.select(*architecture);
  if (selection)
    return *selection;
  llvm::consumeError(selection.takeError());
  return {};
}

namespace {

/// Compares one network with spaces, one after the other.
class Recognizer {
public:
  Recognizer(func::FuncOp network, int64_t resolution)
      : network(network), resolution(resolution) {}

  RecognitionResult take() {
    llvm::stable_sort(result.matches, [](const auto &a, const auto &b) {
      return sizeOf(a).ult(sizeOf(b));
    });
    llvm::stable_sort(result.misses, [](const auto &a, const auto &b) {
      return a.matched > b.matched;
    });
    return std::move(result);
  }

  /// The width that fits, or the nearest miss among the widths.
  void compare(const Space &space) {
    std::vector<double> widths = space.widthMultipliers();
    if (widths.size() == 1)
      widths = {0}; // a space may decide about its widths
    std::optional<NearMiss> nearest;
    for (double width : widths)
      if (std::optional<NearMiss> miss = compare(space, width)) {
        if (!nearest || miss->matched > nearest->matched)
          nearest = std::move(miss);
      } else {
        return;
      }
    if (nearest)
      result.misses.push_back(std::move(*nearest));
  }

private:
  static APInt sizeOf(const Recognition &match) {
    return match.space->size(match.options).zextOrTrunc(1024);
  }

  /// Nothing where the network is one of the space's.
  std::optional<NearMiss> compare(const Space &space, double width) {
    SpaceOptions options;
    options.resolutions = {resolution};
    options.widthMult = width;
    auto supernet = space.build(*network.getContext(), options);
    if (!supernet)
      return refused(space, width, supernet.takeError());
    auto function = *(*supernet)->getOps<func::FuncOp>().begin();
    // Of several architectures the one that the file states, if it is true.
    Selection stated = statedFor(space, network->getParentOfType<ModuleOp>());
    if (!stated.empty()) {
      NetworkMatcher matcher(function, network, stated);
      if (matcher.match())
        return accept(space, options, std::move(stated), matcher.classes());
    }
    NetworkMatcher matcher(function, network);
    if (!matcher.match())
      return missOf(space, width, matcher.difference());
    return accept(space, options, matcher.selection(), matcher.classes());
  }

  /// Adds a match; a miss where the space cannot say the architecture.
  std::optional<NearMiss> accept(const Space &space,
                                 const SpaceOptions &options,
                                 Selection selection, int64_t classes) {
    selection[kResolutionDecision.str()] = std::to_string(resolution);
    auto architecture = space.describe(selection);
    if (!architecture)
      return refused(space, options.widthMult, architecture.takeError());
    // What does not matter is said in the canonical way.
    if (auto canonical = space.select(*architecture))
      selection = *canonical;
    else
      llvm::consumeError(canonical.takeError());
    result.matches.push_back(
        {&space, options, classes, selection, std::move(*architecture)});
    return std::nullopt;
  }

  NearMiss refused(const Space &space, double width, llvm::Error why) {
    Location where = network.getLoc();
    return {&space, width, 0, where, "", llvm::toString(std::move(why))};
  }

  NearMiss missOf(const Space &space, double width,
                  const NetworkMatcher::Difference &difference) {
    constexpr size_t longest = 3;
    std::string expected;
    for (auto [index, text] : llvm::enumerate(difference.expected))
      if (index < longest)
        expected += (index ? " or " : "") + text;
    if (difference.expected.size() > longest)
      expected += " or another";
    return {&space,
            width,
            difference.matched,
            difference.op ? difference.op->getLoc() : network.getLoc(),
            difference.found,
            expected};
  }

  func::FuncOp network;
  int64_t resolution;
  RecognitionResult result;
};

} // namespace

llvm::Expected<RecognitionResult> recognizeNetwork(func::FuncOp function,
                                                   const Space *only) {
  llvm::Expected<int64_t> resolution = imageSize(function);
  if (!resolution)
    return resolution.takeError();
  Recognizer recognizer(function, *resolution);
  for (const Space *space : allSpaces())
    if (!only || space == only)
      recognizer.compare(*space);
  return recognizer.take();
}

//===- Reports ------------------------------------------------------------===//

static std::string nameOf(Location location) {
  if (auto name = dyn_cast<NameLoc>(location))
    return name.getName().str();
  return "the network";
}

std::string describe(const NearMiss &miss) {
  std::string text = miss.space->name().str() + ": ";
  if (miss.found.empty())
    return text + miss.expected;
  return text + "after " + std::to_string(miss.matched) +
         " layers from the output, '" + nameOf(miss.where) + "' is " +
         miss.found + ", expected " + miss.expected;
}

/// The architecture says the multiplier of channels if it is not the default.
static llvm::json::Object matchJson(const Recognition &match) {
  llvm::json::Object architecture(match.architecture);
  double width = match.options.widthMult;
  if (width && width != match.space->widthMultipliers().front())
    architecture["width_mult"] = width;
  llvm::json::Object object{{"space", match.space->name()},
                            {"architecture", std::move(architecture)},
                            {"resolution", match.options.resolutions.front()},
                            {"classes", match.classes}};
  if (width)
    object["width_mult"] = width;
  return object;
}

static llvm::json::Object missJson(const NearMiss &miss) {
  return llvm::json::Object{
      {"space", miss.space->name()}, {"matched_layers", int64_t(miss.matched)},
      {"node", nameOf(miss.where)},  {"found", miss.found},
      {"expected", miss.expected},   {"message", describe(miss)}};
}

llvm::json::Object toJson(const RecognitionResult &result) {
  llvm::json::Object object{{"schema", 1}, {"space", nullptr}};
  if (result.matches.empty()) {
    constexpr size_t shown = 3;
    llvm::json::Array nearest;
    for (const NearMiss &miss : llvm::ArrayRef(result.misses).take_front(shown))
      nearest.push_back(missJson(miss));
    object["nearest"] = std::move(nearest);
    return object;
  }
  object = matchJson(result.matches.front());
  object["schema"] = 1;
  llvm::json::Array also;
  for (const Recognition &match : llvm::ArrayRef(result.matches).drop_front())
    also.push_back(matchJson(match));
  object["also"] = std::move(also);
  return object;
}

} // namespace gnomon
