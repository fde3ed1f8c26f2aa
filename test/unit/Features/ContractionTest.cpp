// SPDX-License-Identifier: Apache-2.0
// Convolutions and matrix products, with numbers worked out by hand.

#include "ParseOps.h"
#include "gnomon/Dialect/ONNX/ONNXDialect.h"
#include "gnomon/Features/FeatureOpInterface.h"
#include "gnomon/Features/Rounding.h"

using namespace gnomon;
using gnomon::test::Parsed;

/// The first layer of ResNet-50: 118,013,952 multiply-adds.
TEST(Convolution, Resnet50Stem) {
  Parsed ir("%x: tensor<1x3x224x224xf32>, %b: none", R"(
    %w = "onnx.Constant"() : () -> tensor<64x3x7x7xf32>
    %y = "onnx.Conv"(%x, %w, %b) {kernel_shape = [7, 7], pads = [3, 3, 3, 3],
      strides = [2, 2], group = 1 : si64} : (tensor<1x3x224x224xf32>,
      tensor<64x3x7x7xf32>, none) -> tensor<1x64x112x112xf32>)");
  FeatureRow row = ir.row("onnx.Conv");
  EXPECT_EQ(row.kind, KernelKind::conv);
  EXPECT_EQ(row.dtype, "f32");
  EXPECT_TRUE(row.isComplete());
  EXPECT_EQ(row.get(Feature::macs), 118013952);
  EXPECT_EQ(row.flops(), 2 * 118013952.0);
  EXPECT_EQ(row.get(Feature::bytes_in), 4.0 * 3 * 224 * 224);
  EXPECT_EQ(row.get(Feature::bytes_weights), 4.0 * 64 * 3 * 49);
  EXPECT_EQ(row.get(Feature::bytes_out), 4.0 * 64 * 112 * 112);
  EXPECT_EQ(row.get(Feature::gemm_m), 112 * 112);
  EXPECT_EQ(row.get(Feature::gemm_n), 64);
  EXPECT_EQ(row.get(Feature::gemm_k), 147);
  EXPECT_EQ(row.get(Feature::kernel_area), 49);
  EXPECT_EQ(row.get(Feature::stride_h), 2);
  EXPECT_EQ(row.get(Feature::pad_w), 6);
  EXPECT_EQ(row.get(Feature::pad_total), 12);
  EXPECT_NEAR(row.get(Feature::cin_waste_16), 16.0 / 3 - 1, 1e-12);
  EXPECT_EQ(row.get(Feature::input_count), 2);
  EXPECT_FALSE(row.has(Feature::in_d));
  EXPECT_FALSE(row.has(Feature::heads));
}

/// Versioned names, SAME padding, depthwise.
static double insideShare(llvm::StringRef attributes) {
  Parsed ir("%x: tensor<1x4x4x4xf32>, %w: tensor<4x4x3x3xf32>",
            "%y = \"onnx.Conv\"(%x, %w) {kernel_shape = [3, 3], " + attributes +
                "} : (tensor<1x4x4x4xf32>, tensor<4x4x3x3xf32>) -> "
                "tensor<1x4x4x4xf32>");
  return ir.row("onnx.Conv").get(Feature::tap_inside_share);
}

TEST(Convolution, TapsOutsideOfTheImageAreCounted) {
  // 3 + 4 + 3 of 12 taps along each dimension.
  double share = 10.0 / 12;
  EXPECT_DOUBLE_EQ(insideShare("pads = [1, 1, 1, 1]"), share * share);
  EXPECT_DOUBLE_EQ(insideShare("auto_pad = \"SAME_UPPER\""), share * share);
  // Dilated beyond the image, only the tap in the middle meets pixels.
  EXPECT_DOUBLE_EQ(insideShare("pads = [9, 9, 9, 9], dilations = [9, 9]"),
                   1.0 / 9);
}

