// SPDX-License-Identifier: Apache-2.0
// What every space does with its options, and the frame of its module.

#ifndef GNOMON_LIB_SPACES_BUILDSPACE_H
#define GNOMON_LIB_SPACES_BUILDSPACE_H

#include "NetworkBuilder.h"
#include "gnomon/Spaces/Space.h"

namespace gnomon {

inline constexpr int64_t kMinResolution = 8, kMaxResolution = 1024;
inline constexpr int64_t kMaxBatch = 1024;

/// Resolutions and batch within the limits; `widths` lists the multipliers the
/// space has (0, its default, is always allowed).
llvm::Error checkOptions(const SpaceOptions &options,
                         llvm::ArrayRef<double> widths);

/// The resolutions asked for in ascending order, or else `trained`.
std::vector<int64_t> resolutionsOf(const SpaceOptions &options,
                                   llvm::ArrayRef<int64_t> trained);

/// The decision that picks the function.
SpaceDecision resolutionDecision(llvm::ArrayRef<int64_t> resolutions);

/// From `first` to `last` in steps of `step`.
std::vector<int64_t> steps(int64_t first, int64_t last, int64_t step);

/// The module of a space: its decisions and, for each resolution, a function
/// whose body `emit` writes; it gets the image and returns the output. An error
/// if the options are out of bounds.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
buildSpace(mlir::MLIRContext &context, const Space &space,
           const SpaceOptions &options, llvm::ArrayRef<double> widths,
           llvm::function_ref<mlir::Value(NetworkBuilder &, mlir::Value)> emit);

} // namespace gnomon

#endif // GNOMON_LIB_SPACES_BUILDSPACE_H
