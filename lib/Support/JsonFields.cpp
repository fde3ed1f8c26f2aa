// SPDX-License-Identifier: Apache-2.0
// Reading many members of JSON objects and asking once whether all was well.

#include "gnomon/Support/JsonFields.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>

using namespace gnomon;
using llvm::StringRef;

void JsonFields::note(llvm::Error error) const {
  if (!error)
    return;
  if (*problem)
    llvm::consumeError(std::move(error));
  else
    *problem = std::move(error);
}

template <typename T>
T JsonFields::take(llvm::Expected<T> value) const {
  if (value)
    return std::move(*value);
  note(value.takeError());
  return T{};
}

std::optional<JsonView> JsonFields::member(StringRef name) const {
  llvm::Expected<JsonView> result = view.field(name);
  if (result)
    return *result;
  note(result.takeError());
  return std::nullopt;
}

void JsonFields::fail(StringRef name, const llvm::Twine &message) const {
  std::optional<JsonView> found = view.find(name);
  note(found ? found->error(message) : view.error(name + ": " + message));
}

double JsonFields::number(StringRef name) const {
  std::optional<JsonView> found = member(name);
  double result = found ? take(found->number()) : 0;
  if (std::isfinite(result))
    return result;
  fail(name, "expected a finite number");
  return 0;
}

double JsonFields::numberOr(StringRef name, double fallback) const {
  return has(name) ? number(name) : fallback;
}

double JsonFields::positive(StringRef name) const {
  double result = number(name);
  if (result > 0)
    return result;
  fail(name, "expected a number greater than 0");
  return 1;
}

int64_t JsonFields::integer(StringRef name, int64_t low, int64_t high) const {
  std::optional<JsonView> found = member(name);
  return found ? take(found->integer(low, high)) : low;
}

std::string JsonFields::string(StringRef name) const {
  std::optional<JsonView> found = member(name);
  return found ? take(found->string()) : std::string();
}

std::string JsonFields::stringOr(StringRef name, StringRef fallback) const {
  return has(name) ? string(name) : fallback.str();
}

bool JsonFields::booleanOr(StringRef name, bool fallback) const {
  return take(view.booleanOr(name, fallback));
}

std::vector<std::string> JsonFields::strings(StringRef name) const {
  std::optional<JsonView> found = member(name);
  return found ? take(found->strings()) : std::vector<std::string>();
}

std::vector<double> JsonFields::numbers(StringRef name) const {
  std::optional<JsonView> found = member(name);
  return found ? take(found->numbers()) : std::vector<double>();
}

std::vector<int64_t> JsonFields::integers(StringRef name, int64_t low,
                                          int64_t high) const {
  std::vector<int64_t> result;
  for (const JsonFields &element : elements(name))
    result.push_back(take(element.view.integer(low, high)));
  return result;
}

std::vector<JsonFields> JsonFields::elements(StringRef name) const {
  std::vector<JsonFields> result;
  if (std::optional<JsonView> found = member(name))
    for (JsonView &element : take(found->elements()))
      result.emplace_back(std::move(element), *problem);
  return result;
}

void JsonFields::only(llvm::ArrayRef<StringRef> known) const {
  for (auto &[name, value] : take(view.members()))
    if (!llvm::is_contained(known, name))
      fail(name, "unknown member, expected one of " + llvm::join(known, ", "));
}

std::pair<double, double> JsonFields::interval(StringRef name) const {
  std::optional<JsonView> found = member(name);
  if (!found)
    return {0, 0};
  std::vector<double> bounds = take(found->numbers());
  if (bounds.size() == 2 && std::isfinite(bounds[0]) &&
      std::isfinite(bounds[1]) && bounds[0] <= bounds[1])
    return {bounds[0], bounds[1]};
  fail(name, "expected two numbers [low, high] with low <= high");
  return {0, 0};
}

std::optional<JsonFields> JsonFields::object(StringRef name) const {
  std::optional<JsonView> found = member(name);
  if (!found)
    return std::nullopt;
  take(found->members());
  return JsonFields(*found, *problem);
}

std::vector<std::string> JsonFields::names(StringRef name) const {
  std::vector<std::string> result;
  if (!has(name))
    return result;
  for (auto &[key, value] : take(member(name)->members()))
    result.push_back(key);
  return result;
}
