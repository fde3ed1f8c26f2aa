// SPDX-License-Identifier: Apache-2.0
// Gnomon's dialects and passes as a plugin of mlir-opt and other MLIR hosts.

#include "gnomon/Target/ONNX/Subnetwork.h"
#include "gnomon/Transforms/InitAll.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

static constexpr const char *pluginName = "Gnomon";
static constexpr const char *pluginVersion = "0.1.0";

/// Hosts may be told to load the plugin twice; the registries take each dialect
/// and pass once.
static void registerPassesOnce() {
  static const bool done = (gnomon::registerAllPasses(), true);
  (void)done;
}

extern "C" __attribute__((visibility("default"))) mlir::DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, pluginName, pluginVersion,
          [](mlir::DialectRegistry *registry) {
            gnomon::registerAllDialects(*registry);
            gnomon::registerSubnetworkImporter(*registry);
          }};
}

extern "C" __attribute__((visibility("default"))) mlir::PassPluginLibraryInfo
mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, pluginName, pluginVersion,
          registerPassesOnce};
}
