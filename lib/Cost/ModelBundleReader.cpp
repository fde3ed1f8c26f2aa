// SPDX-License-Identifier: Apache-2.0
// Reads the members of bundle.json.

#include "gnomon/Cost/ModelBundle.h"
#include "gnomon/Features/Extract.h"
#include "gnomon/Support/JsonFields.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"
#include <cmath>

using namespace gnomon;
using llvm::StringRef;

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
  std::optional<Column> column(const JsonFields &fields, StringRef member,
                               StringRef name);
  void readForm();
  UtilisationForm readUtilisation(const JsonFields &fields);
  void readNetwork(const JsonFields &fields);

  JsonFields root;
  llvm::Error &problem;
  ModelBundle &bundle;
};
} // namespace

std::optional<Column> BundleReader::column(const JsonFields &fields,
                                           StringRef member, StringRef name) {
  std::optional<Column> found = findColumn(name);
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
    column(*fields, "names", name);
}

void BundleReader::readForm() {
  if (!root.has("form"))
    return;
  if (std::string form = root.string("form"); form != "utilisation")
    root.fail("form", "expected \"utilisation\", found \"" + form + "\"");
  bundle.form = ModelForm::Utilisation;
  bundle.launchOverheadUs = root.number("launch_overhead_us");
  if (*bundle.launchOverheadUs < 0)
    root.fail("launch_overhead_us", "expected a number of at least 0");
  for (const std::string &name : root.names("launch_overheads_us"))
    if (auto overheads = root.object("launch_overheads_us"))
      bundle.launchOverheadsUs[name] = overheads->positive(name);
}

UtilisationForm BundleReader::readUtilisation(const JsonFields &fields) {
  UtilisationForm form;
  form.launchFactor = fields.numberOr("launch_factor", form.launchFactor);
  if (form.launchFactor < 0)
    fields.fail("launch_factor", "expected a number of at least 0");
  for (const std::string &name : fields.names("launch_factors")) {
    JsonFields factors = *fields.object("launch_factors");
    double operation = operationCode(name), factor = factors.number(name);
    if (std::isnan(operation))
      factors.fail(name, "this version does not know the operation");
    else if (factor < 0)
      factors.fail(name, "expected a number of at least 0");
    else
      form.launchFactors[operation] = factor;
  }
  form.launchShare = fields.numberOr("launch_share", form.launchShare);
  if (!(form.launchShare >= 0 && form.launchShare <= 1))
    fields.fail("launch_share", "expected a number from 0 to 1");
  if (fields.has("roofline_gain"))
    form.rooflineGain = fields.positive("roofline_gain");
  std::string base = fields.stringOr("base", "work");
  form.tiled = base == "tiled";
  if (!form.tiled && base != "work")
    fields.fail("base",
                "expected \"work\" or \"tiled\", found \"" + base + "\"");
  return form;
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
  for (const std::string &name : fields.strings("features"))
    if (std::optional<Column> found = column(fields, "features", name))
      model.features.push_back(*found);
  model.logOffset = fields.numberOr("log_offset", 0);
  model.scaleLog = fields.numberOr("scale_log", 0);
  model.utilisation = readUtilisation(fields);
  model.intervals = readIntervals(fields);
  for (const std::string &name : fields.names("ranges"))
    if (std::optional<Column> found = column(fields, "ranges", name)) {
      auto [low, high] = fields.object("ranges")->interval(name);
      model.ranges.push_back({*found, low, high});
    }
  model.forest = forestFile(name, fields, model.features.size());
}

void BundleReader::read() {
  if (root.has("kind") && root.string("kind") == "table")
    return root.fail("kind", "this is a bundle of look-up tables: it knows "
                             "blocks of spaces, not kernels");
  root.integer("format", 1, 1);
  bundle.name = root.string("name");
  readForm();
  if (root.has("devices"))
    bundle.devices = root.strings("devices");
  bundle.calibratedFor = root.stringOr("calibrated_for", "");
  readFeatures();
  if (std::optional<JsonFields> runtime = root.object("runtime"))
    if (std::optional<JsonFields> rules = runtime->object("rules"))
      bundle.runtimeRules = rules->json();
  if (std::optional<JsonFields> kinds = root.object("kinds"))
    for (const std::string &name : root.names("kinds"))
      if (std::optional<JsonFields> fields = kinds->object(name))
        readKind(name, *fields);
  if (std::optional<JsonFields> network = root.object("network"))
    readNetwork(*network);
}

void BundleReader::readNetwork(const JsonFields &fields) {
  bundle.network.scaleLog = fields.numberOr("scale_log", 0);
  bundle.network.perKernelUs = fields.numberOr("per_kernel_us", 0);
  bundle.network.perViewUs = fields.numberOr("per_view_us", 0);
  bundle.network.constantUs = fields.numberOr("constant_us", 0);
  bundle.network.intervals = readIntervals(fields);
  bundle.network.errors = ErrorModel::read(fields, bundle.network.intervals);
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
  bundle->device.kind = spec->kind;
  llvm::Expected<DeviceSpec> own = bundle->admit(std::move(*spec));
  if (!own)
    return own.takeError();
  bundle->device = std::move(*own);
  bundle->description.emplace(std::move(*document));
  return std::unique_ptr<const ModelBundle>(std::move(bundle));
}
