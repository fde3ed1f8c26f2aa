// SPDX-License-Identifier: Apache-2.0
// ONNX files as parts of networks: open sizes filled in, weights relocated.

#include "gnomon/Target/ONNX/Subnetwork.h"

#include "Tensors.h"
#include "gnomon/Dialect/Gnomon/GnomonOps.h"
#include "gnomon/Dialect/Gnomon/SubnetworkImporter.h"
#include "gnomon/Target/ONNX/Import.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace gnomon {

/// The name of the only input where `input` fills its open sizes; else empty.
static StringRef openInput(ModuleOp module, RankedTensorType input) {
  auto function = *module.getOps<func::FuncOp>().begin();
  if (function.getNumArguments() != 1)
    return "";
  Type type = function.getArgumentTypes().front();
  auto name = function.getArgAttrOfType<StringAttr>(0, "onnx.name");
  return name && type != input && refines(input, type) ? name.getValue() : "";
}

/// References of `op` say `location` for the model's own file, and files beside
/// it lie beside that.
static void relocateWeights(Operation *op, StringRef location) {
  for (NamedAttribute attribute : llvm::to_vector(op->getAttrs())) {
    std::optional<WeightReference> reference =
        toReference(attribute.getValue());
    if (!reference)
      continue;
    llvm::SmallString<128> place(location);
    if (!reference->location.empty()) {
      llvm::sys::path::remove_filename(place);
      llvm::sys::path::append(place, reference->location);
    }
    reference->location = place.str().str();
    op->setAttr(attribute.getName(), toAttribute(*reference));
  }
}

namespace {

class Importer : public SubnetworkImporter {
public:
  using SubnetworkImporter::SubnetworkImporter;

  OwningOpRef<ModuleOp>
  importSubnetwork(StringRef path, StringRef location,
                   RankedTensorType input) const override {
    ImportOptions options;
    OwningOpRef<ModuleOp> module = importOnnx(path, options, getContext());
    if (!module)
      return {};
    if (std::string open = openInput(*module, input).str(); !open.empty()) {
      options.shapes[open] = llvm::SmallVector<int64_t>(input.getShape());
      module = importOnnx(path, options, getContext());
    }
    if (module)
      module->walk([&](Operation *op) { relocateWeights(op, location); });
    return module;
  }
};

} // namespace

void registerSubnetworkImporter(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *, GnomonDialect *dialect) {
    dialect->addInterfaces<Importer>();
  });
}

} // namespace gnomon
