// SPDX-License-Identifier: Apache-2.0
// From a module with one function to an ONNX file.

#include "gnomon/Target/ONNX/Export.h"

#include "GraphExporter.h"
#include "WeightFiles.h"

using namespace mlir;

namespace gnomon {

static void exportModuleAttributes(ModuleOp module, onnx::ModelProto &proto) {
  auto text = [&](StringRef name) {
    auto attribute = module->getAttrOfType<StringAttr>(name);
    return attribute ? attribute.getValue().str() : std::string();
  };
  auto number = [&](StringRef name, int64_t otherwise) {
    auto attribute = module->getAttrOfType<IntegerAttr>(name);
    return attribute ? attribute.getValue().getSExtValue() : otherwise;
  };
  // Initializers that are no inputs exist from version 4 of the format on.
  proto.set_ir_version(std::max<int64_t>(number("onnx.ir_version", 8), 4));
  proto.set_producer_name(text("onnx.producer_name"));
  proto.set_producer_version(text("onnx.producer_version"));
  proto.set_domain(text("onnx.model_domain"));
  if (int64_t version = number("onnx.model_version", 0))
    proto.set_model_version(version);
  if (auto opsets =
          module->getAttrOfType<DictionaryAttr>("onnx.opset_imports")) {
    for (NamedAttribute opset : opsets) {
      auto version = dyn_cast<IntegerAttr>(opset.getValue());
      if (!version)
        continue;
      onnx::OperatorSetIdProto *entry = proto.add_opset_import();
      entry->set_domain(opset.getName() == "ai.onnx" ? ""
                                                     : opset.getName().str());
      entry->set_version(version.getValue().getSExtValue());
    }
  } else {
    proto.add_opset_import()->set_version(17);
  }
  if (auto properties = module->getAttrOfType<ArrayAttr>("onnx.metadata_props"))
    for (Attribute property : properties)
      if (auto pair = dyn_cast<ArrayAttr>(property); pair && pair.size() == 2 &&
                                                     isa<StringAttr>(pair[0]) &&
                                                     isa<StringAttr>(pair[1])) {
        onnx::StringStringEntryProto *entry = proto.add_metadata_props();
        entry->set_key(cast<StringAttr>(pair[0]).getValue().str());
        entry->set_value(cast<StringAttr>(pair[1]).getValue().str());
      }
}

static LogicalResult exportModel(ModuleOp module, const ExportOptions &options,
                                 raw_ostream &out) {
  auto functions = llvm::to_vector(module.getOps<func::FuncOp>());
  if (functions.size() != 1 || functions.front().isExternal())
    return module.emitError("one function with a body was expected, found ")
           << functions.size() << (functions.size() == 1 ? " without one" : "");
  std::string source = options.weightsFrom;
  if (auto attribute = module->getAttrOfType<StringAttr>("onnx.source");
      attribute && source.empty())
    source = attribute.getValue().str();
  WeightFiles files(source);
  onnx::ModelProto proto;
  exportModuleAttributes(module, proto);
  uint64_t weightBytes = 0;
  GraphExporter exporter(
      [&](const WeightReference &reference) -> llvm::Expected<StringRef> {
        llvm::Expected<StringRef> bytes = files.read(reference);
        if (bytes && (weightBytes += bytes->size()) > INT32_MAX)
          return llvm::createStringError(
              "the weights up to here take %llu bytes; protobuf writes models "
              "of at most 2 GB",
              static_cast<unsigned long long>(weightBytes));
        return bytes;
      });
  auto name = module->getAttrOfType<StringAttr>("onnx.graph_name");
  proto.mutable_graph()->set_name(name ? name.getValue().str()
                                       : functions.front().getSymName().str());
  if (failed(
          exporter.exportFunction(functions.front(), *proto.mutable_graph())))
    return failure();
  if (proto.ByteSizeLong() > INT32_MAX)
    return module.emitError("the model takes ")
           << proto.ByteSizeLong() << " bytes; protobuf writes at most 2 GB";
  std::string bytes;
  if (!proto.SerializeToString(&bytes))
    return module.emitError("protobuf cannot write the model");
  out << bytes;
  return success();
}

LogicalResult exportOnnx(ModuleOp module, const ExportOptions &options,
                         raw_ostream &out) {
  try {
    return exportModel(module, options, out);
  } catch (const std::exception &error) {
    return module.emitError("the model cannot be written: ") << error.what();
  }
}

} // namespace gnomon
