// SPDX-License-Identifier: Apache-2.0
// Entry of shape inference: the user's shapes and dimensions, then the walk.
#include "gnomon/Target/ONNX/Shapes.h"
#include "ShapesBatch.h"
#include "ShapesTypes.h"
#include "ShapesWalker.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace gnomon {
namespace {
using namespace shapes;

/// More notes than these are counted only.
constexpr size_t kMaxNotes = 64;

template <typename... Ts>
llvm::Error failure(const char *format, const Ts &...values) {
  return llvm::createStringError(std::errc::invalid_argument, format,
                                 values...);
}

/// Graph inputs that are not initializers, by name.
llvm::StringMap<onnx::ValueInfoProto *> realInputs(onnx::GraphProto &graph,
                                                   std::string &names) {
  llvm::StringMap<bool> initializers;
  for (const onnx::TensorProto &tensor : graph.initializer())
    initializers[tensor.name()] = true;
  llvm::StringMap<onnx::ValueInfoProto *> inputs;
  for (onnx::ValueInfoProto &input : *graph.mutable_input()) {
    inputs[input.name()] = &input;
    if (!initializers.contains(input.name()))
      names += (names.empty() ? "" : ", ") + input.name();
  }
  return inputs;
}

/// Sets one dimension to what the user says; a symbol gets its value
/// everywhere.
llvm::Error applyDim(onnx::ValueInfoProto &input, int index, int64_t wanted,
                     llvm::StringMap<int64_t> &dims) {
  auto &dim = *input.mutable_type()
                   ->mutable_tensor_type()
                   ->mutable_shape()
                   ->mutable_dim(index);
  if (wanted < 0)
    return failure(
        "shape for input '%s': dimension %d is %lld, expected 0 or more",
        input.name().c_str(), index, (long long)wanted);
  if (dim.has_dim_value() && dim.dim_value() >= 0 && dim.dim_value() != wanted)
    return failure("shape for input '%s': dimension %d is %lld, but the model "
                   "declares %lld",
                   input.name().c_str(), index, (long long)wanted,
                   (long long)dim.dim_value());
  if (dim.has_dim_param() && !dim.dim_param().empty()) {
    auto [entry, added] = dims.try_emplace(dim.dim_param(), wanted);
    if (!added && entry->second != wanted)
      return failure("shape for input '%s': dimension %d ('%s') is %lld, but "
                     "'%s' is already %lld",
                     input.name().c_str(), index, dim.dim_param().c_str(),
                     (long long)wanted, dim.dim_param().c_str(),
                     (long long)entry->second);
  }
  dim.set_dim_value(wanted);
  return llvm::Error::success();
}

llvm::Error applyShape(onnx::ValueInfoProto &input,
                       llvm::ArrayRef<int64_t> dims,
                       llvm::StringMap<int64_t> &symbols) {
  if (!input.type().has_tensor_type())
    return failure("shape for input '%s': it is a %s, expected a tensor",
                   input.name().c_str(), describe(input.type()).c_str());
  auto *tensor = input.mutable_type()->mutable_tensor_type();
  if (!tensor->has_shape())
    for (size_t i = 0; i < dims.size(); ++i)
      tensor->mutable_shape()->add_dim();
  if (size_t(tensor->shape().dim_size()) != dims.size())
    return failure(
        "shape for input '%s' has rank %zu, but the model declares rank %d: %s",
        input.name().c_str(), dims.size(), tensor->shape().dim_size(),
        describe(input.type()).c_str());
  for (auto [index, dim] : llvm::enumerate(dims))
    if (llvm::Error error = applyDim(input, index, dim, symbols))
      return error;
  return llvm::Error::success();
}

/// Sizes what is dynamic still in an input.
void applyOtherDims(onnx::ValueInfoProto &input, int64_t size,
                    llvm::StringMap<int64_t> &symbols) {
  if (!input.type().has_tensor_type() ||
      !input.type().tensor_type().has_shape())
    return;
  for (auto &dim : *input.mutable_type()
                        ->mutable_tensor_type()
                        ->mutable_shape()
                        ->mutable_dim()) {
    if (dim.has_dim_value() && dim.dim_value() >= 0)
      continue;
    bool named = dim.has_dim_param() && !dim.dim_param().empty();
    dim.set_dim_value(
        named ? symbols.try_emplace(dim.dim_param(), size).first->second
              : size);
  }
}

/// Writes the user's shapes into the inputs and collects the values of symbols.
llvm::Error applyOptions(onnx::GraphProto &graph, const ShapeOptions &options,
                         llvm::StringMap<int64_t> &symbols) {
  for (const auto &entry : options.dims) {
    if (entry.second < 0)
      return failure("dimension '%s' is %lld, expected 0 or more",
                     entry.first().str().c_str(), (long long)entry.second);
    symbols[entry.first()] = entry.second;
  }
  std::string names;
  auto inputs = realInputs(graph, names);
  llvm::SmallVector<llvm::StringRef> wanted(options.shapes.keys());
  llvm::sort(wanted);
  for (llvm::StringRef name : wanted) {
    onnx::ValueInfoProto *input = inputs.lookup(name);
    if (!input)
      return failure(
          "shape for input '%s': there is no such input; the model has %s",
          name.str().c_str(), names.empty() ? "none" : names.c_str());
    if (llvm::Error error =
            applyShape(*input, options.shapes.find(name)->second, symbols))
      return error;
  }
  if (options.otherDims)
    for (onnx::ValueInfoProto &input : *graph.mutable_input())
      applyOtherDims(input, *options.otherDims, symbols);
  return llvm::Error::success();
}

} // namespace

llvm::Expected<ShapeReport> inferShapes(onnx::ModelProto &model,
                                        const ShapeOptions &options) {
  auto batch = options.dims.find("batch");
  bool isNewBatch = batch != options.dims.end() && batch->second > 1 &&
                    applyBatch(*model.mutable_graph(), batch->second);
  llvm::StringMap<int64_t> symbols;
  if (llvm::Error error =
          applyOptions(*model.mutable_graph(), options, symbols))
    return error;
  ShapeReport report;
  Walker walker(model, symbols, report.notes);
  walker.walk(*model.mutable_graph(), nullptr, {}, 0, true);
  if (walker.tooDeep())
    return failure("graphs are nested more than %d deep", Walker::kMaxDepth);
  if (isNewBatch)
    if (llvm::Error error = checkBatch(model.graph(), batch->second))
      return error;
  if (report.notes.size() > kMaxNotes) {
    size_t more = report.notes.size() - kMaxNotes;
    report.notes.resize(kMaxNotes);
    report.notes.push_back("and " + std::to_string(more) + " more");
  }
  return report;
}

} // namespace gnomon
