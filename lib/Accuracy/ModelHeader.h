// SPDX-License-Identifier: Apache-2.0
// The members that all accuracy models begin with.
#ifndef GNOMON_LIB_ACCURACY_MODELHEADER_H
#define GNOMON_LIB_ACCURACY_MODELHEADER_H

#include "gnomon/Search/Problem.h"
#include "gnomon/Support/JsonFields.h"

namespace gnomon {

struct ModelHeader {
  std::string name, space;
  search::Metric metric;
};

/// Reads `schema`, `kind`, `name`, `space`, `metric`, `unit` and `sense`.
llvm::Expected<ModelHeader> readModelHeader(const JsonView &json,
                                            llvm::StringRef kind);

} // namespace gnomon

#endif // GNOMON_LIB_ACCURACY_MODELHEADER_H
