// SPDX-License-Identifier: Apache-2.0
// From a module with one function to an ONNX file.

#include "gnomon/Target/ONNX/Export.h"

#include "GivenWeights.h"
#include "GraphExporter.h"
#include "Metadata.h"
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
}

/// The file that weight references mean.
static std::string sourceOf(ModuleOp module, const ExportOptions &options) {
  auto attribute = module->getAttrOfType<StringAttr>("onnx.source");
  return options.weightsFrom.empty() && attribute ? attribute.str()
                                                  : options.weightsFrom;
}

namespace {
/// Reads or makes the weights of one model and counts their bytes.
class Weights {
public:
  Weights(ModuleOp module, const ExportOptions &options)
      : files(sourceOf(module, options)), options(options),
        context(module.getContext()) {}

  llvm::Expected<StringRef> read(const WeightReference &reference) {
    llvm::Expected<StringRef> bytes = files.read(reference);
    if (!bytes)
      return bytes;
    if (llvm::Error error = count(bytes->size()))
      return error;
    return bytes;
  }

  /// A tensor without a source: from the file given, else from the seed.
  llvm::Error fill(const UnsourcedWeight &weight, onnx::TensorProto &tensor) {
    if (!options.weightsFrom.empty())
      return copy(weight, tensor);
    llvm::Expected<std::string> bytes =
        initialWeights(weight.type, weight.init, options.seed, weight.name);
    if (!bytes)
      return bytes.takeError();
    setShape(weight.type, tensor);
    tensor.set_raw_data(std::move(*bytes));
    return count(tensor.raw_data().size());
  }

private:
  llvm::Error copy(const UnsourcedWeight &weight, onnx::TensorProto &tensor) {
    if (!given) {
      auto opened = GivenWeights::open(options.weightsFrom, context);
      if (!opened)
        return opened.takeError();
      given = std::move(*opened);
    }
    llvm::Expected<Attribute> value = given->find(weight.name, weight.type);
    if (!value)
      return value.takeError();
    return attributeToTensor(
        *value, [this](const WeightReference &at) { return read(at); }, tensor);
  }

  llvm::Error count(uint64_t bytes) {
    if ((total += bytes) <= INT32_MAX)
      return llvm::Error::success();
    return llvm::createStringError(
        "the weights up to here take %llu bytes; protobuf writes models of at "
        "most 2 GB",
        static_cast<unsigned long long>(total));
  }

  WeightFiles files;
  const ExportOptions &options;
  MLIRContext *context;
  std::optional<GivenWeights> given;
  uint64_t total = 0;
};
} // namespace

static bool hasNodeMetadata(const onnx::GraphProto &graph) {
  return llvm::any_of(graph.node(), [](const onnx::NodeProto &node) {
    return node.metadata_props_size() > 0;
  });
}

static LogicalResult exportModel(ModuleOp module, const ExportOptions &options,
                                 raw_ostream &out) {
  auto functions = llvm::to_vector(module.getOps<func::FuncOp>());
  if (functions.size() != 1 || functions.front().isExternal())
    return module.emitError("one function with a body was expected, found ")
           << functions.size() << (functions.size() == 1 ? " without one" : "");
  func::FuncOp function = functions.front();
  onnx::ModelProto proto;
  exportModuleAttributes(module, proto);
  addModelMetadata(function, proto);
  Weights weights(module, options);
  GraphExporter exporter(
      [&](const WeightReference &reference) { return weights.read(reference); },
      [&](const UnsourcedWeight &weight, onnx::TensorProto &tensor) {
        return weights.fill(weight, tensor);
      });
  auto name = module->getAttrOfType<StringAttr>("onnx.graph_name");
  onnx::GraphProto &graph = *proto.mutable_graph();
  graph.set_name(name ? name.str() : function.getSymName().str());
  if (failed(exporter.exportFunction(function, graph)))
    return failure();
  if (hasNodeMetadata(graph))
    proto.set_ir_version(
        std::max<int64_t>(proto.ir_version(), kNodeMetadataVersion));
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
