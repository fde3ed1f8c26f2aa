// SPDX-License-Identifier: Apache-2.0
// What the walk over a model file asks of a file format.
#ifndef GNOMON_LIB_FOREST_MODELSOURCE_H
#define GNOMON_LIB_FOREST_MODELSOURCE_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gnomon {

/// A document, read value by value. Every call reads the value at hand, which
/// must be of the kind asked for; the callbacks of `object` and `array` must
/// read exactly one value each. Keeps the path to the value at hand, so that
/// every error names the file and the field.
class ModelSource {
public:
  explicit ModelSource(llvm::StringRef name) : name(name) {}
  virtual ~ModelSource() = default;

  /// Calls `member` for every member; a key that appears twice is an error.
  virtual llvm::Error
  object(llvm::function_ref<llvm::Error(llvm::StringRef key)> member) = 0;
  virtual llvm::Error
  array(llvm::function_ref<llvm::Error(size_t index)> element) = 0;
  virtual llvm::Expected<std::string> string() = 0;
  /// Replace the contents of `values` by an array. Truth values count as 0
  /// and 1; integers must fit into 32 bits; floats are rounded once.
  virtual llvm::Error integers(std::vector<int32_t> &values) = 0;
  virtual llvm::Error floats(std::vector<float> &values) = 0;
  virtual llvm::Error skip() = 0;

  const std::string &path() const { return at; }
  /// `<file>: <path>: <message>` for the value at hand.
  llvm::Error error(const llvm::Twine &message) const {
    return errorAt(at, message);
  }
  llvm::Error errorAt(const llvm::Twine &path,
                      const llvm::Twine &message) const {
    std::string where = path.str();
    return llvm::createStringError(name + ": " + where +
                                   (where.empty() ? "" : ": ") + message);
  }

protected:
  /// Run `read` with the path extended by a member or an element.
  llvm::Error inMember(llvm::StringRef key,
                       llvm::function_ref<llvm::Error()> read) {
    size_t length = at.size();
    if (length)
      at += '.';
    at += key.take_front(100);
    llvm::Error error = read();
    at.resize(length);
    return error;
  }
  llvm::Error inElement(size_t index, llvm::function_ref<llvm::Error()> read) {
    size_t length = at.size();
    at += ("[" + llvm::Twine(index) + "]").str();
    llvm::Error error = read();
    at.resize(length);
    return error;
  }

private:
  llvm::StringRef name;
  std::string at;
};

} // namespace gnomon

#endif // GNOMON_LIB_FOREST_MODELSOURCE_H
