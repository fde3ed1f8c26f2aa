// SPDX-License-Identifier: Apache-2.0
// Spaces as command lines say them, and their networks as files.

#include "NamedSpace.h"
#include "gnomon/Analysis/NetworkCounts.h"
#include "gnomon/Dialect/Gnomon/GnomonDialect.h"
#include "gnomon/Spaces/SpaceFile.h"
#include "gnomon/Support/Files.h"
#include "gnomon/Target/ONNX/Export.h"
#include "gnomon/Transforms/Choices.h"
#include "gnomon/Transforms/CostPasses.h"
#include "llvm/Support/FormatVariadic.h"

using namespace gnomon;
using namespace gnomon::python;
using namespace mlir;

llvm::Expected<std::shared_ptr<const Space>>
python::spaceNamed(const std::string &name) {
  if (StringRef(name).ends_with(".json")) {
    auto space = loadSpaceFile(name);
    if (!space)
      return space.takeError();
    return std::shared_ptr<const Space>(std::move(*space));
  }
  if (const Space *space = findSpace(name))
    return std::shared_ptr<const Space>(std::shared_ptr<void>(), space);
  std::string known;
  for (const Space *space : allSpaces())
    known += (known.empty() ? "" : ", ") + space->name().str();
  return llvm::createStringError("no space '" + name + "': expected one of " +
                                 known + ", or a JSON file");
}

std::vector<int64_t> python::resolutionsOf(const Space &space) {
  std::vector<int64_t> sizes;
  const std::vector<SpaceDecision> decisions = space.decisions({});
  for (StringRef option : decisions.front().options) {
    int64_t size = 0;
    option.getAsInteger(10, size);
    sizes.push_back(size);
  }
  return sizes;
}

namespace {

/// One network on its way out of a supernet.
class NetworkWriter {
public:
  NetworkWriter(Session &session, const NetworkFile &file)
      : session(session), file(file) {}

  /// Decisions and the function that the selection picks.
  void copy(ModuleOp supernet, const Selection &selection) {
    network = ModuleOp::create(supernet.getLoc());
    (*network)->setAttrs(supernet->getAttrs());
    OpBuilder builder = OpBuilder::atBlockEnd(network->getBody());
    for (Operation &op : supernet.getBody()->getOperations()) {
      auto alternative = op.getAttrOfType<AlternativeAttr>(alternativeAttrName);
      if (!alternative || isTaken(alternative, selection))
        builder.clone(op);
    }
  }

  LogicalResult finish(const Selection &selection) {
    if (failed(recordSelection(*network, selection)) ||
        failed(materializeChoices(*network)))
      return failure();
    return file.setup ? annotate() : success();
  }

  /// What the file says about itself.
  llvm::Error describe(const Selection &selection) {
    auto architecture = file.space->describe(selection);
    if (!architecture)
      return architecture.takeError();
    if (auto widths = file.space->widthMultipliers(); widths.size() > 1)
      (*architecture)["width_mult"] =
          file.widthMult ? file.widthMult : widths.front();
    Builder builder(&session.context);
    std::string text = llvm::formatv(
        "{0}", llvm::json::Value(llvm::json::Object(*architecture)));
    (*network)->setAttr(architectureAttrName, builder.getStringAttr(text));
    (*network)->setAttr("onnx.metadata_props", properties(builder));
    report["space"] = file.space->name();
    report["architecture"] = std::move(*architecture);
    auto function = *network->getOps<func::FuncOp>().begin();
    auto counts = countNetwork(function);
    if (!counts)
      return counts.takeError();
    report["macs"] = counts->macs;
    report["params"] = counts->params;
    report["layers"] = counts->layers;
    return llvm::Error::success();
  }

  LogicalResult write(std::string &problem) {
    std::string bytes;
    llvm::raw_string_ostream os(bytes);
    if (failed(exportOnnx(*network, {"", file.seed}, os)))
      return failure();
    if (llvm::Error error = writeWholeFile(file.path, bytes)) {
      problem = llvm::toString(std::move(error));
      return failure();
    }
    return success();
  }

  llvm::json::Object report;

private:
  static bool isTaken(AlternativeAttr alternative, const Selection &selection) {
    auto option = selection.find(alternative.getDecision().getValue().str());
    return option == selection.end() ||
           option->second == alternative.getOption();
  }

  LogicalResult annotate() {
    const CostSetup &setup = *file.setup;
    FailureOr<ModuleCost> cost = analyzeCost(*network, setup);
    if (failed(cost) ||
        failed(annotateCost(*network, *cost, setup.confidence(), false)))
      return failure();
    const FunctionCost &whole = cost->functions.front();
    func::FuncOp(whole.function)
        ->setAttr(estimateAttrName,
                  EstimateAttr::get(&session.context,
                                    {whole.latencyUs, whole.lowUs, whole.highUs,
                                     setup.confidence()},
                                    Source::Predicted, "network", ""));
    report["latency_us"] = whole.latencyUs;
    report["low_us"] = whole.lowUs;
    report["high_us"] = whole.highUs;
    return success();
  }

  ArrayAttr properties(Builder &builder) const {
    SmallVector<Attribute> pairs;
    auto add = [&](StringRef key, StringRef value) {
      pairs.push_back(builder.getStrArrayAttr({key, value}));
    };
    add("gnomon.weights_seed", std::to_string(file.seed));
    if (file.setup) {
      add("gnomon.bundle", file.setup->bundleName());
      add("gnomon.bundle_fingerprint", file.setup->fingerprint());
      add("gnomon.device", file.setup->deviceName());
    }
    return builder.getArrayAttr(pairs);
  }

  Session &session;
  const NetworkFile &file;
  OwningOpRef<ModuleOp> network;
};

} // namespace

Answer<llvm::json::Object> python::writeSelected(Session &session,
                                                 ModuleOp supernet,
                                                 const Selection &selection,
                                                 const NetworkFile &file) {
  NetworkWriter writer(session, file);
  writer.copy(supernet, selection);
  if (failed(writer.finish(selection)))
    return {std::nullopt, session.takeProblem()};
  if (llvm::Error error = writer.describe(selection))
    return failure<llvm::json::Object>(std::move(error));
  std::string problem;
  if (failed(writer.write(problem)))
    return {std::nullopt, problem.empty() ? session.takeProblem() : problem};
  return {std::move(writer.report), ""};
}
