// SPDX-License-Identifier: Apache-2.0
// What a device can do at best, and the roofline time that follows from it.

#include "gnomon/Device/DeviceSpec.h"
#include "gnomon/Support/JsonFields.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <algorithm>

using namespace gnomon;
using llvm::StringRef;

double DeviceSpec::peak(StringRef elementType) const {
  auto found = peakFlops.find(elementType);
  if (found == peakFlops.end())
    found = peakFlops.find(StringRef("f32"));
  return found == peakFlops.end() ? 1.0 : found->second;
}

double DeviceSpec::workUs(double flops, double bytes,
                          StringRef elementType) const {
  double compute = flops > 0 ? flops / peak(elementType) : 0;
  double traffic = bytes > 0 ? bytes / memoryBandwidth : 0;
  return std::max(compute, traffic) * 1e6;
}

double DeviceSpec::rooflineUs(double flops, double bytes,
                              StringRef elementType) const {
  return workUs(flops, bytes, elementType) + launchOverheadUs.value_or(0);
}

static std::map<std::string, double, std::less<>>
positiveNumbers(const JsonFields &fields, StringRef name) {
  std::map<std::string, double, std::less<>> result;
  std::vector<std::string> keys = fields.names(name);
  if (keys.empty())
    return result;
  std::optional<JsonFields> members = fields.object(name);
  for (const std::string &key : keys)
    if (members->has(key))
      result[key] = members->positive(key);
  return result;
}

static std::optional<double> optionalPositive(const JsonFields &fields,
                                              StringRef name) {
  if (!fields.has(name))
    return std::nullopt;
  return fields.positive(name);
}

llvm::Expected<DeviceSpec> gnomon::parseDeviceSpec(const JsonView &json) {
  llvm::Error problem = llvm::Error::success();
  JsonFields fields(json, problem);
  DeviceSpec spec;
  if (fields.has("schema"))
    fields.integer("schema", 1, 1);
  spec.name = fields.string("name");
  spec.kind = fields.stringOr("kind", "cpu");
  spec.description = fields.stringOr("description", "");
  if (std::optional<JsonFields> peaks = fields.object("peak_flops"))
    peaks->positive("f32");
  spec.peakFlops = positiveNumbers(fields, "peak_flops");
  spec.memoryBandwidth = fields.positive("memory_bandwidth_bytes_per_s");
  spec.cacheBytes = positiveNumbers(fields, "caches_bytes");
  spec.cores = optionalPositive(fields, "cores");
  spec.clockHz = optionalPositive(fields, "clock_hz");
  spec.simdBits = optionalPositive(fields, "simd_bits");
  spec.memoryBytes = optionalPositive(fields, "memory_bytes");
  spec.smCount = optionalPositive(fields, "sm_count");
  if (fields.has("launch_overhead_us")) {
    spec.launchOverheadUs = fields.number("launch_overhead_us");
    if (*spec.launchOverheadUs < 0)
      fields.fail("launch_overhead_us", "expected a number of at least 0");
  }
  if (problem)
    return std::move(problem);
  return spec;
}

static llvm::Expected<DeviceSpec> loadFile(StringRef path) {
  llvm::Expected<JsonDocument> document = JsonDocument::load(path);
  if (!document)
    return document.takeError();
  return parseDeviceSpec(document->root());
}

static bool isPlainName(StringRef name) {
  return !name.empty() && !name.starts_with(".") &&
         llvm::all_of(name, [](char c) {
           return llvm::isAlnum(c) || c == '-' || c == '_' || c == '.';
         });
}

llvm::Expected<DeviceSpec>
gnomon::loadDeviceSpec(StringRef nameOrPath,
                       llvm::ArrayRef<std::string> folders) {
  if (nameOrPath.ends_with(".json"))
    return loadFile(nameOrPath);
  if (!isPlainName(nameOrPath))
    return llvm::createStringError(
        "device '" + nameOrPath +
        "': expected a name (letters, digits, '-', '_', '.') or the path of a "
        ".json file");
  for (StringRef folder : folders) {
    llvm::SmallString<128> path(folder);
    llvm::sys::path::append(path, nameOrPath + ".json");
    if (llvm::sys::fs::exists(path))
      return loadFile(path);
  }
  return llvm::createStringError("device '" + nameOrPath +
                                 "': no such device; looked in " +
                                 llvm::join(folders, ", "));
}
