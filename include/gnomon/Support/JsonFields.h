// SPDX-License-Identifier: Apache-2.0
// Reading many members of JSON objects and asking once whether all was well.

#ifndef GNOMON_SUPPORT_JSONFIELDS_H
#define GNOMON_SUPPORT_JSONFIELDS_H

#include "gnomon/Support/Json.h"
#include "llvm/ADT/ArrayRef.h"

namespace gnomon {

/// The members of one JSON object. The first problem goes to the error that was
/// given at the beginning; the reader gets a harmless value and goes on.
class JsonFields {
public:
  /// `problem` must be a success value and outlive this object and everything
  /// it hands out.
  JsonFields(JsonView view, llvm::Error &problem)
      : view(std::move(view)), problem(&problem) {}

  bool has(llvm::StringRef name) const { return view.find(name).has_value(); }
  double number(llvm::StringRef name) const;
  double numberOr(llvm::StringRef name, double fallback) const;
  /// A number greater than zero.
  double positive(llvm::StringRef name) const;
  int64_t integer(llvm::StringRef name, int64_t low, int64_t high) const;
  std::string string(llvm::StringRef name) const;
  std::string stringOr(llvm::StringRef name, llvm::StringRef fallback) const;
  bool booleanOr(llvm::StringRef name, bool fallback) const;
  std::vector<std::string> strings(llvm::StringRef name) const;
  std::vector<double> numbers(llvm::StringRef name) const;
  std::vector<int64_t> integers(llvm::StringRef name, int64_t low,
                                int64_t high) const;
  /// The elements of the array `name`, which must be there.
  std::vector<JsonFields> elements(llvm::StringRef name) const;
  /// [low, high] with low <= high.
  std::pair<double, double> interval(llvm::StringRef name) const;
  /// The member `name`, which must be there.
  std::optional<JsonFields> object(llvm::StringRef name) const;
  /// The names in the object `name`, sorted; empty if that is absent.
  std::vector<std::string> names(llvm::StringRef name) const;

  /// Members that are not in the list are a problem.
  void only(llvm::ArrayRef<llvm::StringRef> known) const;

  const JsonView &json() const { return view; }
  /// Notes a problem with the member `name`.
  void fail(llvm::StringRef name, const llvm::Twine &message) const;

private:
  template <typename T>
  T take(llvm::Expected<T> value) const;
  std::optional<JsonView> member(llvm::StringRef name) const;
  void note(llvm::Error error) const;

  JsonView view;
  llvm::Error *problem;
};

} // namespace gnomon

#endif // GNOMON_SUPPORT_JSONFIELDS_H
