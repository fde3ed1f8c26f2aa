// SPDX-License-Identifier: Apache-2.0
// Another batch for networks that were exported for a batch of one.

#include "ShapesBatch.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/Twine.h"

namespace gnomon::shapes {

bool applyBatch(onnx::GraphProto &graph, int64_t batch) {
  llvm::StringSet<> initializers;
  for (const onnx::TensorProto &tensor : graph.initializer())
    initializers.insert(tensor.name());
  llvm::SmallVector<onnx::TensorShapeProto::Dimension *> found;
  for (onnx::ValueInfoProto &input : *graph.mutable_input()) {
    if (!input.type().tensor_type().has_shape() ||
        initializers.contains(input.name()))
      continue;
    auto *shape = input.mutable_type()->mutable_tensor_type()->mutable_shape();
    for (const auto &dim : shape->dim())
      if (dim.dim_param() == "batch")
        return false;
    if (shape->dim_size() >= 2 && shape->dim(0).dim_value() == 1)
      found.push_back(shape->mutable_dim(0));
  }
  if (found.empty())
    return false;
  for (auto *dim : found)
    dim->set_dim_value(batch);
  graph.clear_value_info();
  for (onnx::ValueInfoProto &output : *graph.mutable_output())
    if (output.type().has_tensor_type())
      output.mutable_type()->mutable_tensor_type()->clear_shape();
  return true;
}

llvm::Error checkBatch(const onnx::GraphProto &graph, int64_t batch) {
  llvm::StringMap<const onnx::TensorShapeProto *> shapes;
  for (auto *list : {&graph.input(), &graph.output(), &graph.value_info()})
    for (const onnx::ValueInfoProto &info : *list)
      shapes[info.name()] = &info.type().tensor_type().shape();
  auto first = [&](const std::string &name) -> int64_t {
    const onnx::TensorShapeProto *shape = shapes.lookup(name);
    return shape && shape->dim_size() ? shape->dim(0).dim_value() : 0;
  };
  for (const onnx::NodeProto &node : graph.node())
    if (node.op_type() == "Reshape" && node.input_size() &&
        node.output_size() && first(node.input(0)) == batch &&
        first(node.output(0)) == 1)
      return llvm::createStringError(
          llvm::Twine("dimension 'batch' is ") + llvm::Twine(batch) +
          ", but the Reshape of '" + node.output(0) +
          "' makes a batch of 1; export the network with a dynamic dimension "
          "'batch'");
  return llvm::Error::success();
}

} // namespace gnomon::shapes
