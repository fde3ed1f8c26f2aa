// SPDX-License-Identifier: Apache-2.0
// What the Python package asks the architecture search, without Python.

#include "SearchCalls.h"
#include "NamedSpace.h"
#include "gnomon/Accuracy/MlpEvaluator.h"
#include "gnomon/Analysis/DenseNetwork.h"
#include "gnomon/Transforms/ArchitectureSearch.h"
#include "gnomon/Transforms/Choices.h"
#include "gnomon/Transforms/FpgaSearch.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/ThreadPool.h"
#include <chrono>

using namespace gnomon;
using namespace gnomon::python;
using namespace mlir;

namespace {

/// One search: space, devices, query.
class SearchCall {
public:
  explicit SearchCall(const SearchRequest &request)
      : request(request), pool(llvm::hardware_concurrency(request.jobs)) {
    if (request.jobs > 1)
      session.context.setThreadPool(pool);
  }

  Answer<std::string> run();
  /// Networks and accelerators for an FPGA.
  Answer<std::string> runForFpga();

private:
  llvm::Error open();
  llvm::Expected<FpgaQuery> fpgaQuery() const;
  llvm::Error loadDevices();
  /// False: it cannot be pruned; the session knows why.
  bool prune();
  /// The networks to begin with.
  llvm::Error loadStart();
  llvm::Error loadEnergy();
  llvm::Error loadPerDevice();
  /// An ONNX file with an accuracy network, or nothing.
  llvm::Error loadAccuracy();
  ArchitectureQuery query() const;
  /// Writes the networks found; adds what was written to their answers.
  std::optional<std::string> exportAnswers(const ArchitectureFront &front,
                                           llvm::json::Array &answers);
  /// The same of the networks that were picked, one for each device.
  std::optional<std::string> exportPicked(const ArchitectureFront &front,
                                          llvm::json::Object &report);
  Answer<std::string> reportPerDevice(const ArchitectureFront &front,
                                      double seconds);

  const SearchRequest &request;
  llvm::DefaultThreadPool pool; ///< lives longer than the context
  Session session;
  std::shared_ptr<const Space> space;
  OwningOpRef<ModuleOp> supernet;
  std::vector<std::unique_ptr<CostSetup>> loaded;
  SmallVector<const CostSetup *> setups;
  EvaluatorMaker evaluator;
  std::vector<Selection> start;
  std::unique_ptr<const CostSetup> energy;
  std::optional<PerDevice> perDevice;
};

} // namespace

llvm::Error SearchCall::open() {
  auto named = spaceNamed(request.space);
  if (!named)
    return named.takeError();
  space = *named;
  SpaceOptions options;
  options.resolutions.assign(request.resolutions.begin(),
                             request.resolutions.end());
  options.widthMult = request.widthMult;
  auto built = space->build(session.context, options);
  if (!built)
    return built.takeError();
  supernet = std::move(*built);
  (*supernet)->setLoc(
      NameLoc::get(StringAttr::get(&session.context, request.space)));
  if (llvm::Error error = loadAccuracy())
    return error;
  if (llvm::Error error = loadStart())
    return error;
  if (llvm::Error error = loadEnergy())
    return error;
  if (llvm::Error error = loadPerDevice())
    return error;
  return loadDevices();
}

llvm::Error SearchCall::loadStart() {
  for (const std::string &text : request.start) {
    auto parsed = llvm::json::parse(text);
    if (!parsed)
      return parsed.takeError();
    const llvm::json::Object *architecture = parsed->getAsObject();
    if (!architecture)
      return llvm::createStringError("start: expected objects, found " + text);
    if (const llvm::json::Object *given =
            architecture->getObject("selection")) {
      Selection &selection = start.emplace_back();
      for (const auto &[decision, option] : *given)
        selection[decision.str()] = option.getAsString().value_or("").str();
      continue;
    }
    auto selection = space->select(*architecture);
    if (!selection)
      return llvm::createStringError("start: " +
                                     llvm::toString(selection.takeError()));
    start.push_back(std::move(*selection));
  }
  return llvm::Error::success();
}

