// SPDX-License-Identifier: Apache-2.0
// Names of operations, each held once: they compare as pointers and index
// tables.

#ifndef GNOMON_LIB_ANALYSIS_OPNAME_H
#define GNOMON_LIB_ANALYSIS_OPNAME_H

#include "llvm/ADT/StringMap.h"

#include <vector>

namespace gnomon::kernels {

/// A name of an OpNames; empty without one.
class OpName {
public:
  OpName() = default;
  operator llvm::StringRef() const {
    return entry ? entry->getKey() : llvm::StringRef();
  }
  explicit operator bool() const { return entry; }
  /// Names are numbered from 0 in the order in which they were first seen.
  unsigned index() const { return entry->getValue(); }
  friend bool operator==(OpName a, OpName b) { return a.entry == b.entry; }
  friend bool operator==(OpName a, llvm::StringRef b) {
    return llvm::StringRef(a) == b;
  }

private:
  friend class OpNames;
  explicit OpName(const llvm::StringMapEntry<unsigned> *entry) : entry(entry) {}
  const llvm::StringMapEntry<unsigned> *entry = nullptr;
};

/// The names that occur in one graph, and those that did: what is not among
/// them need not be looked for.
class OpNames {
public:
  OpName get(llvm::StringRef name) {
    return OpName(&*names.try_emplace(name, names.size()).first);
  }
  /// Empty if the name never occurred.
  OpName find(llvm::StringRef name) const {
    auto found = names.find(name);
    return found == names.end() ? OpName() : OpName(&*found);
  }
  size_t size() const { return names.size(); }

private:
  llvm::StringMap<unsigned> names;
};

/// A value for each name that has one; names may be added meanwhile.
template <typename T>
class OpTable {
public:
  T &operator[](OpName name) {
    if (name.index() >= values.size())
      values.resize(name.index() + 1);
    return values[name.index()];
  }
  /// Null where nothing was ever set, not even for a higher number.
  const T *find(OpName name) const {
    return name && name.index() < values.size() ? &values[name.index()]
                                                : nullptr;
  }
  bool empty() const { return values.empty(); }

private:
  std::vector<T> values;
};

} // namespace gnomon::kernels

#endif // GNOMON_LIB_ANALYSIS_OPNAME_H
