// SPDX-License-Identifier: Apache-2.0
// Any text is a dense network or an error; a network answers any row, and all
// engines say the same unless it is not a number.
#include "gnomon/Mlp/Load.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

using namespace gnomon;

static void ask(const Mlp &mlp) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const float odd[] = {0.0f, -0.0f, 1.0f, 3e38f, 1e-45f, -2.5f, infinity};
  if (mlp.numInputs() > 4096 || mlp.numOutputs() > 4096)
    return;
  constexpr size_t rows = 3;
  std::vector<float> values(rows * mlp.numInputs());
  for (size_t index = 0; index < values.size(); ++index)
    values[index] = odd[index % std::size(odd)];
  std::vector<float> fast(rows * mlp.numOutputs()), plain(fast.size());
  mlp.forward(values, fast);
  mlp.forwardReference(values, plain);
  for (size_t index = 0; index < fast.size(); ++index)
    if (std::isnan(fast[index]) != std::isnan(plain[index]) ||
        (!std::isnan(fast[index]) &&
         std::memcmp(&fast[index], &plain[index], sizeof(float)) != 0))
      std::abort();
  std::vector<float> gradient(mlp.numInputs());
  mlp.inputGradient(llvm::ArrayRef(values).take_front(mlp.numInputs()), 0,
                    gradient);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::StringRef text(reinterpret_cast<const char *>(data), size);
  llvm::Expected<JsonDocument> document = JsonDocument::parse(text, "fuzz");
  if (!document) {
    llvm::consumeError(document.takeError());
    return 0;
  }
  llvm::Expected<Mlp> mlp = parseMlp(document->root());
  if (mlp)
    ask(*mlp);
  else if (llvm::toString(mlp.takeError()).rfind("fuzz:", 0) != 0)
    std::abort(); // The message does not name the file.
  return 0;
}