llvm::Error SearchCall::loadEnergy() {
  if (request.energy.empty())
    return llvm::Error::success();
  auto tables = TableBundle::load(request.energy);
  if (!tables)
    return tables.takeError();
  if ((*tables)->unit != "mJ")
    return llvm::createStringError(request.energy +
                                   ": expected tables of energy, whose unit "
                                   "is mJ, found " +
                                   (*tables)->unit);
  auto setup = TableSetup::create(std::move(*tables), "", 0);
  if (!setup)
    return setup.takeError();
  energy = std::move(*setup);
  return llvm::Error::success();
}

llvm::Error SearchCall::loadPerDevice() {
  if (request.perDevice.empty())
    return llvm::Error::success();
  auto parsed = llvm::json::parse(request.perDevice);
  if (!parsed)
    return parsed.takeError();
  perDevice.emplace();
  if (const llvm::json::Object *asked = parsed->getAsObject()) {
    perDevice->maxLoss = asked->getNumber("max_loss");
    perDevice->share = asked->getInteger("share");
  }
  return llvm::Error::success();
}

llvm::Error SearchCall::loadAccuracy() {
  const std::string path = request.accuracy;
  if (!llvm::StringRef(path).ends_with(".onnx"))
    return llvm::Error::success();
  session.importOptions.keepWeights = true;
  OwningOpRef<ModuleOp> module = session.open(path);
  if (!module)
    return llvm::createStringError(session.takeProblem());
  FailureOr<Mlp> network =
      denseNetworkOf(*module->getOps<func::FuncOp>().begin());
  if (failed(network))
    return llvm::createStringError(session.takeProblem());
  for (const Encoding &encoding :
       {ofaMobileNetV3Encoding(), helpMobileNetV3Encoding()})
    if (encoding.inputs == network->numInputs()) {
      evaluator = [path, encoding, network = *network](const auto &problem)
          -> llvm::Expected<std::unique_ptr<search::Evaluator>> {
        auto encoder = ProblemEncoder::create(encoding, problem, path);
        if (!encoder)
          return encoder.takeError();
        auto made = MlpEvaluator::create(network, std::move(*encoder),
                                         search::Sense::Maximize, path);
        if (!made)
          return made.takeError();
        return std::make_unique<MlpEvaluator>(std::move(*made));
      };
      return llvm::Error::success();
    }
  return llvm::createStringError(
      path +
      ": expected a network of 128 inputs (OFA's code) or 145 (HELP's), "
      "found " +
      llvm::Twine(network->numInputs()));
}

llvm::Error SearchCall::loadDevices() {
  if (!request.fpgaJson.empty())
    return llvm::Error::success();
  std::vector<std::string> bundles = request.bundles, devices = request.devices;
  if (devices.empty())
    devices.resize(bundles.size());
  if (bundles.size() == 1)
    bundles.resize(devices.size(), bundles.front());
  if (bundles.size() != devices.size())
    return llvm::createStringError(
        "device: expected one for each of " + llvm::Twine(bundles.size()) +
        " bundles, or none; found " + llvm::Twine(devices.size()));
  for (const auto &[bundle, device] : llvm::zip_equal(bundles, devices)) {
    auto setup = CostSetup::load(bundle, device, *supernet, request.confidence);
    if (!setup)
      return setup.takeError();
    for (const CostSetup *other : setups)
      if (other->deviceName() == (*setup)->deviceName())
        return llvm::createStringError("device: '" + other->deviceName() +
                                       "' is asked for twice");
    setups.push_back(setup->get());
    loaded.push_back(std::move(*setup));
  }
  return llvm::Error::success();
}

bool SearchCall::prune() {
  return request.keep == 0 || succeeded(pruneSpace(*supernet, *setups.front(),
                                                   request.keep, "macs"));
}

