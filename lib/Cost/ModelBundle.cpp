// SPDX-License-Identifier: Apache-2.0
// Reads model bundles and answers what is in them.

#include "gnomon/Cost/ModelBundle.h"
#include "gnomon/Cost/CostModel.h"
#include "gnomon/Support/JsonFields.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Path.h"
#include <cmath>

using namespace gnomon;
using llvm::StringRef;

//===- Answers ------------------------------------------------------------===//

std::optional<Feature> KindModel::outsideRange(const FeatureRow &row) const {
  for (const auto &[feature, range] : ranges) {
    double value = row.get(feature);
    if (value < range.first / rangeTolerance ||
        value > range.second * rangeTolerance)
      return feature;
  }
  return std::nullopt;
}

int64_t gnomon::wholeNs(double us) {
  if (!(us > 0))
    return 0;
  return int64_t(
      std::nearbyint(std::min(us * 1e3, double(NetworkModel::mostNs))));
}

int64_t NetworkModel::shareNs(const Estimate &estimate, int64_t runs) const {
  switch (estimate.source) {
  case Source::Free:
    return wholeNs(perViewUs * double(runs));
  case Source::Unsupported:
    return 0;
  case Source::Predicted:
  case Source::Extrapolated:
  case Source::Roofline:
    break;
  }
  double scaledUs = std::exp(scaleLog) * estimate.latencyUs;
  return wholeNs(
      std::max(scaledUs + perKernelUs * double(runs), 0.5 * scaledUs));
}

int64_t NetworkModel::constantNs() const { return wholeNs(constantUs); }

llvm::Expected<DeviceSpec> ModelBundle::findDevice(StringRef nameOrPath) const {
  if (nameOrPath.empty() || nameOrPath == device.name)
    return device;
  llvm::SmallString<128> inside(folder), beside(folder);
  llvm::sys::path::append(inside, "devices");
  llvm::sys::path::append(beside, "..", "..", "devices");
  return loadDeviceSpec(nameOrPath, {std::string(inside), std::string(beside)});
}

//===- Reader -------------------------------------------------------------===//

namespace {
/// Reads the members of bundle.json and the files that they name.
class BundleReader {
public:
  BundleReader(JsonFields root, llvm::Error &problem, ModelBundle &bundle)
      : root(std::move(root)), problem(problem), bundle(bundle) {}
  void read();

private:
  void readFeatures();
  void readKind(StringRef name, const JsonFields &fields);
  ForestFile forestFile(StringRef kind, const JsonFields &fields,
                        size_t columns);
  std::optional<Feature> feature(const JsonFields &fields, StringRef member,
                                 StringRef name);

  JsonFields root;
  llvm::Error &problem;
  ModelBundle &bundle;
};
} // namespace

std::optional<Feature> BundleReader::feature(const JsonFields &fields,
                                             StringRef member, StringRef name) {
  std::optional<Feature> found = findFeature(name);
  if (!found)
    fields.fail(member, "this version does not know the feature '" + name +
                            "'; the bundle needs a newer one");
  return found;
}

void BundleReader::readFeatures() {
  std::optional<JsonFields> fields = root.object("features");
  if (!fields)
    return;
  fields->integer("schema", 1, 1);
  bundle.fingerprint = fields->string("fingerprint");
  for (const std::string &name : fields->strings("names"))
    feature(*fields, "names", name);
}

ForestFile BundleReader::forestFile(StringRef kind, const JsonFields &fields,
                                    size_t columns) {
  std::string file = fields.string("model");
  if (!problem &&
      (file.empty() || llvm::sys::path::filename(file) != file || file == ".."))
    fields.fail("model", "expected the name of a file beside bundle.json, "
                         "found '" +
                             file + "'");
  llvm::SmallString<128> path(bundle.folder), description(bundle.folder);
  llvm::sys::path::append(path, file);
  llvm::sys::path::append(description, "bundle.json");
  return {path.str().str(), (description + ": kinds." + kind).str(), columns};
}

void BundleReader::readKind(StringRef name, const JsonFields &fields) {
  std::optional<KernelKind> kind = findKernelKind(name);
  if (!kind) {
    fields.fail("model",
                "this version does not know the kernel kind '" + name + "'");
    return;
  }
  KindModel &model = bundle.kinds[*kind];
  for (const std::string &column : fields.strings("features"))
    if (std::optional<Feature> found = feature(fields, "features", column))
      model.features.push_back(*found);
  model.logOffset = fields.numberOr("log_offset", 0);
  model.intervals = readIntervals(fields);
  for (const std::string &column : fields.names("ranges"))
    if (std::optional<Feature> found = feature(fields, "ranges", column))
      model.ranges.emplace_back(*found,
                                fields.object("ranges")->interval(column));
  model.forest = forestFile(name, fields, model.features.size());
}

void BundleReader::read() {
  if (root.has("kind") && root.string("kind") == "table")
    return root.fail("kind", "this is a bundle of look-up tables: it knows "
                             "blocks of spaces, not kernels");
  root.integer("format", 1, 1);
  bundle.name = root.string("name");
  readFeatures();
  if (std::optional<JsonFields> runtime = root.object("runtime"))
    if (std::optional<JsonFields> rules = runtime->object("rules"))
      bundle.runtimeRules = rules->json();
  if (std::optional<JsonFields> kinds = root.object("kinds"))
    for (const std::string &name : root.names("kinds"))
      if (std::optional<JsonFields> fields = kinds->object(name))
        readKind(name, *fields);
  if (std::optional<JsonFields> network = root.object("network")) {
    bundle.network.scaleLog = network->numberOr("scale_log", 0);
    bundle.network.perKernelUs = network->numberOr("per_kernel_us", 0);
    bundle.network.perViewUs = network->numberOr("per_view_us", 0);
    bundle.network.constantUs = network->numberOr("constant_us", 0);
    bundle.network.intervals = readIntervals(*network);
  }
}

llvm::Expected<std::unique_ptr<const ModelBundle>>
ModelBundle::load(StringRef folder) {
  if (folder.empty())
    return llvm::createStringError(
        "bundle: expected the folder of a model bundle, found nothing");
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(path, "bundle.json");
  llvm::Expected<JsonDocument> document = JsonDocument::load(path);
  if (!document)
    return document.takeError();
  auto bundle = std::make_unique<ModelBundle>();
  bundle->folder = folder.str();
  llvm::Error problem = llvm::Error::success();
  BundleReader(JsonFields(document->root(), problem), problem, *bundle).read();
  if (problem)
    return std::move(problem);
  llvm::Expected<JsonView> device = document->root().field("device");
  if (!device)
    return device.takeError();
  llvm::Expected<DeviceSpec> spec = parseDeviceSpec(*device);
  if (!spec)
    return spec.takeError();
  bundle->device = std::move(*spec);
  bundle->description.emplace(std::move(*document));
  return std::unique_ptr<const ModelBundle>(std::move(bundle));
}
