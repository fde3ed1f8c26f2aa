// SPDX-License-Identifier: Apache-2.0
// Fields of architectures, read with errors that name the field.

#ifndef GNOMON_LIB_SPACES_ARCHITECTUREJSON_H
#define GNOMON_LIB_SPACES_ARCHITECTUREJSON_H

#include "gnomon/Spaces/Space.h"

namespace gnomon {

/// The fields of one architecture. What is missing or wrong is an error such as
/// "ks[3]: found 4, expected one of 3, 5, 7".
class ArchitectureFields {
public:
  explicit ArchitectureFields(const llvm::json::Object &object)
      : object(object) {}

  /// Refuses fields that are not in the list.
  llvm::Error only(llvm::ArrayRef<llvm::StringRef> known) const;

  bool has(llvm::StringRef name) const { return object.get(name); }
  size_t sizeOf(llvm::StringRef name) const;

  /// A list of `count` integers; element i is one of `allowed(i)`.
  llvm::Expected<std::vector<int64_t>>
  integers(llvm::StringRef name, size_t count,
           llvm::function_ref<std::vector<int64_t>(size_t)> allowed) const;
  /// The field "r", the size of the image, as option of "resolution".
  llvm::Expected<std::string> resolution(int64_t otherwise) const;

  /// A list of `count` values.
  llvm::Expected<const llvm::json::Array *> list(llvm::StringRef name,
                                                 size_t count) const;

private:
  const llvm::json::Object &object;
};

/// "<where>: found <what>, expected <expected>".
llvm::Error mismatch(const llvm::Twine &where, const llvm::Twine &found,
                     const llvm::Twine &expected);
/// "one of 3, 5, 7".
std::string oneOf(llvm::ArrayRef<int64_t> values);
std::string oneOf(llvm::ArrayRef<std::string> values);
/// JSON text of a value, cut after a few dozen characters.
std::string shown(const llvm::json::Value &value);

/// `selection` without a flaw, with any resolution.
llvm::Error checkNetwork(const Space &space, const Selection &selection);
/// The resolution a checked selection has.
int64_t resolutionOf(const Selection &selection);

} // namespace gnomon

#endif // GNOMON_LIB_SPACES_ARCHITECTUREJSON_H
