// SPDX-License-Identifier: Apache-2.0
// One or two operations of every family, with numbers worked out by hand.

#include "ParseOps.h"

using namespace gnomon;
using gnomon::test::Parsed;

TEST(Pooling, MaxPoolAndGlobalPool) {
  Parsed ir("%x: tensor<1x64x112x112xf32>", R"(
    %y = "onnx.MaxPoolSingleOut"(%x) {kernel_shape = [2, 2]} : (tensor<1x64x112x112xf32>) -> tensor<1x64x56x56xf32>
    %p = "onnx.MaxPool"(%x) {kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]} :
      (tensor<1x64x112x112xf32>) -> tensor<1x64x56x56xf32>
    %g = "onnx.GlobalAveragePool"(%p) : (tensor<1x64x56x56xf32>) -> tensor<1x64x1x1xf32>)");
  FeatureRow row = ir.row("onnx.MaxPool");
  EXPECT_EQ(row.kind, KernelKind::pool);
  EXPECT_EQ(row.flops(), 9.0 * 64 * 56 * 56);
  EXPECT_EQ(row.get(Feature::pool_mode), 0);
  EXPECT_EQ(ir.row("onnx.MaxPoolSingleOut").flops(), 4.0 * 64 * 56 * 56);
  row = ir.row("onnx.GlobalAveragePool");
  EXPECT_EQ(row.kind, KernelKind::global_pool);
  EXPECT_EQ(row.get(Feature::outer_size), 64);
  EXPECT_EQ(row.get(Feature::reduced_size), 56 * 56);
  EXPECT_EQ(row.get(Feature::inner_size), 1);
}

TEST(Pooling, VersionAndRounding) {
  Parsed ir("%x: tensor<1x8x9x9xf32>", R"(
    %a = "onnx.AveragePoolV19"(%x) {kernel_shape = [2, 2], strides = [2, 2], ceil_mode = 1 : si64} : (tensor<1x8x9x9xf32>) -> tensor<1x8x5x5xf32>
    %m = "onnx.MaxPool"(%x) {kernel_shape = [2, 2], strides = [2, 2]} : (tensor<1x8x9x9xf32>) -> tensor<1x8x4x4xf32>)");
  FeatureRow row = ir.row("onnx.AveragePoolV19");
  EXPECT_EQ(row.get(Feature::pool_dilatable), 1);
  EXPECT_EQ(row.get(Feature::pool_ceil), 1);
  row = ir.row("onnx.MaxPool");
  EXPECT_EQ(row.get(Feature::pool_dilatable), 0);
  EXPECT_EQ(row.get(Feature::pool_ceil), 0);
}

TEST(Reduction, AxesAsAttributeAndOperand) {
  Parsed ir("%x: tensor<2x3x5x7xf32>", R"(
    %a = "onnx.ReduceMeanV13"(%x) {axes = [-1, 1], keepdims = 0 : si64} : (tensor<2x3x5x7xf32>) -> tensor<2x5xf32>
    %c = "onnx.Constant"() {value = dense<[2, 3]> : tensor<2xi64>} : () -> tensor<2xi64>
    %b = "onnx.ReduceSum"(%x, %c) : (tensor<2x3x5x7xf32>, tensor<2xi64>) -> tensor<2x3x1x1xf32>
    %n = "onnx.NoValue"() {value} : () -> none
    %d = "onnx.ReduceMax"(%x, %n) : (tensor<2x3x5x7xf32>, none) -> tensor<1x1x1x1xf32>)");
  FeatureRow row = ir.row("onnx.ReduceMeanV13");
  EXPECT_EQ(row.get(Feature::reduced_size), 21);
  EXPECT_EQ(row.get(Feature::outer_size), 10);
  EXPECT_EQ(row.get(Feature::axes_count), 2);
  EXPECT_EQ(row.get(Feature::axes_innermost), 0);
  row = ir.row("onnx.ReduceSum");
  EXPECT_EQ(row.get(Feature::reduced_size), 35);
  EXPECT_EQ(row.get(Feature::axes_innermost), 1);
  EXPECT_EQ(row.get(Feature::inner_size), 1);
  EXPECT_EQ(ir.row("onnx.ReduceMax").get(Feature::reduced_size), 210);
}

