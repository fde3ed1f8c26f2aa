// SPDX-License-Identifier: Apache-2.0
// Fields of architectures, read with errors that name the field.

#include "ArchitectureJson.h"

#include "BuildSpace.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"

using llvm::Expected;
using llvm::StringRef;
using llvm::Twine;

namespace gnomon {

llvm::Error mismatch(const Twine &where, const Twine &found,
                     const Twine &expected) {
  return llvm::createStringError(where + ": found " + found + ", expected " +
                                 expected);
}

std::string oneOf(llvm::ArrayRef<std::string> values) {
  return (values.size() == 1 ? "" : "one of ") + llvm::join(values, ", ");
}

std::string oneOf(llvm::ArrayRef<int64_t> values) {
  std::vector<std::string> texts;
  for (int64_t value : values)
    texts.push_back(std::to_string(value));
  return oneOf(texts);
}

std::string shown(const llvm::json::Value &value) {
  constexpr size_t longest = 40;
  std::string text = llvm::formatv("{0}", value);
  if (std::optional<double> number = value.getAsNumber())
    text = llvm::formatv("{0}", llvm::format("%g", *number));
  if (text.size() > longest)
    text = text.substr(0, longest) + "...";
  return text;
}

llvm::Error
ArchitectureFields::only(llvm::ArrayRef<llvm::StringRef> known) const {
  std::vector<StringRef> names;
  for (const auto &[name, value] : object)
    names.push_back(name);
  llvm::sort(names);
  for (StringRef name : names)
    if (!llvm::is_contained(known, name))
      return mismatch(name, "a field of this name",
                      "only " + llvm::join(known, ", "));
  return llvm::Error::success();
}

size_t ArchitectureFields::sizeOf(StringRef name) const {
  const llvm::json::Array *array = object.getArray(name);
  return array ? array->size() : 0;
}

Expected<const llvm::json::Array *>
ArchitectureFields::list(StringRef name, size_t count) const {
  const llvm::json::Value *value = object.get(name);
  std::string expected = "a list of " + std::to_string(count);
  if (!value)
    return mismatch(name, "nothing", expected);
  const llvm::json::Array *array = value->getAsArray();
  if (!array)
    return mismatch(name, shown(*value), expected);
  if (array->size() != count)
    return mismatch(name, "a list of " + Twine(array->size()), expected);
  return array;
}

Expected<std::vector<int64_t>> ArchitectureFields::integers(
    StringRef name, size_t count,
    llvm::function_ref<std::vector<int64_t>(size_t)> allowed) const {
  auto array = list(name, count);
  if (!array)
    return array.takeError();
  std::vector<int64_t> values;
  for (auto [index, element] : llvm::enumerate(**array)) {
    std::optional<int64_t> value = element.getAsInteger();
    std::vector<int64_t> known = allowed(index);
    if (!value || !llvm::is_contained(known, *value))
      return mismatch(name + "[" + Twine(index) + "]", shown(element),
                      oneOf(known));
    values.push_back(*value);
  }
  return values;
}

Expected<std::string> ArchitectureFields::resolution(int64_t otherwise) const {
  const llvm::json::Value *value = object.get("r");
  if (!value)
    return std::to_string(otherwise);
  std::optional<int64_t> size = value->getAsInteger();
  if (!size || *size < kMinResolution || *size > kMaxResolution)
    return mismatch("r", shown(*value),
                    Twine(kMinResolution) + " to " + Twine(kMaxResolution));
  return std::to_string(*size);
}

int64_t resolutionOf(const Selection &selection) {
  int64_t resolution = 0;
  auto found = selection.find(kResolutionDecision.str());
  if (found != selection.end())
    StringRef(found->second).getAsInteger(10, resolution);
  return resolution;
}

llvm::Error checkNetwork(const Space &space, const Selection &selection) {
  SpaceOptions options;
  if (int64_t resolution = resolutionOf(selection))
    options.resolutions = {resolution};
  return space.check(selection, options);
}

} // namespace gnomon
