// SPDX-License-Identifier: Apache-2.0
// JSON field access whose every error names the file and the path of the field.
#include "gnomon/Support/Json.h"

#include "JsonCheck.h"
#include "llvm/Support/MemoryBuffer.h"

#include <algorithm>

using namespace llvm;

namespace gnomon {

static StringRef describe(const json::Value &value) {
  switch (value.kind()) {
  case json::Value::Null:
    return "null";
  case json::Value::Boolean:
    return "a boolean";
  case json::Value::Number:
    return "a number";
  case json::Value::String:
    return "a string";
  case json::Value::Array:
    return "an array";
  case json::Value::Object:
    return "an object";
  }
  return "an unknown value";
}

Error JsonView::error(const Twine &message) const {
  if (path.empty())
    return createStringError(source + ": " + message);
  return createStringError(source + ": " + path + ": " + message);
}

Error JsonView::mismatch(StringRef expected) const {
  return error("expected " + expected + ", found " + describe(*value));
}

std::optional<JsonView> JsonView::find(StringRef name) const {
  const json::Object *object = value->getAsObject();
  const json::Value *member = object ? object->get(name) : nullptr;
  if (!member || member->kind() == json::Value::Null)
    return std::nullopt;
  return JsonView(*member, source,
                  path.empty() ? name.str() : (path + "." + name).str());
}

Expected<JsonView> JsonView::field(StringRef name) const {
  if (!value->getAsObject())
    return mismatch("an object");
  if (std::optional<JsonView> member = find(name))
    return *member;
  return error("member \"" + name + "\" is missing");
}

Expected<std::vector<std::pair<std::string, JsonView>>>
JsonView::members() const {
  const json::Object *object = value->getAsObject();
  if (!object)
    return mismatch("an object");
  std::vector<std::pair<std::string, JsonView>> result;
  for (const auto &[key, member] : *object) {
    StringRef name = key;
    std::string memberPath =
        path.empty() ? name.str() : (path + "." + name).str();
    result.emplace_back(name.str(),
                        JsonView(member, source, std::move(memberPath)));
  }
  llvm::sort(result,
             [](const auto &a, const auto &b) { return a.first < b.first; });
  return result;
}

JsonView JsonView::element(size_t index) const {
  return JsonView((*value->getAsArray())[index], source,
                  (path + "[" + Twine(index) + "]").str());
}

Expected<std::vector<JsonView>> JsonView::elements() const {
  const json::Array *array = value->getAsArray();
  if (!array)
    return mismatch("an array");
  std::vector<JsonView> result;
  result.reserve(array->size());
  for (size_t index = 0; index < array->size(); ++index)
    result.push_back(element(index));
  return result;
}

Expected<double> JsonView::number() const {
  if (std::optional<double> found = value->getAsNumber())
    return *found;
  return mismatch("a number");
}

Expected<int64_t> JsonView::integer(int64_t low, int64_t high) const {
  if (!value->getAsNumber())
    return mismatch("a whole number");
  std::optional<int64_t> found = value->getAsInteger();
  if (!found)
    return error("expected a whole number of 64 bits");
  if (*found < low || *found > high)
    return error("expected a whole number from " + Twine(low) + " to " +
                 Twine(high) + ", found " + Twine(*found));
  return *found;
}

Expected<bool> JsonView::boolean() const {
  if (std::optional<bool> found = value->getAsBoolean())
    return *found;
  return mismatch("true or false");
}

Expected<std::string> JsonView::string() const {
  if (std::optional<StringRef> found = value->getAsString())
    return found->str();
  return mismatch("a string");
}

Expected<std::vector<double>> JsonView::numbers() const {
  const json::Array *array = value->getAsArray();
  if (!array)
    return mismatch("an array of numbers");
  std::vector<double> result;
  result.reserve(array->size());
  for (auto [index, entry] : llvm::enumerate(*array)) {
    std::optional<double> found = entry.getAsNumber();
    if (!found)
      return element(index).mismatch("a number");
    result.push_back(*found);
  }
  return result;
}

Expected<std::vector<std::string>> JsonView::strings() const {
  const json::Array *array = value->getAsArray();
  if (!array)
    return mismatch("an array of strings");
  std::vector<std::string> result;
  result.reserve(array->size());
  for (auto [index, entry] : llvm::enumerate(*array)) {
    std::optional<StringRef> found = entry.getAsString();
    if (!found)
      return element(index).mismatch("a string");
    result.push_back(found->str());
  }
  return result;
}

Expected<double> JsonView::numberOr(StringRef name, double fallback) const {
  std::optional<JsonView> member = find(name);
  return member ? member->number() : Expected<double>(fallback);
}

Expected<int64_t> JsonView::integerOr(StringRef name, int64_t fallback) const {
  std::optional<JsonView> member = find(name);
  return member ? member->integer() : Expected<int64_t>(fallback);
}

Expected<bool> JsonView::booleanOr(StringRef name, bool fallback) const {
  std::optional<JsonView> member = find(name);
  return member ? member->boolean() : Expected<bool>(fallback);
}

Expected<std::string> JsonView::stringOr(StringRef name,
                                         StringRef fallback) const {
  std::optional<JsonView> member = find(name);
  return member ? member->string() : Expected<std::string>(fallback.str());
}

Expected<JsonDocument> JsonDocument::parse(StringRef text, StringRef source) {
  if (Error error = checkJsonStructure(text, kMaxJsonDepth, source))
    return error;
  Expected<json::Value> value = json::parse(text);
  if (!value)
    return createStringError(source + ": " + toString(value.takeError()));
  return JsonDocument(std::make_unique<const Contents>(
      Contents{std::move(*value), source.str()}));
}

Expected<JsonDocument> JsonDocument::load(StringRef path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer = MemoryBuffer::getFile(path);
  if (!buffer)
    return createStringError(path + ": " + buffer.getError().message());
  return parse((*buffer)->getBuffer(), path);
}

} // namespace gnomon
