// SPDX-License-Identifier: Apache-2.0
// Architectures of a space, as JSON texts, as selections and as assignments.

#ifndef GNOMON_PYTHON_ARCHITECTURES_H
#define GNOMON_PYTHON_ARCHITECTURES_H

#include "gnomon/Search/Problem.h"
#include "gnomon/Spaces/Space.h"

namespace gnomon::python {

/// The option of every decision; 0 for those that are not asked.
search::Assignment assignmentOf(llvm::ArrayRef<search::Decision> decisions,
                                const Selection &selection);

/// What each text means; the error names the architecture by its number.
llvm::Expected<std::vector<Selection>>
selectAll(const Space &space, const std::vector<std::string> &architectures);

/// The size of the network's image; 0 where the selection does not say.
int64_t imageSize(const Selection &selection);

/// The resolutions that occur, as options to build the space with.
SpaceOptions optionsFor(llvm::ArrayRef<Selection> selections, double widthMult);

} // namespace gnomon::python

#endif // GNOMON_PYTHON_ARCHITECTURES_H
