// SPDX-License-Identifier: Apache-2.0
// XGBoost models as JSON: a walk over llvm::json's document.
#include "ModelReader.h"
#include "ModelSource.h"

#include "gnomon/Forest/Load.h"
#include "gnomon/Support/Json.h"

#include <limits>

using namespace llvm;

namespace gnomon {
namespace {

class JsonSource : public ModelSource {
public:
  JsonSource(const json::Value &root, StringRef name)
      : ModelSource(name), value(&root) {}

  Error object(function_ref<Error(StringRef)> member) override {
    const json::Object *members = value->getAsObject();
    if (!members)
      return error("expected an object");
    for (const json::Object::value_type *entry : sortedMembers(*members)) {
      StringRef key = entry->first;
      if (Error error = inMember(key, [&] {
            return at(entry->second, [&] { return member(key); });
          }))
        return error;
    }
    return Error::success();
  }

  Error array(function_ref<Error(size_t)> element) override {
    const json::Array *elements = value->getAsArray();
    if (!elements)
      return error("expected an array");
    for (size_t index = 0; index < elements->size(); ++index)
      if (Error error = inElement(index, [&] {
            return at((*elements)[index], [&] { return element(index); });
          }))
        return error;
    return Error::success();
  }

  Expected<std::string> string() override {
    if (std::optional<StringRef> found = value->getAsString())
      return found->str();
    return error("expected a string");
  }

  Error integers(std::vector<int32_t> &values) override {
    return numbers(values, "an integer of 32 bits",
                   [](const json::Value &element) -> std::optional<int32_t> {
                     if (std::optional<bool> truth = element.getAsBoolean())
                       return *truth;
                     std::optional<int64_t> found = element.getAsInteger();
                     if (!found || *found != static_cast<int32_t>(*found))
                       return std::nullopt;
                     return static_cast<int32_t>(*found);
                   });
  }

  Error floats(std::vector<float> &values) override {
    return numbers(values, "a number",
                   [](const json::Value &element) -> std::optional<float> {
                     if (std::optional<double> found = element.getAsNumber())
                       return toFloat(*found);
                     return std::nullopt;
                   });
  }

  Error skip() override { return Error::success(); }

private:
  /// A double beyond the floats becomes an infinity, as XGBoost has it.
  static float toFloat(double number) {
    constexpr double largest = std::numeric_limits<float>::max();
    if (number > largest || number < -largest)
      return number > 0 ? std::numeric_limits<float>::infinity()
                        : -std::numeric_limits<float>::infinity();
    return static_cast<float>(number);
  }

  static std::vector<const json::Object::value_type *>
  sortedMembers(const json::Object &object) {
    std::vector<const json::Object::value_type *> members;
    members.reserve(object.size());
    for (const json::Object::value_type &entry : object)
      members.push_back(&entry);
    llvm::sort(members, [](auto *a, auto *b) {
      return StringRef(a->first) < StringRef(b->first);
    });
    return members;
  }

  Error at(const json::Value &inner, function_ref<Error()> read) {
    const json::Value *outer = value;
    value = &inner;
    Error error = read();
    value = outer;
    return error;
  }

  template <typename T, typename Convert>
  Error numbers(std::vector<T> &values, StringRef expected, Convert convert) {
    const json::Array *elements = value->getAsArray();
    if (!elements)
      return error("expected an array");
    values.clear();
    values.reserve(elements->size());
    for (const json::Value &element : *elements) {
      std::optional<T> number = convert(element);
      if (!number)
        return inElement(values.size(),
                         [&] { return error("expected " + expected); });
      values.push_back(*number);
    }
    return Error::success();
  }

  const json::Value *value;
};

} // namespace

Expected<Forest> parseForestJson(StringRef text, StringRef source) {
  Expected<JsonDocument> document = JsonDocument::parse(text, source);
  if (!document)
    return document.takeError();
  JsonSource reader(document->root().raw(), source);
  return readModel(reader);
}

} // namespace gnomon
