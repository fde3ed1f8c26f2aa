// SPDX-License-Identifier: Apache-2.0
// The ONNX files of one supernet.

#ifndef GNOMON_LIB_SPACES_SUBNETWORKS_H
#define GNOMON_LIB_SPACES_SUBNETWORKS_H

#include "NetworkBuilder.h"
#include "gnomon/Support/Json.h"

#include <optional>

namespace gnomon::spacefile {

/// Imports files, each once for every type of input, checks that they fit, and
/// copies them into a network.
class Subnetworks {
public:
  /// Files lie in the folder of `spaceFile` or below.
  explicit Subnetworks(llvm::StringRef spaceFile) : spaceFile(spaceFile) {}

  /// Copies the network of `file` to the insertion point. Errors, at `where`: a
  /// file outside the folder, the importer's, an interface that differs from
  /// what the place has, operator sets that differ between files.
  llvm::Expected<mlir::Value> emit(NetworkBuilder &network,
                                   const std::string &file,
                                   const JsonView &where, mlir::Value x);

  /// The module declares the operator sets that the files need, and where their
  /// weights lie.
  void describe(mlir::ModuleOp module) const;

private:
  llvm::Expected<std::string> resolve(llvm::StringRef file) const;
  llvm::Expected<mlir::func::FuncOp> find(const std::string &file,
                                          mlir::RankedTensorType input);
  llvm::Error noteOperatorSets(mlir::ModuleOp module);

  std::string spaceFile;
  std::map<std::pair<std::string, const void *>,
           mlir::OwningOpRef<mlir::ModuleOp>>
      modules;
  /// Domain -> version.
  std::map<std::string, int64_t> operatorSets;
  int64_t irVersion = 0;
};

} // namespace gnomon::spacefile

#endif // GNOMON_LIB_SPACES_SUBNETWORKS_H
