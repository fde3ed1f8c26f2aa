// SPDX-License-Identifier: Apache-2.0
// Answers of dense networks: by hand, and the same bits from every engine.
#include "RandomMlp.h"

#include "hwy/targets.h"
#include "gmock/gmock.h"

#include <cstring>
#include <random>
#include <thread>

using namespace gnomon;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

std::vector<float> forward(const Mlp &mlp, llvm::ArrayRef<float> rows) {
  std::vector<float> result(rows.size() / mlp.numInputs() * mlp.numOutputs());
  mlp.forward(rows, result);
  return result;
}

std::vector<float> reference(const Mlp &mlp, llvm::ArrayRef<float> rows) {
  std::vector<float> result(rows.size() / mlp.numInputs() * mlp.numOutputs());
  mlp.forwardReference(rows, result);
  return result;
}

bool sameBits(llvm::ArrayRef<float> left, llvm::ArrayRef<float> right) {
  return left.size() == right.size() &&
         std::memcmp(left.data(), right.data(), left.size() * 4) == 0;
}

/// Calls `check` once with each instruction set that this machine has.
template <typename Check>
void onEveryTarget(Check check) {
  for (int64_t target : hwy::SupportedAndGeneratedTargets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    check();
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

/// 2 -> 2 -> 1: max(x0 - x1, 0), max(x1 + 1, 0), then 3 a - b + 0.25.
Mlp byHand() {
  return llvm::cantFail(Mlp::create(
      {{2, 2, {1, -1, 0, 1}, {0, 1}, true}, {2, 1, {3, -1}, {}}}, 0.25f, "m"));
}

std::string refusal(llvm::ArrayRef<DenseLayer> layers, float constant = 0) {
  llvm::Expected<Mlp> mlp = Mlp::create(layers, constant, "m.json");
  return mlp ? "taken" : llvm::toString(mlp.takeError());
}

TEST(Mlp, AnswersByHand) {
  const std::vector<float> rows = {0, 0, 2, 1, -1, -5};
  EXPECT_THAT(forward(byHand(), rows), ElementsAre(-0.75f, 1.25f, 12.25f));
  EXPECT_THAT(reference(byHand(), rows), ElementsAre(-0.75f, 1.25f, 12.25f));
  EXPECT_TRUE(forward(byHand(), {}).empty());
}

TEST(Mlp, SumsInTheOrderOfTheInputsRoundingOnce) {
  // 1e8 + 1 - 1e8 from the left is 0: 1 is lost.
  Mlp order =
      llvm::cantFail(Mlp::create({{3, 1, {1, 1, 1}, {}}}, 0.0f, "order"));
  EXPECT_THAT(forward(order, {1e8f, 1, -1e8f}), ElementsAre(0.0f));
  EXPECT_THAT(forward(order, {1e8f, -1e8f, 1}), ElementsAre(1.0f));
  // (1 + e)(1 - e) - 1 = -e^2 is seen only without rounding the product.
  float e = 0x1p-12f;
  Mlp fused =
      llvm::cantFail(Mlp::create({{1, 1, {1 - e}, {-1}}}, 0.0f, "fused"));
  EXPECT_THAT(forward(fused, {1 + e}), ElementsAre(-e * e));
}

TEST(Mlp, ZerosHaveNoSign) {
  Mlp mlp = llvm::cantFail(Mlp::create({{1, 5, {1, 1, 1, 1, 1}, {}, true},
                                        {5, 2, std::vector<float>(10, -1), {}}},
                                       -0.0f, "m"));
  onEveryTarget([&] {
    EXPECT_TRUE(sameBits(forward(mlp, {-0.0f}), {0.0f, 0.0f}));
    EXPECT_TRUE(sameBits(forward(mlp, {-3.0f}), {0.0f, 0.0f}));
  });
}

TEST(Mlp, EveryVectorWidthGivesTheBitsOfTheReference) {
  const std::vector<std::vector<uint32_t>> shapes = {
      {1, 1},           {3, 4},         {5, 5, 5, 5},   {16, 17, 2},
      {31, 96, 97, 1},  {65, 130, 1},   {128, 400, 64}, {200, 193, 33, 4},
      {128, 64, 64, 1}, {63, 288, 5, 3}};
  onEveryTarget([&] {
    for (unsigned seed = 0; seed < shapes.size(); ++seed)
      for (double zeros : {0.0, 0.6, 1.0}) {
        Mlp mlp = randomMlp(shapes[seed], seed);
        std::vector<float> rows =
            randomRows(1 + 13 * seed, mlp.numInputs(), zeros, seed);
        EXPECT_TRUE(sameBits(forward(mlp, rows), reference(mlp, rows)))
            << "shape " << seed << ", zeros " << zeros;
      }
  });
}

TEST(Mlp, AnySplitOfABatchGivesTheSameBits) {
  Mlp mlp = randomMlp({40, 100, 50, 1}, 7);
  std::vector<float> rows = randomRows(150, 40, 0.5, 8);
  std::vector<float> whole = forward(mlp, rows);
  std::mt19937 random(9);
  for (size_t begin = 0; begin < 150;) {
    size_t count = std::min<size_t>(1 + random() % 70, 150 - begin);
    llvm::ArrayRef<float> part =
        llvm::ArrayRef(rows).slice(begin * 40, count * 40);
    EXPECT_TRUE(sameBits(forward(mlp, part),
                         llvm::ArrayRef(whole).slice(begin, count)));
    begin += count;
  }
}

TEST(Mlp, ThreadsShareANetwork) {
  const Mlp mlp = randomMlp({40, 100, 1}, 3);
  const std::vector<float> rows = randomRows(64, 40, 0.5, 4);
  const std::vector<float> expected = reference(mlp, rows);
  std::vector<std::vector<float>> answers(4);
  std::vector<std::thread> threads;
  for (std::vector<float> &answer : answers)
    threads.emplace_back([&] { answer = forward(mlp, rows); });
  for (std::thread &thread : threads)
    thread.join();
  for (const std::vector<float> &answer : answers)
    EXPECT_TRUE(sameBits(answer, expected));
}

TEST(Mlp, RefusesWhatDoesNotFit) {
  EXPECT_EQ(refusal({}), "m.json: layers: expected at least one");
  EXPECT_EQ(refusal({{0, 1, {}, {}}}),
            "m.json: layers[0]: has 0 inputs and 1 outputs, expected 1 to "
            "65536");
  EXPECT_EQ(refusal({{2, 1, {1}, {}}}),
            "m.json: layers[0]: has 1 weights, expected 1 x 2 = 2");
  EXPECT_EQ(refusal({{1, 1, {1}, {1, 2}}}),
            "m.json: layers[0]: has 2 numbers in its bias, expected one for "
            "each of the 1 outputs");
  EXPECT_EQ(refusal({{1, 2, {1, 2}, {}}, {1, 1, {1}, {}}}),
            "m.json: layers[1]: takes 1 inputs, the layer before gives 2");
  EXPECT_THAT(refusal({{1, 1, {1e38f * 10}, {}}}), HasSubstr("not a finite"));
  EXPECT_EQ(refusal({{1, 1, {1}, {}}}, 1e38f * 10),
            "m.json: constant: expected a finite number");
}

} // namespace
