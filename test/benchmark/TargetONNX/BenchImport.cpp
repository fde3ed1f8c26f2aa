// SPDX-License-Identifier: Apache-2.0
// Import of a 100 MB residual network beside what protobuf and ONNX take.

#include "gnomon/Dialect/ONNX/ONNXDialect.h"
#include "gnomon/Target/ONNX/Import.h"
#include "mlir/IR/MLIRContext.h"
#include "onnx/defs/schema.h"
#include "onnx/onnx_pb.h"
#include "onnx/shape_inference/implementation.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <benchmark/benchmark.h>

using namespace onnx;

namespace {

/// Builds a chain of residual blocks with the weights of a ResNet-50.
class Network {
public:
  std::string build();

private:
  std::string conv(const std::string &input, int from, int to, int kernel,
                   int stride);
  std::string node(const char *type, std::vector<std::string> inputs);
  std::string block(const std::string &input, int from, int inner, int stride);

  ModelProto model;
  int count = 0;
};

std::string Network::node(const char *type, std::vector<std::string> inputs) {
  NodeProto &node = *model.mutable_graph()->add_node();
  node.set_op_type(type);
  node.set_name(type + std::to_string(count));
  for (std::string &input : inputs)
    node.add_input(std::move(input));
  node.add_output("v" + std::to_string(count++));
  return node.output(0);
}

std::string Network::conv(const std::string &input, int from, int to,
                          int kernel, int stride) {
  TensorProto &weight = *model.mutable_graph()->add_initializer();
  weight.set_name("w" + std::to_string(count));
  weight.set_data_type(TensorProto::FLOAT);
  for (int size : {to, from, kernel, kernel})
    weight.add_dims(size);
  weight.set_raw_data(std::string(4ull * to * from * kernel * kernel, 1));
  std::string output = node("Conv", {input, weight.name()});
  NodeProto &last = *model.mutable_graph()->mutable_node()->rbegin();
  auto ints = [&](const char *name, std::initializer_list<int> values) {
    AttributeProto &attribute = *last.add_attribute();
    attribute.set_name(name);
    attribute.set_type(AttributeProto::INTS);
    for (int value : values)
      attribute.add_ints(value);
  };
  int pad = kernel / 2;
  ints("pads", {pad, pad, pad, pad});
  ints("strides", {stride, stride});
  return output;
}

std::string Network::block(const std::string &input, int from, int inner,
                           int stride) {
  std::string x = node("Relu", {conv(input, from, inner, 1, 1)});
  x = node("Relu", {conv(x, inner, inner, 3, stride)});
  x = conv(x, inner, 4 * inner, 1, 1);
  std::string skip =
      from == 4 * inner ? input : conv(input, from, 4 * inner, 1, stride);
  return node("Relu", {node("Add", {x, skip})});
}

std::string Network::build() {
  model.set_ir_version(8);
  model.add_opset_import()->set_version(17);
  ValueInfoProto &input = *model.mutable_graph()->add_input();
  input.set_name("input");
  auto &type = *input.mutable_type()->mutable_tensor_type();
  type.set_elem_type(TensorProto::FLOAT);
  for (int size : {1, 3, 224, 224})
    type.mutable_shape()->add_dim()->set_dim_value(size);
  std::string x = conv("input", 3, 64, 7, 4);
  int channels = 64;
  for (auto [blocks, inner] : std::initializer_list<std::pair<int, int>>{
           {3, 64}, {4, 128}, {6, 256}, {4, 512}})
    for (int i = 0; i < blocks; ++i) {
      x = block(x, channels, inner, i == 0 && inner > 64 ? 2 : 1);
      channels = 4 * inner;
    }
  model.mutable_graph()->add_output()->set_name(x);
  return model.SerializeAsString();
}

/// The model as a file, as both sides find it: in the page cache.
const std::string &modelFile() {
  static const std::string path = [] {
    llvm::SmallString<128> name;
    int descriptor;
    if (llvm::sys::fs::createTemporaryFile("bench", "onnx", descriptor, name))
      exit(1);
    llvm::raw_fd_ostream(descriptor, /*shouldClose=*/true) << Network().build();
    return name.str().str();
  }();
  return path;
}

void importFile(benchmark::State &state) {
  for (auto _ : state) {
    mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
    auto module = gnomon::importOnnx(modelFile(), {}, &context);
    benchmark::DoNotOptimize(module);
  }
}

void parseAndInfer(benchmark::State &state) {
  for (auto _ : state) {
    auto file = llvm::MemoryBuffer::getFile(modelFile());
    ModelProto model;
    model.ParseFromArray((*file)->getBufferStart(), (*file)->getBufferSize());
    shape_inference::InferShapes(model, OpSchemaRegistry::Instance());
    benchmark::DoNotOptimize(model);
  }
}

BENCHMARK(importFile)->Unit(benchmark::kMillisecond);
BENCHMARK(parseAndInfer)->Unit(benchmark::kMillisecond);

} // namespace

int main(int argc, char **argv) {
  benchmark::Initialize(&argc, argv);
  llvm::FileRemover remover(modelFile());
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
