// SPDX-License-Identifier: Apache-2.0
// The opt-style driver: upstream's dialects and passes, and Gnomon's.

#include "gnomon/Target/ONNX/Subnetwork.h"
#include "gnomon/Transforms/InitAll.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllPasses();
  gnomon::registerAllDialects(registry);
  gnomon::registerSubnetworkImporter(registry);
  gnomon::registerAllPasses();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "Gnomon optimizer driver\n", registry));
}