TEST(Softmax, OldOperatorSetsFlatten) {
  Parsed ir("%x: tensor<4x3x5xf32>", R"(
    %a = "onnx.Softmax"(%x) {axis = 1 : si64} : (tensor<4x3x5xf32>) -> tensor<4x3x5xf32>
    %b = "onnx.SoftmaxV11"(%a) {axis = 1 : si64} : (tensor<4x3x5xf32>) -> tensor<4x3x5xf32>)");
  FeatureRow row = ir.row("onnx.Softmax");
  EXPECT_EQ(row.get(Feature::reduced_size), 3);
  EXPECT_EQ(row.get(Feature::inner_size), 5);
  EXPECT_EQ(ir.row("onnx.SoftmaxV11").get(Feature::reduced_size), 15);
}

TEST(Normalization, LayerNormalization) {
  Parsed ir("%x: tensor<2x128x768xf32>, %s: tensor<768xf32>", R"(
    %a = "onnx.LayerNormalization"(%x, %s, %s) {axis = -1 : si64} : (tensor<2x128x768xf32>, tensor<768xf32>,
      tensor<768xf32>) -> tensor<2x128x768xf32>)");
  FeatureRow row = ir.row("onnx.LayerNormalization");
  EXPECT_EQ(row.kind, KernelKind::normalization);
  EXPECT_EQ(row.get(Feature::outer_size), 256);
  EXPECT_EQ(row.get(Feature::reduced_size), 768);
  EXPECT_EQ(row.get(Feature::axes_innermost), 1);
}

static double permutationClass(llvm::StringRef perm, llvm::StringRef in,
                               llvm::StringRef out) {
  Parsed ir("%x: tensor<" + in + "xf32>",
            "%y = \"onnx.Transpose\"(%x) {perm = " + perm + "} : (tensor<" +
                in + "xf32>) -> tensor<" + out + "xf32>");
  return ir.row("onnx.Transpose").get(Feature::permutation_class);
}

TEST(Movement, TransposeClasses) {
  EXPECT_EQ(permutationClass("[0, 2, 1]", "4x1x5", "4x5x1"), 0);
  EXPECT_EQ(permutationClass("[0, 2, 3, 1]", "2x3x4x5", "2x4x5x3"), 1);
  EXPECT_EQ(permutationClass("[1, 0]", "2x3", "3x2"), 1);
  EXPECT_EQ(permutationClass("[0, 2, 1, 3]", "2x3x4x5", "2x4x3x5"), 2);
  EXPECT_EQ(permutationClass("[3, 1, 2, 0]", "2x3x4x5", "5x3x4x2"), 3);
  EXPECT_EQ(permutationClass("[9, -4]", "2x3", "2x3"), 0);
}

TEST(Movement, InnerSizesBeforeAndAfterAPermutation) {
  Parsed ir("%x: tensor<2x3x4x5xf32>", R"(
    %y = "onnx.Transpose"(%x) {perm = [0, 2, 3, 1]} : (tensor<2x3x4x5xf32>) -> tensor<2x4x5x3xf32>)");
  FeatureRow row = ir.row("onnx.Transpose");
  EXPECT_EQ(row.get(Feature::source_inner_size), 20);
  EXPECT_EQ(row.get(Feature::target_inner_size), 3);
  EXPECT_EQ(row.get(Feature::permutation_moves), 1);
}

TEST(Movement, ConcatOfUnknownPartsHasNoRun) {
  Parsed ir("%x: tensor<2x?x6xf32>", R"(
    %c = "onnx.Concat"(%x, %x) {axis = 1 : si64} : (tensor<2x?x6xf32>, tensor<2x?x6xf32>) -> tensor<2x?x6xf32>)");
  EXPECT_FALSE(ir.row("onnx.Concat").has(Feature::inner_run_bytes));
}

