// SPDX-License-Identifier: Apache-2.0
// Spaces as command lines say them, and their networks as files.

#ifndef GNOMON_PYTHON_NAMEDSPACE_H
#define GNOMON_PYTHON_NAMEDSPACE_H

#include "Session.h"
#include "gnomon/Analysis/CostAnalysis.h"
#include "gnomon/Spaces/Space.h"

namespace gnomon::python {

/// The space of this name, or that of the file if the name ends in .json. The
/// error lists the names there are.
llvm::Expected<std::shared_ptr<const Space>>
spaceNamed(const std::string &name);

/// Sizes of the image that the space has by default.
std::vector<int64_t> resolutionsOf(const Space &space);

/// What turns a network of a supernet into a file.
struct NetworkFile {
  const Space *space = nullptr;
  double widthMult = 0;             ///< 0: the space's default
  uint64_t seed = 0;                ///< of the weights
  const CostSetup *setup = nullptr; ///< null: no estimates
  std::string path;
};

/// Writes the network that `selection` takes from the supernet, which stays as
/// it is: materialized, annotated, exported, whole or not at all. Metadata say
/// space, architecture, seed of the weights and, with a setup, bundle, device
/// and estimates. Returns {"space", "architecture" (with "width_mult" where the
/// space has several widths), "macs", "params", "layers", and with a setup
/// "latency_us", "low_us", "high_us"}.
Answer<llvm::json::Object> writeSelected(Session &session,
                                         mlir::ModuleOp supernet,
                                         const Selection &selection,
                                         const NetworkFile &file);

} // namespace gnomon::python

#endif // GNOMON_PYTHON_NAMEDSPACE_H
