// SPDX-License-Identifier: Apache-2.0
// JSON field access whose every error names the file and the path of the field.
#ifndef GNOMON_SUPPORT_JSON_H
#define GNOMON_SUPPORT_JSON_H

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gnomon {

/// One value of a JSON document and the way to it. Values stay owned by the
/// document, which must outlive its views. Every accessor says on failure what
/// was found and what was expected: `bundle.json: kinds.conv.model: expected a
/// string, found a number`.
class JsonView {
public:
  JsonView(const llvm::json::Value &value, llvm::StringRef source,
           std::string path = "")
      : value(&value), source(source), path(std::move(path)) {}

  /// A member that must be there.
  llvm::Expected<JsonView> field(llvm::StringRef name) const;
  /// A member that may be missing; `null` counts as missing. A value that is
  /// no object has no members.
  std::optional<JsonView> find(llvm::StringRef name) const;
  /// The members of an object, sorted by name.
  llvm::Expected<std::vector<std::pair<std::string, JsonView>>> members() const;
  /// The elements of an array.
  llvm::Expected<std::vector<JsonView>> elements() const;

  llvm::Expected<double> number() const;
  /// A whole number in [low, high].
  llvm::Expected<int64_t>
  integer(int64_t low = std::numeric_limits<int64_t>::min(),
          int64_t high = std::numeric_limits<int64_t>::max()) const;
  llvm::Expected<bool> boolean() const;
  llvm::Expected<std::string> string() const;
  llvm::Expected<std::vector<double>> numbers() const;
  llvm::Expected<std::vector<std::string>> strings() const;

  /// The value of an optional member, or `fallback` where it is missing.
  llvm::Expected<double> numberOr(llvm::StringRef name, double fallback) const;
  llvm::Expected<int64_t> integerOr(llvm::StringRef name,
                                    int64_t fallback) const;
  llvm::Expected<bool> booleanOr(llvm::StringRef name, bool fallback) const;
  llvm::Expected<std::string> stringOr(llvm::StringRef name,
                                       llvm::StringRef fallback) const;

  bool isNull() const { return value->kind() == llvm::json::Value::Null; }
  const llvm::json::Value &raw() const { return *value; }

  /// An error at this value: `<source>: <path>: <message>`.
  llvm::Error error(const llvm::Twine &message) const;

private:
  llvm::Error mismatch(llvm::StringRef expected) const;
  JsonView element(size_t index) const;

  const llvm::json::Value *value;
  llvm::StringRef source;
  std::string path;
};

/// A parsed document together with the name of the file it came from. The
/// views of a document stay valid when it is moved.
class JsonDocument {
public:
  /// Parses `text`. Refused with line and column: wrong syntax, a member that
  /// appears twice in one object, nesting deeper than `kMaxJsonDepth`.
  /// `source` names the text in messages.
  static llvm::Expected<JsonDocument> parse(llvm::StringRef text,
                                            llvm::StringRef source);
  static llvm::Expected<JsonDocument> load(llvm::StringRef path);

  JsonView root() const { return JsonView(contents->value, contents->source); }

private:
  struct Contents {
    llvm::json::Value value;
    std::string source;
  };
  explicit JsonDocument(std::unique_ptr<const Contents> contents)
      : contents(std::move(contents)) {}

  std::unique_ptr<const Contents> contents;
};

/// How deep objects and arrays may nest; the parser recurses.
constexpr unsigned kMaxJsonDepth = 256;

} // namespace gnomon

#endif // GNOMON_SUPPORT_JSON_H
