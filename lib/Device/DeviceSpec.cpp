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

/// Letters and digits between separators, in lower case.
static std::vector<std::string> words(StringRef name) {
  std::vector<std::string> result(1);
  for (char c : name)
    if (llvm::isAlnum(c))
      result.back() += llvm::toLower(c);
    else if (!result.back().empty())
      result.emplace_back();
  if (result.back().empty())
    result.pop_back();
  return result;
}

bool gnomon::isSameDevice(StringRef one, StringRef other) {
  return llvm::join(words(one), "") == llvm::join(words(other), "");
}

bool gnomon::mayMeanDevice(StringRef wanted, StringRef name) {
  std::vector<std::string> asked = words(wanted), there = words(name);
  if (asked.empty() || there.empty())
    return false;
  if (isSameDevice(wanted, name))
    return true;
  auto place = there.begin();
  for (const std::string &word : asked) {
    bool first = &word == &asked.front();
    place = std::find_if(place, there.end(), [&](StringRef candidate) {
      return first ? candidate == word : candidate.starts_with(word);
    });
    if (place == there.end() || (first && place != there.begin()))
      return false;
    ++place;
  }
  return true;
}

/// Paths of the devices in the folders that `wanted` may mean, sorted by name;
/// only those whose whole name it is, if there are any.
static std::vector<std::string>
candidates(StringRef wanted, llvm::ArrayRef<std::string> folders) {
  std::vector<std::string> whole, cut;
  for (const std::string &folder : folders) {
    std::error_code error;
    for (llvm::sys::fs::directory_iterator file(folder, error), end;
         !error && file != end; file.increment(error)) {
      StringRef name = llvm::sys::path::filename(file->path());
      if (!name.consume_back(".json") || !mayMeanDevice(wanted, name))
        continue;
      (isSameDevice(wanted, name) ? whole : cut).push_back(file->path());
    }
  }
  std::vector<std::string> &result = whole.empty() ? cut : whole;
  llvm::sort(result);
  return result;
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
  std::vector<std::string> found = candidates(nameOrPath, folders);
  if (found.size() == 1)
    return loadFile(found.front());
  if (found.empty())
    return llvm::createStringError("device '" + nameOrPath +
                                   "': no such device; looked in " +
                                   llvm::join(folders, ", "));
  for (std::string &path : found)
    path = llvm::sys::path::stem(path).str();
  return llvm::createStringError("device '" + nameOrPath + "' may be " +
                                 llvm::join(found, ", ") +
                                 "; expected the name of one of them");
}
