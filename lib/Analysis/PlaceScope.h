// SPDX-License-Identifier: Apache-2.0
// Which decisions shape the kernels of one place of a supernet, and the entries
// of a table over them.

#ifndef GNOMON_LIB_ANALYSIS_PLACESCOPE_H
#define GNOMON_LIB_ANALYSIS_PLACESCOPE_H

#include "SpaceTables.h"

namespace gnomon {

/// Class of each option of a decision, numbered in the order of the options.
using Classes = std::vector<uint32_t>;

/// An entry of a table: (decision, option) for each decision of the scope.
using Entry = std::vector<std::pair<uint32_t, uint32_t>>;

/// Numbers values in the order in which they come.
template <typename T>
Classes numbered(const std::vector<T> &values) {
  std::map<T, uint32_t> numbers;
  Classes classes;
  for (const T &value : values)
    classes.push_back(
        numbers.try_emplace(value, uint32_t(numbers.size())).first->second);
  return classes;
}

/// Begins with the decisions of the place's path and its own, and grows.
class PlaceScope {
public:
  /// All must outlive this.
  PlaceScope(const std::vector<search::Decision> &decisions,
             const Place &place);

  /// Adds a decision, or refines its classes; and those that say whether it is
  /// active.
  void include(uint32_t decision, const Classes &classes);

  /// Whether more than the path and the place's own decision counts.
  bool isShaped() const;

  /// Number of the entry that an assignment belongs to, row-major over the
  /// classes of the scope's decisions.
  uint64_t keyOf(llvm::ArrayRef<uint32_t> assignment) const;
  /// The classes that this number is made of.
  std::vector<uint32_t> classesOf(llvm::ArrayRef<uint32_t> assignment) const;

  /// Entries under the place's path, `limit` + 1 if there are more than that.
  size_t entryCount(size_t limit) const;
  /// One of them, with the first option of each class.
  Entry entryOf(size_t number) const;

  llvm::ArrayRef<uint32_t> scope() const { return decisions; }
  const std::vector<Classes> &classes() const { return classesByDecision; }

  /// Places of equal identities have the same entries.
  using Identity =
      std::tuple<std::vector<uint32_t>, std::vector<Classes>, Entry>;
  Identity identity() const;

private:
  Classes eachItsOwn(uint32_t decision) const;
  std::optional<uint32_t> optionOnPath(uint32_t decision) const;

  const std::vector<search::Decision> &known;
  const Place &place;
  std::vector<uint32_t> decisions; ///< ascending
  std::vector<Classes> classesByDecision;
  std::vector<uint32_t> counts; ///< of classes, by decision
};

} // namespace gnomon

#endif // GNOMON_LIB_ANALYSIS_PLACESCOPE_H
