// SPDX-License-Identifier: Apache-2.0
// Where an estimate comes from.

#include "gnomon/Support/Source.h"

using namespace gnomon;

llvm::StringRef gnomon::stringify(Source source) {
  switch (source) {
  case Source::Predicted:
    return "predicted";
  case Source::Extrapolated:
    return "extrapolated";
  case Source::Roofline:
    return "roofline";
  case Source::Free:
    return "free";
  case Source::Unsupported:
    return "unsupported";
  }
  return "unsupported";
}

std::optional<Source> gnomon::parseSource(llvm::StringRef name) {
  for (Source source : allSources)
    if (stringify(source) == name)
      return source;
  return std::nullopt;
}
