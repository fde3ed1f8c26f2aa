// SPDX-License-Identifier: Apache-2.0
// What the Python package asks about spaces and their networks, without Python.

#include "SpaceCalls.h"
#include "NamedSpace.h"
#include "gnomon/Spaces/SpaceFile.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FormatVariadic.h"

using namespace gnomon;
using namespace gnomon::python;
using namespace mlir;

Answer<std::string> python::listSpaces() {
  llvm::json::Array list;
  for (const Space *space : allSpaces()) {
    llvm::SmallString<32> networks;
    space->size({}).toStringUnsigned(networks);
    list.push_back(llvm::json::Object{
        {"name", space->name()},
        {"description", space->description()},
        {"networks", networks.str().str()},
        {"decisions", int64_t(space->decisions({}).size())},
        {"resolutions", llvm::json::Array(resolutionsOf(*space))},
        {"width_mults", llvm::json::Array(space->widthMultipliers())}});
  }
  return {llvm::formatv("{0}", llvm::json::Value(std::move(list))), ""};
}

Answer<std::string> python::checkSpaceFile(const std::string &path) {
  auto space = loadSpaceFile(path);
  if (!space)
    return failure<std::string>(space.takeError());
  Session session;
  auto summary = checkSpace(**space, session.context);
  if (!summary)
    return failure<std::string>(summary.takeError());
  return {llvm::formatv("{0}", llvm::json::Value(std::move(*summary))), ""};
}

namespace {

/// A network that was asked for: what it is, and the options to build it with.
struct Wanted {
  Selection selection;
  SpaceOptions options;
};

} // namespace

/// Resolution and width of the command line join those of the architecture;
/// where both say something it must be the same.
static llvm::Error join(const NetworkRequest &request,
                        llvm::json::Object &architecture, Wanted &wanted) {
  if (const llvm::json::Value *given = architecture.get("width_mult")) {
    std::optional<double> width = given->getAsNumber();
    if (!width || (request.widthMult && *width != request.widthMult))
      return llvm::createStringError(
          "width_mult: found %s, expected %s",
          llvm::formatv("{0}", *given).str().c_str(),
          request.widthMult
              ? llvm::formatv("{0}", request.widthMult).str().c_str()
              : "a number");
    wanted.options.widthMult = *width;
    architecture.erase("width_mult");
  }
  if (!request.resolution)
    return llvm::Error::success();
  const llvm::json::Value *given = architecture.get("r");
  if (given && *given != llvm::json::Value(request.resolution))
    return llvm::createStringError(
        "r: found %s, expected %lld as the resolution says",
        llvm::formatv("{0}", *given).str().c_str(),
        static_cast<long long>(request.resolution));
  architecture["r"] = request.resolution;
  return llvm::Error::success();
}

static llvm::Expected<Wanted> choose(const Space &space,
                                     const NetworkRequest &request) {
  Wanted wanted;
  wanted.options.widthMult = request.widthMult;
  if (request.resolution)
    wanted.options.resolutions = {request.resolution};
  if (request.which == "min")
    wanted.selection = space.minimum(wanted.options);
  else if (request.which == "max")
    wanted.selection = space.maximum(wanted.options);
  else if (request.which == "random")
    wanted.selection = space.random(request.seed, wanted.options);
  else {
    auto parsed = llvm::json::parse(request.which);
    if (!parsed)
      return parsed.takeError();
    llvm::json::Object *architecture = parsed->getAsObject();
    if (!architecture)
      return llvm::createStringError("found %s, expected a JSON object",
                                     request.which.c_str());
    if (llvm::Error error = join(request, *architecture, wanted))
      return std::move(error);
    auto selection = space.select(*architecture);
    if (!selection)
      return selection.takeError();
    wanted.selection = std::move(*selection);
  }
  int64_t resolution = 0;
  StringRef(wanted.selection.at(kResolutionDecision.str()))
      .getAsInteger(10, resolution);
  wanted.options.resolutions = {resolution};
  return wanted;
}

Answer<std::string> python::writeNetwork(const NetworkRequest &request) {
  auto space = spaceNamed(request.space);
  if (!space)
    return failure<std::string>(space.takeError());
  auto wanted = choose(**space, request);
  if (!wanted)
    return {std::nullopt,
            "architecture: " + llvm::toString(wanted.takeError())};
  Session session;
  auto supernet = (*space)->build(session.context, wanted->options);
  if (!supernet)
    return failure<std::string>(supernet.takeError());
  NetworkFile file{space->get(), wanted->options.widthMult, request.seed,
                   nullptr, request.out};
  std::unique_ptr<CostSetup> setup;
  if (!request.bundle.empty()) {
    auto loaded = CostSetup::load(request.bundle, request.device, **supernet,
                                  request.confidence);
    if (!loaded)
      return failure<std::string>(loaded.takeError());
    setup = std::move(*loaded);
    file.setup = setup.get();
  }
  auto written = writeSelected(session, **supernet, wanted->selection, file);
  if (!written.value)
    return {std::nullopt, written.problem};
  return {llvm::formatv("{0}", llvm::json::Value(std::move(*written.value))),
          ""};
}
