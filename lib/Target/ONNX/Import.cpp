// SPDX-License-Identifier: Apache-2.0
// From an ONNX file to a module with one function.

#include "gnomon/Target/ONNX/Import.h"

#include "GraphImporter.h"
#include "ModelLoader.h"
#include "Types.h"
#include "gnomon/Dialect/Gnomon/GnomonDialect.h"
#include "gnomon/Dialect/ONNX/ONNXDialect.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;

namespace gnomon {

/// A symbol from the graph's name: letters, digits and `_`.
static std::string symbolOf(StringRef name) {
  std::string symbol;
  for (char c : name)
    symbol.push_back(llvm::isAlnum(c) ? c : '_');
  if (symbol.empty() || llvm::isDigit(symbol.front()))
    symbol = "graph" + symbol;
  return symbol;
}

static void addModuleAttributes(const onnx::ModelProto &proto, StringRef path,
                                ModuleOp module) {
  Builder builder(module.getContext());
  NamedAttrList opsets;
  for (const auto &opset : proto.opset_import())
    opsets.set(opset.domain().empty() ? "ai.onnx" : StringRef(opset.domain()),
               builder.getI64IntegerAttr(opset.version()));
  module->setAttr("onnx.opset_imports",
                  opsets.getDictionary(module.getContext()));
  module->setAttr("onnx.ir_version",
                  builder.getI64IntegerAttr(proto.ir_version()));
  module->setAttr("onnx.source", builder.getStringAttr(path));
  auto addText = [&](StringRef name, const std::string &text) {
    if (!text.empty())
      module->setAttr(name, builder.getStringAttr(text));
  };
  addText("onnx.producer_name", proto.producer_name());
  addText("onnx.producer_version", proto.producer_version());
  addText("onnx.model_domain", proto.domain());
  addText("onnx.graph_name", proto.graph().name());
  if (proto.model_version())
    module->setAttr("onnx.model_version",
                    builder.getI64IntegerAttr(proto.model_version()));
  SmallVector<Attribute> properties;
  for (const auto &entry : proto.metadata_props())
    properties.push_back(builder.getStrArrayAttr({entry.key(), entry.value()}));
  if (!properties.empty())
    module->setAttr("onnx.metadata_props", builder.getArrayAttr(properties));
}

/// `index:name,...` of the symbolic dimensions, as onnx-mlir spells them.
static std::string dimParamsOf(const onnx::ValueInfoProto &info) {
  std::string text;
  if (!info.type().has_tensor_type())
    return text;
  for (auto [index, dim] :
       llvm::enumerate(info.type().tensor_type().shape().dim()))
    if (!dim.dim_param().empty())
      text += (text.empty() ? "" : ",") + std::to_string(index) + ":" +
              dim.dim_param();
  return text;
}

static DictionaryAttr describe(const onnx::ValueInfoProto &info,
                               Builder &builder) {
  NamedAttrList list;
  list.append("onnx.name", builder.getStringAttr(info.name()));
  if (std::string params = dimParamsOf(info); !params.empty())
    list.append("onnx.dim_params", builder.getStringAttr(params));
  return list.getDictionary(builder.getContext());
}

static LogicalResult importGraph(const onnx::GraphProto &graph, Location loc,
                                 ModuleOp module) {
  OpBuilder builder(module.getContext());
  builder.setInsertionPointToEnd(module.getBody());
  SmallVector<Type> inputs;
  SmallVector<DictionaryAttr> inputAttrs, outputAttrs;
  for (const onnx::ValueInfoProto *input : GraphImporter::argumentsOf(graph)) {
    inputs.push_back(valueTypeOf(input->type(), builder.getContext()));
    inputAttrs.push_back(describe(*input, builder));
  }
  auto function = func::FuncOp::create(builder, loc, symbolOf(graph.name()),
                                       builder.getFunctionType(inputs, {}));
  if (failed(GraphImporter(builder, loc).importBody(graph, function)))
    return failure();
  Operation *terminator = function.front().getTerminator();
  function.setType(
      builder.getFunctionType(inputs, terminator->getOperandTypes()));
  for (const onnx::ValueInfoProto &output : graph.output())
    outputAttrs.push_back(describe(output, builder));
  function.setAllArgAttrs(inputAttrs);
  function.setAllResultAttrs(outputAttrs);
  return success();
}

OwningOpRef<ModuleOp> importOnnxBytes(StringRef bytes, StringRef path,
                                      const ImportOptions &options,
                                      MLIRContext *context) {
  loadONNXDialect(context);
  context->loadDialect<func::FuncDialect, GnomonDialect>();
  Location loc = FileLineColLoc::get(context, path, 0, 0);
  llvm::Expected<LoadedModel> model = loadModel(bytes, path, options);
  if (!model) {
    emitError(loc) << llvm::toString(model.takeError());
    return {};
  }
  OwningOpRef<ModuleOp> module(ModuleOp::create(loc));
  addModuleAttributes(model->proto, path, *module);
  if (failed(importGraph(model->proto.graph(), loc, *module)) ||
      failed(verify(*module)))
    return {};
  for (const std::string &note : model->notes)
    emitRemark(loc) << note;
  return module;
}

OwningOpRef<ModuleOp> importOnnx(StringRef path, const ImportOptions &options,
                                 MLIRContext *context) {
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                          /*RequiresNullTerminator=*/false);
  if (!file) {
    emitError(FileLineColLoc::get(context, path, 0, 0))
        << "cannot be read: " << file.getError().message();
    return {};
  }
  return importOnnxBytes((*file)->getBuffer(), path, options, context);
}

} // namespace gnomon
