// SPDX-License-Identifier: Apache-2.0
// The members of the Once-for-All family.

#include "OnceForAll.h"
#include "Registry.h"

namespace gnomon {

static OnceForAllRecipe mobileNetV3() {
  constexpr Activation relu = Activation::Relu, swish = Activation::HardSwish;
  return {
      .name = "ofa-mbv3",
      .description = "Once-for-All MobileNetV3: depth 2 to 4, kernels 3 to 7, "
                     "expansions 3 to 6 in five stages",
      .widths = {1.0, 1.2},
      .smallest = {128, 160},
      .stem = 16,
      .first = 16,
      .stages =
          {{.width = 24, .stride = 2, .activation = relu},
           {.width = 40, .stride = 2, .activation = relu, .squeeze = true},
           {.width = 80, .stride = 2, .activation = swish},
           {.width = 112, .stride = 1, .activation = swish, .squeeze = true},
           {.width = 160, .stride = 2, .activation = swish, .squeeze = true}},
      .finalExpand = 960,
      .featureMix = 1280,
      .isMobileNetV3 = true,
      .edge = swish,
      .firstActivation = relu,
      .epsilon = 1e-5};
}

const Space &ofaMobileNetV3Space() {
  static const OnceForAllSpace space(mobileNetV3());
  return space;
}

/// CompOFA without elastic kernels has one size of kernel a stage.
static OnceForAllRecipe compOfa(bool hasFixedKernels) {
  OnceForAllRecipe recipe = mobileNetV3();
  recipe.coupled = true;
  recipe.name = hasFixedKernels ? "compofa" : "compofa-elastic";
  recipe.description =
      hasFixedKernels
          ? "CompOFA: a stage's depth says its expansion, kernels are fixed"
          : "CompOFA: a stage's depth says its expansion, kernels are elastic";
  constexpr int64_t kernels[] = {3, 5, 3, 3, 5};
  if (hasFixedKernels)
    for (auto [stage, kernel] : llvm::zip_equal(recipe.stages, kernels))
      stage.kernel = kernel;
  return recipe;
}

const Space &compOfaSpace() {
  static const OnceForAllSpace space(compOfa(true));
  return space;
}

const Space &compOfaElasticSpace() {
  static const OnceForAllSpace space(compOfa(false));
  return space;
}

static OnceForAllRecipe proxyless(llvm::StringRef name,
                                  llvm::StringRef description,
                                  llvm::ArrayRef<int64_t> widths) {
  OnceForAllRecipe recipe = {.name = name,
                             .description = description,
                             .widths = {1.3, 1.0},
                             .smallest = {128, 128},
                             .stem = 32,
                             .first = 16,
                             .stages = {},
                             .finalExpand = 0,
                             .featureMix = 1280,
                             .isMobileNetV3 = false,
                             .edge = Activation::Relu6,
                             .firstActivation = Activation::Relu6,
                             .epsilon = 1e-3};
  constexpr int64_t strides[] = {2, 2, 2, 1, 2, 1};
  for (auto [width, stride] : llvm::zip_equal(widths, strides))
    recipe.stages.push_back(
        {.width = width, .stride = stride, .activation = Activation::Relu6});
  recipe.stages.back().slots = 1;
  return recipe;
}

const Space &ofaProxylessSpace() {
  static const OnceForAllSpace space(
      proxyless("ofa-proxyless",
                "Once-for-All ProxylessNAS: depth 2 to 4, kernels 3 to 7, "
                "expansions 3 to 6 in five stages and a last block",
                {24, 40, 80, 96, 192, 320}));
  return space;
}

const Space &ofaProxylessGoogleSpace() {
  static const OnceForAllSpace space(
      proxyless("ofa-proxyless-google",
                "Once-for-All ProxylessNAS with the widths of MobileNetV2",
                {24, 32, 64, 96, 160, 320}));
  return space;
}

} // namespace gnomon