TEST(Convolution, DepthwiseWithAutomaticPadding) {
  Parsed ir("%x: tensor<2x32x15x15xf16>, %w: tensor<32x1x3x3xf16>, %b: none",
            R"(
    %y = "onnx.ConvV11"(%x, %w, %b) {auto_pad = "SAME_UPPER", group = 32 : si64,
      strides = [2, 2], dilations = [1, 1]} : (tensor<2x32x15x15xf16>,
      tensor<32x1x3x3xf16>, none) -> tensor<2x32x8x8xf16>)");
  FeatureRow row = ir.row("onnx.ConvV11");
  EXPECT_EQ(row.kind, KernelKind::conv_depthwise);
  EXPECT_EQ(row.get(Feature::macs), 2.0 * 32 * 64 * 9);
  EXPECT_EQ(row.get(Feature::pad_h), 2);
  EXPECT_EQ(row.get(Feature::gemm_b_weight), 0);
  EXPECT_EQ(row.get(Feature::element_bytes), 2);
  EXPECT_EQ(row.get(Feature::group_channels_in), 1);
}

TEST(Convolution, KindsAndRanks) {
  Parsed one("%x: tensor<1x8x100xf32>, %w: tensor<16x4x1xf32>", R"(
    %y = "onnx.Conv"(%x, %w) {group = 2 : si64} : (tensor<1x8x100xf32>,
      tensor<16x4x1xf32>) -> tensor<1x16x100xf32>)");
  FeatureRow row = one.row("onnx.Conv");
  EXPECT_EQ(row.kind, KernelKind::conv_grouped);
  EXPECT_EQ(row.get(Feature::macs), 16.0 * 100 * 4);
  EXPECT_EQ(row.get(Feature::out_w), 100);
  EXPECT_FALSE(row.has(Feature::out_h));

  Parsed volume("%x: tensor<1x3x4x8x9xf32>, %w: tensor<5x3x1x1x1xf32>", R"(
    %y = "onnx.Conv"(%x, %w) : (tensor<1x3x4x8x9xf32>,
      tensor<5x3x1x1x1xf32>) -> tensor<1x5x4x8x9xf32>)");
  row = volume.row("onnx.Conv");
  EXPECT_EQ(row.kind, KernelKind::conv_pointwise);
  EXPECT_EQ(row.get(Feature::in_d), 4);
  EXPECT_EQ(row.get(Feature::out_pixels), 4 * 8 * 9);
  EXPECT_EQ(row.get(Feature::macs), 15.0 * 4 * 8 * 9);
}