static llvm::json::Object optionsOf(ModuleOp supernet) {
  llvm::json::Object result;
  for (auto decision : supernet.getOps<DecisionOp>()) {
    llvm::json::Array names;
    for (auto option : decision.getOptions().getAsRange<StringAttr>())
      names.push_back(option.getValue());
    result[decision.getSymName()] = std::move(names);
  }
  return result;
}

ArchitectureQuery SearchCall::query() const {
  ArchitectureQuery query;
  query.algorithm = request.algorithm;
  query.objective = request.objective;
  query.reject = request.reject;
  query.accuracy = request.accuracy;
  query.evaluator = evaluator;
  query.standIn = request.standIn;
  query.latencyModel = request.latencyModel;
  query.evaluations = request.evaluations;
  query.seed = request.seed;
  query.budgetsUs = request.budgetsUs;
  query.sure = request.sure;
  query.hasProxy = request.hasProxy;
  for (const auto &[metric, atMost] :
       llvm::zip_equal(request.limited, request.limits))
    query.limits.push_back({metric, atMost});
  query.weights = request.weights;
  if (request.devicesObjective == "max")
    query.devices = DevicesObjective::Max;
  else if (request.devicesObjective == "weighted")
    query.devices = DevicesObjective::Weighted;
  query.perDevice = perDevice;
  query.explain = request.explain;
  query.fileSize = request.fileSize;
  if (energy)
    query.energy = &cast<TableSetup>(*energy);
  query.start = start;
  query.peakMemory = request.peakMemory;
  query.space = space.get();
  return query;
}

std::optional<std::string>
SearchCall::exportAnswers(const ArchitectureFront &front,
                          llvm::json::Array &answers) {
  for (auto [answer, entry, path] :
       llvm::zip_equal(front.answers, answers, request.exports)) {
    if (!answer.best)
      continue;
    Selection selection =
        selectionOf(front.space.problem, answer.best->solution.assignment);
    auto written = writeSelected(
        session, *supernet, selection,
        {space.get(), request.widthMult, request.seed, setups.front(), path});
    if (!written.value)
      return written.problem;
    (*written.value)["file"] = path;
    (*entry.getAsObject())["exported"] = std::move(*written.value);
  }
  return std::nullopt;
}

/// NAME-DEVICE.onnx, without what file systems could take for something else.
static std::string pathFor(llvm::StringRef path, llvm::StringRef device) {
  auto [stem, suffix] = path.rsplit('.');
  std::string name = device.str();
  for (char &one : name)
    if (!llvm::isAlnum(one) && one != '-' && one != '.')
      one = '_';
  return (stem + "-" + name + "." + suffix).str();
}

std::optional<std::string>
SearchCall::exportPicked(const ArchitectureFront &front,
                         llvm::json::Object &report) {
  std::optional<size_t> picked = front.perDevice->picked;
  if (!picked || request.exports.empty())
    return std::nullopt;
  llvm::json::Object &networks =
      *(*report.getArray("points"))[*picked].getAsObject()->getObject(
          "networks");
  for (auto [network, setup] :
       llvm::zip_equal(front.perDevice->networks[*picked], setups)) {
    std::string path = pathFor(request.exports.front(), setup->deviceName());
    auto written = writeSelected(
        session, *supernet,
        selectionOf(front.space.problem, network.solution.assignment),
        {space.get(), request.widthMult, request.seed, setup, path});
    if (!written.value)
      return written.problem;
    (*written.value)["file"] = path;
    (*networks.getObject(setup->deviceName()))["exported"] =
        std::move(*written.value);
  }
  return std::nullopt;
}

Answer<std::string> SearchCall::reportPerDevice(const ArchitectureFront &front,
                                                double seconds) {
  llvm::json::Object report =
      perDeviceReport(*supernet, setups, query(), front);
  if (std::optional<std::string> problem = exportPicked(front, report))
    return {std::nullopt, std::move(*problem)};
  llvm::json::Object whole{{"per_device", std::move(report)},
                           {"kernels", int64_t(front.space.kernels)},
                           {"seconds", seconds}};
  return {llvm::formatv("{0}", llvm::json::Value(std::move(whole))), ""};
}

