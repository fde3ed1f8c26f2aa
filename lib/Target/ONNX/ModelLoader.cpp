// SPDX-License-Identifier: Apache-2.0
// Reads a model file into a small protobuf whose types are known.

#include "ModelLoader.h"

#include "Tensors.h"
#include "WeightFiles.h"
#include "gnomon/Target/ONNX/Shapes.h"
#include "gnomon/Target/ONNX/WireScan.h"
#include "onnx/inliner/inliner.h"
#include "llvm/Support/FileSystem.h"

using namespace onnx;

namespace gnomon {

llvm::Error parseModel(llvm::StringRef bytes, bool keepWeights,
                       ModelProto &proto) {
  StripLimits limits;
  if (keepWeights)
    limits = {UINT64_MAX, UINT64_MAX};
  llvm::Expected<StrippedModel> stripped = stripWeights(bytes, limits);
  if (!stripped)
    return stripped.takeError();
  if (stripped->bytes.size() > INT32_MAX)
    return llvm::createStringError("the model without weights takes %zu bytes; "
                                   "protobuf reads at most 2 GB",
                                   stripped->bytes.size());
  if (!proto.ParseFromString(stripped->bytes))
    return llvm::createStringError(
        "not a well-formed ONNX model: protobuf cannot parse it");
  if (!proto.has_graph())
    return llvm::createStringError("not an ONNX model: it holds no graph");
  return llvm::Error::success();
}

namespace {

/// External tensors are checked, and read where the options or shape inference
/// want their elements.
class ExternalData {
public:
  ExternalData(llvm::StringRef path, bool keepWeights)
      : files(path), path(path), keepWeights(keepWeights) {}

  llvm::Error visit(GraphProto &graph);

private:
  llvm::Error visit(TensorProto &tensor);
  llvm::Error visit(AttributeProto &attribute);

  WeightFiles files;
  llvm::StringRef path;
  bool keepWeights;
  mlir::MLIRContext types{mlir::MLIRContext::Threading::DISABLED};
};

llvm::Error ExternalData::visit(TensorProto &tensor) {
  if (tensor.data_location() != TensorProto::EXTERNAL)
    return llvm::Error::success();
  types.allowUnregisteredDialects();
  if (tensor.data_type() == TensorProto::STRING)
    return llvm::createStringError("tensor '%s' keeps strings outside the "
                                   "model, which ONNX does not allow",
                                   tensor.name().c_str());
  llvm::Expected<mlir::RankedTensorType> type = typeOfTensor(tensor, &types);
  if (!type)
    return type.takeError();
  llvm::Expected<WeightReference> reference = referenceOf(tensor, *type);
  if (!reference)
    return reference.takeError();
  if (reference->location.empty())
    return llvm::Error::success();
  llvm::Expected<std::string> file = resolveLocation(path, reference->location);
  if (!file)
    return file.takeError();
  bool isInteger = tensor.data_type() == TensorProto::INT64 ||
                   tensor.data_type() == TensorProto::INT32 ||
                   tensor.data_type() == TensorProto::BOOL;
  StripLimits limits;
  uint64_t limit = isInteger ? limits.integerElements : limits.otherElements;
  bool isSmall = static_cast<uint64_t>(type->getNumElements()) <= limit;
  // Prediction needs no weights, so their file may be missing; integers may
  // decide shapes.
  bool mayBeMissing = !isInteger && !llvm::sys::fs::exists(*file);
  if (!keepWeights && (!isSmall || mayBeMissing))
    return llvm::Error::success();
  llvm::Expected<llvm::StringRef> bytes = files.read(*reference);
  if (!bytes)
    return bytes.takeError();
  tensor.set_raw_data(bytes->data(), bytes->size());
  tensor.clear_external_data();
  tensor.clear_data_location();
  return llvm::Error::success();
}

llvm::Error ExternalData::visit(AttributeProto &attribute) {
  if (attribute.has_t())
    if (llvm::Error error = visit(*attribute.mutable_t()))
      return error;
  for (TensorProto &tensor : *attribute.mutable_tensors())
    if (llvm::Error error = visit(tensor))
      return error;
  if (attribute.has_g())
    if (llvm::Error error = visit(*attribute.mutable_g()))
      return error;
  for (GraphProto &graph : *attribute.mutable_graphs())
    if (llvm::Error error = visit(graph))
      return error;
  return llvm::Error::success();
}

llvm::Error ExternalData::visit(GraphProto &graph) {
  for (TensorProto &tensor : *graph.mutable_initializer())
    if (llvm::Error error = visit(tensor))
      return error;
  for (NodeProto &node : *graph.mutable_node())
    for (AttributeProto &attribute : *node.mutable_attribute())
      if (llvm::Error error = visit(attribute))
        return error;
  return llvm::Error::success();
}

llvm::Expected<LoadedModel> load(llvm::StringRef bytes, llvm::StringRef path,
                                 const ImportOptions &options) {
  LoadedModel model;
  if (llvm::Error error = parseModel(bytes, options.keepWeights, model.proto))
    return error;
  if (model.proto.functions_size())
    inliner::InlineLocalFunctions(model.proto, /*convert_version=*/true);
  if (llvm::Error error = ExternalData(path, options.keepWeights)
                              .visit(*model.proto.mutable_graph()))
    return error;
  llvm::Expected<ShapeReport> report = inferShapes(
      model.proto, {options.shapes, options.dims, options.otherDims});
  if (!report)
    return report.takeError();
  model.notes = std::move(report->notes);
  return model;
}

} // namespace

llvm::Expected<LoadedModel> loadModel(llvm::StringRef bytes,
                                      llvm::StringRef path,
                                      const ImportOptions &options) {
  try {
    return load(bytes, path, options);
  } catch (const std::exception &error) {
    return llvm::createStringError("the model cannot be read: %s",
                                   error.what());
  }
}

} // namespace gnomon
