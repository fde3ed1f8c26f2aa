// SPDX-License-Identifier: Apache-2.0
// Search spaces that a JSON file describes.

#ifndef GNOMON_SPACES_SPACEFILE_H
#define GNOMON_SPACES_SPACEFILE_H

#include "gnomon/Spaces/Space.h"

#include <memory>

namespace gnomon {

/// Reads a space; docs/spaces-of-your-own.md describes the format. Its build()
/// imports ONNX files with what the context's gnomon dialect offers
/// (SubnetworkImporter), and is where options that do not fit their place show.
/// An architecture is the object of its decisions and their options, with the
/// image's size as the member "r".
///
/// Errors say file, field, what was found and what was expected.
llvm::Expected<std::unique_ptr<Space>> loadSpaceFile(llvm::StringRef path);

/// Builds the space and says what it is: {"schema", "name", "description",
/// "resolutions", "decisions": [{"name", "options", "parent",
/// "parent_options"}], "networks": decimal digits, of one resolution}.
llvm::Expected<llvm::json::Object> checkSpace(const Space &space,
                                              mlir::MLIRContext &context);

} // namespace gnomon

#endif // GNOMON_SPACES_SPACEFILE_H
