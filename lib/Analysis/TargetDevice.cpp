// SPDX-License-Identifier: Apache-2.0
// The device that a module's target specification asks for.

#include "gnomon/Analysis/TargetDevice.h"
#include "gnomon/Support/JsonFields.h"
#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/Interfaces/DataLayoutInterfaces.h"

using namespace gnomon;
using namespace mlir;

static constexpr llvm::StringLiteral prefix = "gnomon.";
static constexpr llvm::StringLiteral source = "dlti.target_system_spec";

static std::string text(Attribute attribute) {
  std::string result;
  llvm::raw_string_ostream(result) << attribute;
  return result;
}

/// The entries of one device whose names begin with "gnomon.".
static std::vector<std::pair<StringRef, Attribute>>
ownEntries(TargetDeviceSpecInterface device) {
  std::vector<std::pair<StringRef, Attribute>> result;
  for (const DataLayoutEntryInterface &entry : device.getEntries())
    if (auto key = dyn_cast<StringAttr>(entry.getKey()))
      if (StringRef name = key.getValue(); name.consume_front(prefix))
        result.emplace_back(name, entry.getValue());
  return result;
}

/// A number or a text as JSON; null for everything else.
static llvm::json::Value jsonOf(Attribute value) {
  if (auto integer = dyn_cast<IntegerAttr>(value))
    return integer.getValue().roundToDouble(/*isSigned=*/true);
  if (auto number = dyn_cast<FloatAttr>(value))
    return number.getValueAsDouble();
  if (auto string = dyn_cast<StringAttr>(value))
    return string.getValue();
  return nullptr;
}

/// Sets the member that `path` leads to, dots going into objects. False if a
/// member on the way is no object.
static bool setMember(llvm::json::Object &object, StringRef path,
                      llvm::json::Value value) {
  auto [name, rest] = path.split('.');
  if (rest.empty())
    return object.try_emplace(name, std::move(value)).second;
  auto [member, inserted] = object.try_emplace(name, llvm::json::Object());
  llvm::json::Object *inner = member->second.getAsObject();
  return inner && setMember(*inner, rest, std::move(value));
}

static llvm::Expected<DeviceSpec> parseSpec(llvm::json::Object object) {
  std::string json;
  llvm::raw_string_ostream(json) << llvm::json::Value(std::move(object));
  auto document = JsonDocument::parse(json, source);
  if (!document)
    return document.takeError();
  llvm::Error problem = llvm::Error::success();
  JsonFields(document->root(), problem)
      .only({"name", "kind", "description", "peak_flops", "caches_bytes",
             "memory_bandwidth_bytes_per_s", "memory_bytes", "cores",
             "clock_hz", "simd_bits", "sm_count", "launch_overhead_us"});
  if (problem)
    return std::move(problem);
  return parseDeviceSpec(document->root());
}

/// What the entries of one device, called `id`, ask for.
static llvm::Expected<TargetDevice>
deviceOf(StringRef id, ArrayRef<std::pair<StringRef, Attribute>> entries) {
  TargetDevice result;
  llvm::json::Object object;
  for (auto [name, value] : entries) {
    auto string = dyn_cast<StringAttr>(value);
    if (name == "device" && (!string || string.empty()))
      return llvm::createStringError(
          source +
          ": \"gnomon.device\" expected the name of a device as a "
          "string, found " +
          text(value));
    if (name == "device")
      result.name = string.str();
    else if (!setMember(object, name, jsonOf(value)))
      return llvm::createStringError(source + ": \"gnomon." + name +
                                     "\" does not fit the other entries");
  }
  if (object.empty())
    return result;
  if (!result.name.empty())
    return llvm::createStringError(
        source + ": names the device '" + result.name +
        "' and gives numbers (\"gnomon." + object.begin()->first.str() +
        "\"), expected one of the two");
  object.try_emplace("name", id);
  object.try_emplace("kind", id.equals_insensitive("gpu") ? "gpu" : "cpu");
  llvm::Expected<DeviceSpec> spec = parseSpec(std::move(object));
  if (!spec)
    return spec.takeError();
  result.name = spec->name;
  result.spec = std::move(*spec);
  return result;
}

llvm::Expected<TargetDevice> gnomon::targetDevice(ModuleOp module) {
  TargetDevice found;
  auto system = module->getAttrOfType<TargetSystemSpecAttr>(
      DLTIDialect::kTargetSystemDescAttrName);
  if (!system)
    return found;
  for (const DataLayoutEntryInterface &entry : system.getEntries()) {
    auto spec = dyn_cast<TargetDeviceSpecInterface>(entry.getValue());
    auto id = dyn_cast<StringAttr>(entry.getKey());
    if (!spec || !id)
      continue;
    auto entries = ownEntries(spec);
    if (entries.empty())
      continue;
    llvm::Expected<TargetDevice> device = deviceOf(id.getValue(), entries);
    if (!device)
      return device.takeError();
    if (!found.name.empty() && found.name != device->name)
      return llvm::createStringError(source + ": names the devices '" +
                                     found.name + "' and '" + device->name +
                                     "', expected one; the option device= "
                                     "chooses");
    found = std::move(*device);
  }
  return found;
}
