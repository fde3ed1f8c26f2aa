// SPDX-License-Identifier: Apache-2.0
// Any bytes are a model or an error; a model answers any row.
#include "gnomon/Forest/Load.h"
#include "gnomon/Forest/Predict.h"

#include <cstdlib>
#include <limits>

using namespace gnomon;

/// Rows with every kind of value in every column.
static std::vector<float> oddRows(size_t rows, size_t features) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const float odd[] = {0.0f,
                       -0.0f,
                       1.0f,
                       -infinity,
                       std::numeric_limits<float>::quiet_NaN(),
                       infinity,
                       3e38f,
                       1e-45f,
                       16777217.0f,
                       7.5f,
                       -2.0f};
  std::vector<float> values(rows * features);
  for (size_t index = 0; index < values.size(); ++index)
    values[index] = odd[index % std::size(odd)];
  return values;
}

static void ask(const Forest &forest) {
  constexpr size_t rows = 11;
  if (forest.numFeatures > 4096 || forest.numMargins > 256)
    return;
  std::vector<float> values = oddRows(rows, forest.numFeatures);
  std::vector<float> answers(rows * forest.numOutputs());
  predict(forest, {values.data(), rows, forest.numFeatures}, answers);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::StringRef bytes(reinterpret_cast<const char *>(data), size);
  llvm::Expected<Forest> forest = parseForest(bytes, "fuzz");
  if (forest)
    ask(*forest);
  else if (llvm::toString(forest.takeError()).rfind("fuzz:", 0) != 0)
    std::abort(); // The message does not name the file.
  return 0;
}