TEST(Movement, RunsOfSliceConcatAndSplit) {
  Parsed ir("%x: tensor<2x8x6xf32>, %s: tensor<1xi64>", R"(
    %a = "onnx.Slice"(%x, %s, %s) : (tensor<2x8x6xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<2x3x6xf32>
    %c = "onnx.Concat"(%x, %a) {axis = 1 : si64} : (tensor<2x8x6xf32>, tensor<2x3x6xf32>) -> tensor<2x11x6xf32>
    %p:2 = "onnx.Split"(%x) {axis = -2 : si64} : (tensor<2x8x6xf32>) -> (tensor<2x4x6xf32>, tensor<2x4x6xf32>))");
  FeatureRow row = ir.row("onnx.Slice");
  EXPECT_EQ(row.kind, KernelKind::movement);
  EXPECT_EQ(row.get(Feature::bytes_in), 36 * 4);
  EXPECT_EQ(row.get(Feature::inner_run_bytes), 18 * 4);
  EXPECT_EQ(row.get(Feature::run_count), 2);
  EXPECT_EQ(row.flops(), 0);
  row = ir.row("onnx.Concat");
  EXPECT_EQ(row.get(Feature::inner_run_bytes), 18 * 4);
  EXPECT_EQ(row.get(Feature::run_count), 4);
  EXPECT_EQ(ir.row("onnx.Split").get(Feature::run_count), 4);
}

TEST(Indexing, GatherReadsOnlyWhatItPicks) {
  Parsed ir("%i: tensor<1x128xi64>", R"(
    %t = "onnx.Constant"() : () -> tensor<30522x768xf32>
    %y = "onnx.Gather"(%t, %i) {axis = 0 : si64} : (tensor<30522x768xf32>, tensor<1x128xi64>) -> tensor<1x128x768xf32>)");
  FeatureRow row = ir.row("onnx.Gather");
  EXPECT_EQ(row.kind, KernelKind::gather);
  EXPECT_EQ(row.get(Feature::bytes_weights), 128.0 * 768 * 4);
  EXPECT_EQ(row.get(Feature::index_count), 128);
  EXPECT_EQ(row.get(Feature::inner_run_bytes), 768 * 4);
}

TEST(Recurrent, Lstm) {
  Parsed ir("%x: tensor<10x2x32xf32>, %w: tensor<2x256x32xf32>, %r: "
            "tensor<2x256x64xf32>",
            R"(
    %y, %h, %c = "onnx.LSTM"(%x, %w, %r) {direction = "bidirectional", hidden_size = 64 : si64} :
      (tensor<10x2x32xf32>, tensor<2x256x32xf32>, tensor<2x256x64xf32>) -> (tensor<10x2x2x64xf32>, none, none))");
  FeatureRow row = ir.row("onnx.LSTM");
  EXPECT_EQ(row.kind, KernelKind::recurrent);
  EXPECT_EQ(row.get(Feature::macs), 10.0 * 2 * 2 * 256 * 96);
  EXPECT_EQ(row.get(Feature::sequence_length), 10);
  EXPECT_EQ(row.get(Feature::gates), 4);
  EXPECT_EQ(row.get(Feature::input_rows), 20);
  EXPECT_EQ(row.get(Feature::input_size), 32);
  EXPECT_NEAR(row.get(Feature::state_share), 2.0 / 3, 1e-12);
  EXPECT_EQ(row.get(Feature::state_weight_bytes), 4 * 64 * 64 * 4);
  EXPECT_EQ(row.get(Feature::step_flops), 2 * 2 * 4 * 64 * 64);
  EXPECT_EQ(row.get(Feature::hidden_alignment), 64);
}

TEST(Attention, PackedHeads) {
  Parsed ir("%q: tensor<1x16x64xf32>, %k: tensor<1x20x32xf32>", R"(
    %y = "onnx.Attention"(%q, %k, %k) {q_num_heads = 8 : si64, kv_num_heads = 4 : si64, is_causal = 1 : si64} :
      (tensor<1x16x64xf32>, tensor<1x20x32xf32>, tensor<1x20x32xf32>) -> tensor<1x16x64xf32>)");
  FeatureRow row = ir.row("onnx.Attention");
  EXPECT_EQ(row.kind, KernelKind::attention);
  EXPECT_EQ(row.get(Feature::macs), 8.0 * 16 * 20 * 16);
  EXPECT_EQ(row.get(Feature::head_dim), 8);
  EXPECT_EQ(row.get(Feature::kv_heads), 4);
  EXPECT_EQ(row.get(Feature::causal), 1);
  EXPECT_EQ(row.get(Feature::working_set_bytes) - row.bytes(),
            8.0 * 16 * 20 * 4);
}

TEST(Resize, Linear) {
  Parsed ir("%x: tensor<1x3x8x8xf32>, %n: none", R"(
    %y = "onnx.Resize"(%x, %n, %n, %n) {mode = "linear"} : (tensor<1x3x8x8xf32>, none, none, none)
      -> tensor<1x3x16x24xf32>)");
  FeatureRow row = ir.row("onnx.Resize");
  EXPECT_EQ(row.kind, KernelKind::resize);
  EXPECT_EQ(row.get(Feature::resize_mode), 1);
  EXPECT_EQ(row.get(Feature::scale_h), 2);
  EXPECT_EQ(row.get(Feature::scale_w), 3);
  EXPECT_EQ(row.flops(), 12.0 * 3 * 16 * 24);
}

static double einsumMacs(llvm::StringRef equation) {
  Parsed ir("%a: tensor<2x4x5x8xf32>, %b: tensor<2x4x7x8xf32>",
            "%y = \"onnx.Einsum\"(%a, %b) {equation = \"" + equation +
                "\"} : (tensor<2x4x5x8xf32>, tensor<2x4x7x8xf32>) -> "
                "tensor<2x4x5x7xf32>");
  return ir.row("onnx.Einsum").get(Feature::macs);
}

TEST(Einsum, FindsTheProduct) {
  EXPECT_EQ(einsumMacs("bhid,bhjd->bhij"), 2.0 * 4 * 5 * 7 * 8);
  EXPECT_EQ(einsumMacs("...id, ...jd -> ...ij"), 2.0 * 4 * 5 * 7 * 8);
}

TEST(Plain, ViewsAreFreeEvenWithDynamicShapes) {
  Parsed ir("%x: tensor<?x8xf32>, %s: tensor<1xi64>", R"(
    %y = "onnx.UnsqueezeV11"(%x) {axes = [0]} : (tensor<?x8xf32>) -> tensor<1x?x8xf32>
    %z = "onnx.NonZero"(%x) : (tensor<?x8xf32>) -> tensor<2x?xi64>)");
  FeatureRow row = ir.row("onnx.UnsqueezeV11");
  EXPECT_EQ(row.kind, KernelKind::free);
  EXPECT_TRUE(row.isComplete());
  EXPECT_EQ(row.bytes(), 0);
  EXPECT_FALSE(ir.row("onnx.NonZero").isComplete());
}

/// Operations without the operands and attributes they should have give gaps
/// or nonsense, never a crash.
TEST(Robustness, EveryOperatorWithoutOperandsAndResults) {
  for (const OperatorClass &known : knownOperators()) {
    auto [domain, name] = llvm::StringRef(known.name).split(':');
    bool custom = !name.empty();
    std::string op = custom ? ("\"onnx.Custom\"(%x) {domain_name = \"" +
                               domain + "\", function_name = \"" + name + "\"}")
                                  .str()
                            : "\"onnx." + known.name + "\"(%x)";
    for (llvm::StringRef type :
         {"tensor<f32>", "tensor<*xf32>", "tensor<0x?xi1>", "i32", "none"}) {
      Parsed ir("%x: " + type, op + " : (" + type + ") -> ()");
      EXPECT_TRUE(ir.find(custom ? "onnx.Custom" : "onnx." + known.name));
      ir.row(custom ? "onnx.Custom" : "onnx." + known.name);
    }
  }
}