TEST(Convolution, FusedActivationAndSum) {
  Parsed ir("%x: tensor<1x4x8x8xf32>, %w: tensor<4x4x3x3xf32>, %b: "
            "tensor<4xf32>, %z: tensor<1x4x8x8xf32>",
            R"(
    %y = "onnx.Custom"(%x, %w, %b, %z) {domain_name = "com.microsoft",
      function_name = "FusedConv", activation = "Relu", pads = [1, 1, 1, 1]} :
      (tensor<1x4x8x8xf32>, tensor<4x4x3x3xf32>, tensor<4xf32>,
      tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>)");
  FeatureRow row = ir.row("onnx.Custom");
  EXPECT_EQ(row.kind, KernelKind::conv);
  EXPECT_EQ(row.get(Feature::fused_add), 1);
  EXPECT_EQ(row.get(Feature::fused_op_count), 2);
  EXPECT_EQ(row.get(Feature::fused_activation_work), 256);
  EXPECT_EQ(operatorName(ir.find("onnx.Custom")), "com.microsoft:FusedConv");
}

TEST(Convolution, DynamicDimensionsAreSaid) {
  Parsed ir("%x: tensor<?x3x8x8xf32>, %w: tensor<4x3x1x1xf32>", R"(
    %y = "onnx.Conv"(%x, %w) : (tensor<?x3x8x8xf32>, tensor<4x3x1x1xf32>)
      -> tensor<?x4x8x8xf32>)");
  FeatureRow row = ir.row("onnx.Conv");
  EXPECT_FALSE(row.isComplete());
  EXPECT_FALSE(row.has(Feature::flops));
  EXPECT_FALSE(row.has(Feature::bytes));
  EXPECT_EQ(row.get(Feature::gemm_k), 3);
}

TEST(MatrixProduct, GemmWithTransposedWeights) {
  Parsed ir("%x: tensor<8x2048xf32>, %b: tensor<1000xf32>", R"(
    %w = "onnx.Constant"() : () -> tensor<1000x2048xf32>
    %y = "onnx.Gemm"(%x, %w, %b) {transB = 1 : si64, alpha = 1.0 : f32} :
      (tensor<8x2048xf32>, tensor<1000x2048xf32>, tensor<1000xf32>)
      -> tensor<8x1000xf32>)");
  FeatureRow row = ir.row("onnx.Gemm");
  EXPECT_EQ(row.kind, KernelKind::gemm);
  EXPECT_EQ(row.get(Feature::macs), 8.0 * 1000 * 2048);
  EXPECT_EQ(row.get(Feature::gemm_m), 8);
  EXPECT_EQ(row.get(Feature::gemm_n), 1000);
  EXPECT_EQ(row.get(Feature::gemm_b_transposed), 1);
  EXPECT_EQ(row.get(Feature::gemm_b_weight), 1);
  EXPECT_EQ(row.get(Feature::gemm_n_waste_16), 1008.0 / 1000 - 1);
}

TEST(MatrixProduct, LeadingDimensions) {
  Parsed rows("%a: tensor<4x128x64xf32>, %b: tensor<64x32xf32>", R"(
    %y = "onnx.MatMul"(%a, %b) : (tensor<4x128x64xf32>, tensor<64x32xf32>)
      -> tensor<4x128x32xf32>)");
  FeatureRow row = rows.row("onnx.MatMul");
  EXPECT_EQ(row.get(Feature::gemm_m), 512);
  EXPECT_EQ(row.get(Feature::gemm_batch), 1);

  Parsed batched("%a: tensor<2x1x7x5xf32>, %b: tensor<3x5x9xf32>", R"(
    %y = "onnx.MatMul"(%a, %b) : (tensor<2x1x7x5xf32>, tensor<3x5x9xf32>)
      -> tensor<2x3x7x9xf32>)");
  row = batched.row("onnx.MatMul");
  EXPECT_EQ(row.get(Feature::gemm_batch), 6);
  EXPECT_EQ(row.get(Feature::macs), 6.0 * 7 * 5 * 9);

  Parsed vectors("%a: tensor<5xf32>, %b: tensor<5x9xf32>", R"(
    %y = "onnx.MatMul"(%a, %b) : (tensor<5xf32>, tensor<5x9xf32>)
      -> tensor<9xf32>)");
  row = vectors.row("onnx.MatMul");
  EXPECT_EQ(row.get(Feature::gemm_m), 1);
  EXPECT_EQ(row.get(Feature::macs), 45);
}

TEST(Elementwise, WorkAndBroadcast) {
  Parsed ir("%a: tensor<2x8x4x4xf32>, %s: tensor<f32>, %c: tensor<8x1x1xf32>",
            R"(
    %y = "onnx.Erf"(%a) : (tensor<2x8x4x4xf32>) -> tensor<2x8x4x4xf32>
    %z = "onnx.Mul"(%y, %c) : (tensor<2x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<2x8x4x4xf32>
    %u = "onnx.Add"(%z, %s) : (tensor<2x8x4x4xf32>, tensor<f32>) -> tensor<2x8x4x4xf32>)");
  EXPECT_EQ(ir.row("onnx.Erf").get(Feature::elementwise_work), 12.0 * 256);
  EXPECT_EQ(ir.row("onnx.Mul").get(Feature::broadcast_channel), 1);
  EXPECT_EQ(ir.row("onnx.Add").get(Feature::broadcast_scalar), 1);
  EXPECT_EQ(ir.row("onnx.Add").flops(), 256);
}

static double broadcastRun(llvm::StringRef a, llvm::StringRef b,
                           llvm::StringRef y) {
  Parsed ir(("%a: tensor<" + a + ">, %b: tensor<" + b + ">").str(),
            ("%y = \"onnx.Add\"(%a, %b) : (tensor<" + a + ">, tensor<" + b +
             ">) -> tensor<" + y + ">")
                .str());
  return ir.row("onnx.Add").get(Feature::broadcast_run);
}

TEST(Elementwise, RunsBetweenChangesOfBroadcasting) {
  EXPECT_EQ(broadcastRun("2x3x4xf32", "2x3x4xf32", "2x3x4xf32"), 24);
  EXPECT_EQ(broadcastRun("2x3x4xf32", "4xf32", "2x3x4xf32"), 4);
  EXPECT_EQ(broadcastRun("2x3x4xf32", "3x1xf32", "2x3x4xf32"), 4);
  EXPECT_EQ(broadcastRun("2x3x4xf32", "f32", "2x3x4xf32"), 24);
  // A scalar without dimensions meets a trailing dimension of one ...
  EXPECT_EQ(broadcastRun("2x3x1xf32", "f32", "2x3x1xf32"), 1);
  // ... and one that spells its dimensions out skips it.
  EXPECT_EQ(broadcastRun("2x3x1xf32", "1x1x1xf32", "2x3x1xf32"), 6);
}

TEST(Rounding, AlignmentIsTheLargestPowerOfTwo) {
  EXPECT_EQ(alignment(48, 4096), 16);
  EXPECT_EQ(alignment(1 << 20, 4096), 4096);
  EXPECT_EQ(alignment(7, 4096), 1);
  EXPECT_TRUE(std::isnan(alignment(0, 4096)));
  EXPECT_TRUE(std::isnan(alignment(std::nan(""), 4096)));
}

TEST(Extract, OperationsOfTheOpenDialectImplementTheInterface) {
  mlir::DialectRegistry registry;
  registerONNXDialect(registry);
  registerFeatureModels(registry);
  mlir::MLIRContext context(registry);
  auto module = mlir::parseSourceString<mlir::ModuleOp>(R"(
    %c = "onnx.Constant"() : () -> tensor<4xf32>
    %a = "onnx.Abs"(%c) : (tensor<4xf32>) -> tensor<4xf32>
    "onnx.NoSuchOperator"(%a) : (tensor<4xf32>) -> ())",
                                                        &context);
  ASSERT_TRUE(module);
  auto &ops = module->getBody()->getOperations();
  auto op = std::next(ops.begin());
  auto model = mlir::dyn_cast<FeatureOpInterface>(&*op);
  ASSERT_TRUE(model);
  EXPECT_EQ(model.getFeatureRow(nullptr)->flops(), 4);
  EXPECT_EQ(extractFeatures(&*op)->flops(), 4);
  EXPECT_FALSE(mlir::isa<FeatureOpInterface>(&*std::next(op)));
}

TEST(Extract, OtherDialectsHaveNoExtractor) {
  Parsed ir("%a: tensor<2xf32>", R"(
    %y = "tosa.abs"(%a) : (tensor<2xf32>) -> tensor<2xf32>
    %z = "onnx.NoSuchOperator"(%a) : (tensor<2xf32>) -> tensor<2xf32>)");
  EXPECT_FALSE(extractFeatures(ir.find("tosa.abs")).has_value());
  EXPECT_FALSE(extractFeatures(ir.find("onnx.NoSuchOperator")).has_value());
  auto missing = operatorsWithoutExtractor(*ir.module);
  EXPECT_EQ(missing.size(), 1u);
  EXPECT_EQ(missing["NoSuchOperator"], 1u);
}
