// SPDX-License-Identifier: Apache-2.0
// Networks are recognized as what they are, however exporters leave them.

#include "PlainNetwork.h"
#include "SpaceModules.h"

#include "gnomon/Spaces/Recognize.h"
#include "mlir/IR/Builders.h"
#include "gmock/gmock.h"

using namespace gnomon;
using namespace gnomon::test;
using namespace mlir;

namespace {

func::FuncOp functionOf(ModuleOp module) {
  return *module.getOps<func::FuncOp>().begin();
}

/// Normalizations fall away, convolutions get a bias: as simplifiers fold.
void foldNormalization(ModuleOp module) {
  module.walk([](Operation *op) {
    if (op->getName().getStringRef() != "onnx.BatchNormalization")
      return;
    Operation *conv = op->getOperand(0).getDefiningOp();
    if (!conv || conv->getName().getStringRef() != "onnx.Conv")
      return;
    SmallVector<Value> operands(conv->getOperands().take_front(2));
    operands.push_back(op->getOperand(2));
    OpBuilder builder(op);
    OperationState state(conv->getLoc(), "onnx.Conv", operands,
                         conv->getResultTypes(), conv->getAttrs());
    op->replaceAllUsesWith(builder.create(state));
    op->erase();
    if (conv->use_empty())
      conv->erase();
  });
}

Value create(OpBuilder &builder, StringRef name, ValueRange operands,
             Type type) {
  OperationState state(builder.getUnknownLoc(), name, operands, type);
  return builder.create(state)->getResult(0);
}

Value scalar(OpBuilder &builder, float value) {
  auto type = RankedTensorType::get({}, builder.getF32Type());
  OperationState state(builder.getUnknownLoc(), "onnx.Constant");
  state.addTypes(type);
  state.addAttribute("value", DenseElementsAttr::get(type, value));
  return builder.create(state)->getResult(0);
}

/// x relu6(x + 3) / 6, as PyTorch spells it for old operator sets.
void spellHardSwish(ModuleOp module) {
  module.walk([](Operation *op) {
    if (op->getName().getStringRef() != "onnx.HardSwish")
      return;
    OpBuilder builder(op);
    Value x = op->getOperand(0);
    Type type = x.getType();
    Value sum = create(builder, "onnx.Add", {x, scalar(builder, 3)}, type);
    Value clip = create(builder, "onnx.Clip",
                        {sum, scalar(builder, 0), scalar(builder, 6)}, type);
    Value product = create(builder, "onnx.Mul", {x, clip}, type);
    op->replaceAllUsesWith(
        create(builder, "onnx.Div", {product, scalar(builder, 6)}, type)
            .getDefiningOp());
    op->erase();
  });
}

class RecognizeSpace : public testing::TestWithParam<const Space *> {};

/// Spaces with several architectures for one network: identities may stand
/// elsewhere, cells may be the same graph.
bool hasTwins(const Space &space) {
  StringRef name = space.name();
  return name.starts_with("fbnet") || name == "proxyless" ||
         name == "nasbench201";
}

/// What the space says the network is.
Selection recognizedIn(const Space &space, ModuleOp module) {
  auto result = recognizeNetwork(functionOf(module), &space);
  if (!result || result->matches.size() != 1) {
    ADD_FAILURE() << (result ? describe(result->misses.front())
                             : llvm::toString(result.takeError()));
    return space.random(0);
  }
  auto described = space.describe(result->matches.front().selection);
  EXPECT_TRUE(bool(described));
  EXPECT_EQ(print(result->matches.front().architecture), print(*described));
  return result->matches.front().selection;
}

TEST_P(RecognizeSpace, randomNetworksAreThemselves) {
  const Space &space = *GetParam();
  MLIRContext context;
  for (uint64_t seed = 0; seed < 4; ++seed) {
    Selection selection = space.random(seed);
    auto module = plainNetwork(context, space, selection);
    ASSERT_TRUE(module);
    Selection found = recognizedIn(space, *module);
    if (hasTwins(space)) {
      auto twin = plainNetwork(context, space, found);
      ASSERT_TRUE(twin);
      EXPECT_EQ(countNetwork(*twin), countNetwork(*module));
      EXPECT_EQ(recognizedIn(space, *twin), found);
    } else {
      EXPECT_EQ(found, selection);
    }
    foldNormalization(*module);
    spellHardSwish(*module);
    EXPECT_EQ(recognizedIn(space, *module), found);
  }
}

INSTANTIATE_TEST_SUITE_P(All, RecognizeSpace,
                         testing::ValuesIn(allSpaces().begin(),
                                           allSpaces().end()),
                         [](const auto &info) {
                           std::string name = info.param->name().str();
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(Recognize, widthsAreFound) {
  MLIRContext context;
  const Space &ofa = space("ofa-mbv3");
  SpaceOptions options;
  options.widthMult = 1.2;
  Selection selection = ofa.random(3);
  selection["resolution"] = "200";
  auto module = plainNetwork(context, ofa, selection, options);
  auto result = recognizeNetwork(functionOf(*module));
  ASSERT_TRUE(bool(result));
  ASSERT_EQ(result->matches.size(), 1u);
  llvm::json::Object json = toJson(*result);
  EXPECT_EQ(json.getString("space"), StringRef("ofa-mbv3"));
  EXPECT_EQ(json.getNumber("width_mult"), 1.2);
  EXPECT_EQ(json.getInteger("resolution"), 200);
  EXPECT_EQ(json.getInteger("classes"), 1000);
  EXPECT_EQ(json.getObject("architecture")->getInteger("r"), 200);
}

TEST(Recognize, smallerSpacesComeFirst) {
  MLIRContext context;
  const Space &compofa = space("compofa");
  auto module = plainNetwork(context, compofa, compofa.random(1));
  auto result = recognizeNetwork(functionOf(*module));
  ASSERT_TRUE(bool(result));
  std::vector<std::string> names;
  for (const Recognition &match : result->matches)
    names.push_back(match.space->name().str());
  EXPECT_EQ(names, (std::vector<std::string>{"compofa", "compofa-elastic",
                                             "ofa-mbv3"}));
}

/// FBNet-A with another first stage.
Selection fbnetOf(StringRef first) {
  std::string text = R"({"blocks": [8, )" + first.str() +
                     R"(, 7,2,4,2, 7,6,5,7, 3,5,6,1, 7,7,6,7, 7]})";
  auto selection = space("fbnet").select(parse(text));
  EXPECT_TRUE(bool(selection));
  return *selection;
}

TEST(Recognize, identitiesComeLast) {
  MLIRContext context;
  const Space &fbnet = space("fbnet");
  auto module = plainNetwork(context, fbnet, fbnetOf("2,8,0,8"));
  EXPECT_EQ(recognizedIn(fbnet, *module), fbnetOf("2,0,8,8"));
}

TEST(Recognize, whatTheFileStatesIsPreferredIfItIsTrue) {
  MLIRContext context;
  const Space &fbnet = space("fbnet");
  Selection selection = fbnetOf("2,8,0,8");
  auto module = plainNetwork(context, fbnet, selection);
  auto state = [&](const Selection &stated) {
    auto architecture = fbnet.describe(stated);
    ASSERT_TRUE(bool(architecture));
    (*module)->setAttr("gnomon.architecture",
                       StringAttr::get(&context, print(*architecture)));
  };
  state(selection);
  EXPECT_EQ(recognizedIn(fbnet, *module), selection);
  state(fbnetOf("2,8,0,3"));
  EXPECT_EQ(recognizedIn(fbnet, *module), fbnetOf("2,0,8,8"));
}

TEST(Recognize, otherNumbersOfClasses) {
  MLIRContext context;
  SpaceOptions options;
  options.classes = 7;
  const Space &nasbench = space("nasbench201");
  auto module = plainNetwork(context, nasbench, nasbench.maximum(), options);
  auto result = recognizeNetwork(functionOf(*module));
  ASSERT_TRUE(bool(result));
  ASSERT_EQ(result->matches.size(), 1u);
  EXPECT_EQ(result->matches.front().classes, 7);
}

TEST(Recognize, saysHowFarItCame) {
  MLIRContext context;
  const Space &ofa = space("ofa-mbv3");
  auto module = plainNetwork(context, ofa, ofa.maximum());
  // One kernel that is no option.
  module->walk([&](Operation *op) {
    auto name = dyn_cast<NameLoc>(op->getLoc());
    if (!name || name.getName() != "stage3.block1.depth.conv")
      return;
    auto type = cast<RankedTensorType>(op->getOperand(1).getType());
    op->getOperand(1).setType(RankedTensorType::get(
        {type.getDimSize(0), 1, 9, 9}, type.getElementType()));
  });
  auto result = recognizeNetwork(functionOf(*module));
  ASSERT_TRUE(bool(result));
  EXPECT_TRUE(result->matches.empty());
  ASSERT_EQ(result->misses.size(), allSpaces().size());
  std::string text = describe(result->misses.front());
  EXPECT_THAT(text, testing::HasSubstr(
                        " layers from the output, 'stage3.block1.depth.conv' "
                        "is 9x9 convolution of 480 to 480 channels in 480 "
                        "groups, stride 1, to 14x14, expected 3x3 convolution "
                        "of 480 to 480 channels in 480 groups, stride 1, to "
                        "14x14 or 5x5 convolution"));
  llvm::json::Object json = toJson(*result);
  EXPECT_EQ(json.get("space")->kind(), llvm::json::Value::Null);
  EXPECT_EQ(json.getArray("nearest")->size(), 3u);
}

TEST(Recognize, survivesWhatNoExporterWrites) {
  MLIRContext context;
  context.loadDialect<func::FuncDialect>();
  context.allowUnregisteredDialects();
  for (StringRef name :
       {"onnx.Conv", "onnx.Gemm", "onnx.MatMul", "onnx.Clip", "onnx.Div",
        "onnx.HardSigmoid", "onnx.HardSwish", "onnx.ReduceMean", "onnx.Mul",
        "onnx.AveragePool", "onnx.Reshape", "onnx.Softmax", "onnx.Add"})
    for (bool hasOperand : {false, true}) {
      OpBuilder builder(&context);
      auto type = RankedTensorType::get({1, 3, 64, 64}, builder.getF32Type());
      OwningOpRef<ModuleOp> module(ModuleOp::create(builder.getUnknownLoc()));
      builder.setInsertionPointToEnd(module->getBody());
      auto function =
          func::FuncOp::create(builder, builder.getUnknownLoc(), "net",
                               builder.getFunctionType(type, type));
      builder.setInsertionPointToStart(function.addEntryBlock());
      SmallVector<Value> operands;
      if (hasOperand)
        operands.push_back(function.getArgument(0));
      func::ReturnOp::create(builder, builder.getUnknownLoc(),
                             create(builder, name, operands, type));
      auto result = recognizeNetwork(function, &space("fbnet"));
      ASSERT_TRUE(bool(result));
      EXPECT_TRUE(result->matches.empty());
    }
}

TEST(Recognize, refusesWhatIsNoImageNetwork) {
  MLIRContext context;
  context.loadDialect<func::FuncDialect>();
  OpBuilder builder(&context);
  auto type = RankedTensorType::get({1, 4}, builder.getF32Type());
  auto function = func::FuncOp::create(builder.getUnknownLoc(), "net",
                                       builder.getFunctionType(type, type));
  function.addEntryBlock();
  auto result = recognizeNetwork(function);
  ASSERT_FALSE(bool(result));
  EXPECT_EQ(llvm::toString(result.takeError()),
            "found an input of type tensor<1x4xf32>, expected a network from "
            "one image [n, 3, h, h] of known size to one result");
  function.erase();
}

} // namespace