Answer<std::string> SearchCall::run() {
  auto start = std::chrono::steady_clock::now();
  if (llvm::Error error = open())
    return failure<std::string>(std::move(error));
  if (request.keep && setups.size() != 1 + request.hasProxy)
    return {std::nullopt, "keep: expected one device, whose space it is"};
  if (!prune())
    return {std::nullopt, session.takeProblem()};
  ArchitectureQuery asked = query();
  FailureOr<ArchitectureFront> front =
      searchArchitecture(*supernet, setups, asked);
  if (failed(front))
    return {std::nullopt, session.takeProblem()};
  std::chrono::duration<double> seconds =
      std::chrono::steady_clock::now() - start;
  if (front->perDevice)
    return reportPerDevice(*front, seconds.count());
  llvm::json::Array answers =
      answersReport(*supernet, asked.targets(setups), asked, *front);
  if (!request.exports.empty())
    if (std::optional<std::string> problem = exportAnswers(*front, answers))
      return {std::nullopt, std::move(*problem)};
  llvm::json::Object report{
      {"front", frontReport(*supernet, asked.targets(setups), asked, *front)},
      {"answers", std::move(answers)},
      {"kernels", int64_t(front->space.kernels)},
      {"seconds", seconds.count()}};
  if (request.keep)
    report["kept"] = optionsOf(*supernet);
  return {llvm::formatv("{0}", llvm::json::Value(std::move(report))), ""};
}

llvm::Expected<FpgaQuery> SearchCall::fpgaQuery() const {
  auto document = JsonDocument::parse(request.fpgaJson, request.fpgaName);
  if (!document)
    return document.takeError();
  auto fpga = parseFpga(document->root());
  if (!fpga)
    return fpga.takeError();
  FpgaQuery asked{query(), *fpga, {}};
  for (int64_t bits : request.bits) {
    auto loss = request.losses.find(bits);
    asked.widths.push_back({bits, loss == request.losses.end()
                                      ? std::nullopt
                                      : std::optional(loss->second)});
  }
  return asked;
}

Answer<std::string> SearchCall::runForFpga() {
  auto start = std::chrono::steady_clock::now();
  if (llvm::Error error = open())
    return failure<std::string>(std::move(error));
  auto asked = fpgaQuery();
  if (!asked)
    return failure<std::string>(asked.takeError());
  FailureOr<FpgaFront> front = searchForFpga(*supernet, *asked);
  if (failed(front))
    return {std::nullopt, session.takeProblem()};
  llvm::json::Array answers = fpgaAnswersReport(*supernet, *asked, *front);
  for (auto [entry, path] : llvm::zip(answers, request.exports)) {
    llvm::json::Object &answer = *entry.getAsObject();
    const HaoPoint *best =
        front->best(asked->fpga, *answer.getNumber("max_latency_us"),
                    answer.getInteger("bits").value_or(0));
    if (!best)
      continue;
    auto written = writeSelected(
        session, *supernet,
        selectionOf(front->space.problem, best->solution.assignment),
        {space.get(), request.widthMult, request.seed, nullptr, path});
    if (!written.value)
      return {std::nullopt, written.problem};
    (*written.value)["file"] = path;
    answer["exported"] = std::move(*written.value);
  }
  std::chrono::duration<double> seconds =
      std::chrono::steady_clock::now() - start;
  llvm::json::Object report{
      {"front", fpgaFrontReport(*supernet, *asked, *front)},
      {"answers", std::move(answers)},
      {"kernels", int64_t(front->space.layers.size())},
      {"seconds", seconds.count()}};
  return {llvm::formatv("{0}", llvm::json::Value(std::move(report))), ""};
}

Answer<std::string> python::searchSpace(const SearchRequest &request) {
  SearchCall call(request);
  return request.fpgaJson.empty() ? call.run() : call.runForFpga();
}

std::vector<std::string> python::searchAlgorithms() {
  std::vector<std::string> names;
  for (const search::Algorithm &algorithm : search::algorithms())
    names.push_back(algorithm.name.str());
  return names;
}
