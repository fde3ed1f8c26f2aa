// SPDX-License-Identifier: Apache-2.0
// Where an estimate comes from.

#ifndef GNOMON_SUPPORT_SOURCE_H
#define GNOMON_SUPPORT_SOURCE_H

#include "llvm/ADT/StringRef.h"
#include <array>
#include <optional>

namespace gnomon {

enum class Source : unsigned {
  Predicted,    ///< a learned model, inside its training range
  Extrapolated, ///< a learned model, outside its training range
  Roofline,     ///< no learned model for this kind of kernel
  Free,         ///< no work at run time
  Unsupported   ///< nobody can cost it; counts as zero and is reported
};

inline constexpr std::array<Source, 5> allSources = {
    Source::Predicted, Source::Extrapolated, Source::Roofline, Source::Free,
    Source::Unsupported};

/// "predicted", "extrapolated", "roofline", "free", "unsupported".
llvm::StringRef stringify(Source source);
std::optional<Source> parseSource(llvm::StringRef name);

} // namespace gnomon

#endif // GNOMON_SUPPORT_SOURCE_H
