// SPDX-License-Identifier: Apache-2.0
// Shape inference beside ONNX's own, per node, on graphs that compute shapes.

#include "gnomon/Target/ONNX/Shapes.h"

#include "onnx/defs/parser.h"
#include "onnx/defs/schema.h"
#include "onnx/onnx_pb.h"
#include "onnx/shape_inference/implementation.h"
#include "llvm/Support/raw_ostream.h"
#include <benchmark/benchmark.h>
#include <fstream>

using namespace onnx;

namespace {

/// One block: heads split through computed shapes, as exporters write it.
const char *const kBlock = R"(
  s@ = Shape(x@)
  n@ = Gather <axis = 0> (s@, zero)
  t@ = Gather <axis = 0> (s@, one)
  w@ = Gather <axis = 0> (s@, two)
  h@ = Constant <value = int64[1] {8}> ()
  d@ = Div(w@, h@)
  p@ = Concat <axis = 0> (n@, t@, h@, d@)
  r@ = Reshape(x@, p@)
  q@ = Transpose <perm = [0, 2, 1, 3]> (r@)
  k@ = Transpose <perm = [0, 2, 3, 1]> (r@)
  a@ = MatMul(q@, k@)
  f@ = Softmax(a@)
  v@ = MatMul(f@, q@)
  b@ = Transpose <perm = [0, 2, 1, 3]> (v@)
  c@ = Concat <axis = 0> (n@, t@, w@)
  o@ = Reshape(b@, c@)
  m@ = MatMul(o@, weight)
  y@ = Add(m@, x@)
)";

ModelProto attentionBlocks(int count) {
  std::string text =
      R"(<ir_version: 8, opset_import: ["" : 17]> g (float[1,64,256] x0, float[256,256] weight) => (float[] last)
         <int64[1] zero = {0}, int64[1] one = {1}, int64[1] two = {2}> {)";
  for (int block = 0; block < count; ++block) {
    if (block)
      text += "x" + std::to_string(block) + " = Identity(y" +
              std::to_string(block - 1) + ")\n";
    for (const char *c = kBlock; *c; ++c)
      text += *c == '@' ? std::to_string(block) : std::string(1, *c);
  }
  text += "last = Relu(y" + std::to_string(count - 1) + ") }";
  ModelProto model;
  auto status = OnnxParser::Parse(model, text.c_str());
  if (!status.IsOK()) {
    llvm::errs() << status.ErrorMessage() << "\n";
    exit(1);
  }
  return model;
}

template <typename Infer>
void measure(benchmark::State &state, const ModelProto &model, Infer infer) {
  ModelProto copy = model;
  for (auto _ : state) {
    infer(copy);
    state.PauseTiming();
    copy.mutable_graph()->clear_value_info();
    *copy.mutable_graph()->mutable_output() = model.graph().output();
    state.ResumeTiming();
  }
  state.counters["per_node"] = benchmark::Counter(
      model.graph().node_size(), benchmark::Counter::kIsIterationInvariantRate |
                                     benchmark::Counter::kInvert);
}

void compare(const std::string &name, const ModelProto &model) {
  benchmark::RegisterBenchmark(
      (name + "/gnomon").c_str(), [model](benchmark::State &state) {
        measure(state, model, [](ModelProto &copy) {
          llvm::cantFail(gnomon::inferShapes(copy, {}));
        });
      });
  benchmark::RegisterBenchmark(
      (name + "/onnx").c_str(), [model](benchmark::State &state) {
        measure(state, model, [](ModelProto &copy) {
          ShapeInferenceOptions options(false, 0, /*data_prop_val=*/true);
          shape_inference::InferShapes(copy, OpSchemaRegistry::Instance(),
                                       options);
        });
      });
}

} // namespace

/// Further arguments: model files to measure too.
int main(int argc, char **argv) {
  benchmark::Initialize(&argc, argv);
  compare("attention100", attentionBlocks(100));
  for (int i = 1; i < argc; ++i) {
    ModelProto model;
    std::ifstream file(argv[i], std::ios::binary);
    if (!model.ParseFromIstream(&file)) {
      llvm::errs() << argv[i] << ": not an ONNX model\n";
      return 1;
    }
    compare(argv[i], model);
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
