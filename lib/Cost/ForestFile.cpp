// SPDX-License-Identifier: Apache-2.0
// A forest that is read from its file when it is first asked for.

#include "gnomon/Cost/ForestFile.h"
#include "gnomon/Forest/Load.h"
#include "llvm/Support/Path.h"

using namespace gnomon;

ForestFile::ForestFile(std::string path, std::string field, size_t columns)
    : state(std::make_unique<State>()) {
  state->path = std::move(path);
  state->field = std::move(field);
  state->columns = columns;
}

llvm::Error ForestFile::predict(RowBlock rows,
                                llvm::MutableArrayRef<float> answers) const {
  std::call_once(state->once, [this] { state->read(); });
  if (!state->problem.empty())
    return llvm::createStringError(state->problem);
  if (state->packed)
    state->packed->predict(rows, answers);
  else
    gnomon::predict(state->forest, rows, answers);
  return llvm::Error::success();
}

void ForestFile::State::read() {
  llvm::Expected<Forest> loaded = loadForest(path);
  if (!loaded) {
    problem = llvm::toString(loaded.takeError());
    return;
  }
  llvm::StringRef file = llvm::sys::path::filename(path);
  if (loaded->numFeatures != columns)
    problem = (field + ".features: names " + llvm::Twine(columns) +
               " columns, the forest in " + file + " has " +
               llvm::Twine(loaded->numFeatures))
                  .str();
  else if (loaded->numOutputs() != 1)
    problem = (field + ".model: expected a forest with one output, " + file +
               " has " + llvm::Twine(loaded->numOutputs()))
                  .str();
  else if (!(packed = PackedForest::pack(*loaded)))
    forest = std::move(*loaded);
}
