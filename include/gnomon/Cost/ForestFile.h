// SPDX-License-Identifier: Apache-2.0
// A forest that is read from its file when it is first asked for.

#ifndef GNOMON_COST_FORESTFILE_H
#define GNOMON_COST_FORESTFILE_H

#include "gnomon/Forest/PackedForest.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <mutex>
#include <string>

namespace gnomon {

/// One model file of a bundle. A network has few of the kinds that a bundle
/// knows, and reading forests is most of what reading a bundle takes.
class ForestFile {
public:
  ForestFile() : ForestFile("", "", 0) {}

  /// `field` is the member of bundle.json that describes the forest, with its
  /// file, for messages; `columns` are the features that it names.
  ForestFile(std::string path, std::string field, size_t columns);

  /// One answer a row. Everything wrong with the file, or with the columns of a
  /// forest that can be read, is an error that names file and field, the same
  /// in every call. Any number of threads may ask; one of them reads.
  llvm::Error predict(RowBlock rows,
                      llvm::MutableArrayRef<float> answers) const;

private:
  struct State {
    std::string path, field;
    size_t columns;
    std::once_flag once;
    Forest forest; ///< empty if it could be packed
    std::optional<PackedForest> packed;
    std::string problem; ///< empty: none

    void read();
  };
  std::unique_ptr<State> state; ///< filled by the first question
};

} // namespace gnomon

#endif // GNOMON_COST_FORESTFILE_H
