// SPDX-License-Identifier: Apache-2.0
// Architectures as tables and tools write them, and what is wrong with some.

#include "SpaceModules.h"

#include "gtest/gtest.h"

using namespace gnomon;
using namespace gnomon::test;

/// The canonical form of an architecture, or the error.
static std::string canonical(llvm::StringRef name, llvm::StringRef text) {
  auto selection = space(name).select(parse(text));
  if (!selection)
    return llvm::toString(selection.takeError());
  auto architecture = space(name).describe(*selection);
  return architecture ? print(*architecture)
                      : llvm::toString(architecture.takeError());
}

/// An architecture of ofa-mbv3 with some fields replaced.
static std::string ofa(llvm::StringRef name, llvm::StringRef changes = "{}") {
  llvm::json::Object object = parse(R"({"r": 192, "d": [4, 2, 3, 2, 2],
    "ks": [3,5,7,3, 5,5,0,0, 3,3,3,0, 7,7,0,0, 3,5,0,0],
    "e": [3,4,6,3, 4,4,0,0, 6,6,6,0, 3,3,0,0, 4,6,0,0]})");
  for (auto &[key, value] : parse(changes))
    object[key] = value;
  return canonical(name, print(object));
}

TEST(OnceForAllArchitecture, staysAsItIs) {
  EXPECT_EQ(ofa("ofa-mbv3"),
            R"({"d":[4,2,3,2,2],)"
            R"("e":[3,4,6,3,4,4,0,0,6,6,6,0,3,3,0,0,4,6,0,0],)"
            R"("ks":[3,5,7,3,5,5,0,0,3,3,3,0,7,7,0,0,3,5,0,0],"r":192})");
}

TEST(OnceForAllArchitecture, unusedSlotsBecomeZero) {
  EXPECT_EQ(ofa("ofa-mbv3", R"({"wid": null, "d": [2, 2, 2, 2, 2]})"),
            R"({"d":[2,2,2,2,2],)"
            R"("e":[3,4,0,0,4,4,0,0,6,6,0,0,3,3,0,0,4,6,0,0],)"
            R"("ks":[3,5,0,0,5,5,0,0,3,3,0,0,7,7,0,0,3,5,0,0],"r":192})");
}

TEST(OnceForAllArchitecture, saysWhatIsWrong) {
  EXPECT_EQ(ofa("ofa-mbv3", R"({"ks":
              [3,5,7,4, 5,5,0,0, 3,3,3,0, 7,7,0,0, 3,5,0,0]})"),
            "ks[3]: found 4, expected one of 3, 5, 7");
  EXPECT_EQ(ofa("ofa-mbv3", R"({"ks":
              [3,5,7,3, 5,5,1,0, 3,3,3,0, 7,7,0,0, 3,5,0,0]})"),
            "ks[6]: found 1, expected one of 0, 3, 5, 7");
  EXPECT_EQ(ofa("ofa-mbv3", R"({"e": [3, 4]})"),
            "e: found a list of 2, expected a list of 20");
  EXPECT_EQ(ofa("ofa-mbv3", R"({"d": [4, 2, "x", 2, 2]})"),
            "d[2]: found \"x\", expected one of 2, 3, 4");
  EXPECT_EQ(ofa("ofa-mbv3", R"({"d": 3})"), "d: found 3, expected a list of 5");
  EXPECT_EQ(ofa("ofa-mbv3", R"({"r": 7})"), "r: found 7, expected 8 to 1024");
  EXPECT_EQ(ofa("ofa-mbv3", R"({"kss": []})"),
            "kss: found a field of this name, expected only ks, e, d, r, wid");
}

TEST(OnceForAllArchitecture, proxylessHasAnotherSlot) {
  std::string text = R"({"r": 128, "d": [2,2,2,2,2],
    "ks": [3,3,0,0, 3,3,0,0, 3,3,0,0, 3,3,0,0, 3,3,0,0, 7],
    "e": [3,3,0,0, 3,3,0,0, 3,3,0,0, 3,3,0,0, 3,3,0,0, 6]})";
  std::string expected =
      R"({"d":[2,2,2,2,2],"e":[3,3,0,0,3,3,0,0,3,3,0,0,3,3,0,0,3,3,0,0,6],)"
      R"("ks":[3,3,0,0,3,3,0,0,3,3,0,0,3,3,0,0,3,3,0,0,7],"r":128})";
  EXPECT_EQ(canonical("ofa-proxyless", text), expected);
  llvm::json::Object six = parse(text);
  six["d"] = llvm::json::Array{2, 2, 2, 2, 2, 1};
  EXPECT_EQ(canonical("ofa-proxyless", print(six)), expected);
  six["d"] = llvm::json::Array{2, 2, 2, 2, 2, 2};
  EXPECT_EQ(canonical("ofa-proxyless", print(six)),
            "d[5]: found 2, expected 1");
}

TEST(CompOfaArchitecture, depthSaysTheRest) {
  std::string whole =
      R"({"d":[2,3,4,2,2],"e":[3,3,0,0,4,4,4,0,6,6,6,6,3,3,0,0,3,3,0,0],)"
      R"("ks":[3,3,0,0,5,5,5,0,3,3,3,3,3,3,0,0,5,5,0,0],"r":224})";
  EXPECT_EQ(canonical("compofa", R"({"d": [2, 3, 4, 2, 2]})"), whole);
  EXPECT_EQ(canonical("compofa", R"({"d": [2, 3, 4, 2, 2],
              "ks": [3, 5, 3, 3, 5], "e": [3, 4, 6, 3, 3]})"),
            whole);
  EXPECT_EQ(canonical("compofa", whole), whole);
  EXPECT_EQ(canonical("compofa", R"({"d": [2, 3, 4, 2, 2],
              "e": [3, 4, 6, 3, 4]})"),
            "e[4]: found 4, expected 3");
}

TEST(CompOfaArchitecture, elasticKernelsAreSaid) {
  EXPECT_EQ(canonical("compofa-elastic", R"({"d": [2, 2, 2, 2, 2]})"),
            "ks: found nothing, expected a list of 20");
}

TEST(FBNetArchitecture, isReadByIndexOrName) {
  std::string text =
      R"({"blocks":[8,2,0,8,8,7,2,4,2,7,6,5,7,3,5,6,1,7,7,6,7,7],"r":224})";
  EXPECT_EQ(canonical("fbnet-1504", text), text);
  EXPECT_EQ(canonical("fbnet-1504", R"({"blocks": ["skip","k3_e3","k3_e1",8,8,
      7,2,4,2, 7,6,5,7, 3,5,6,1, 7,7,6,7, 7]})"),
            text);
  EXPECT_EQ(canonical("fbnet-1504", R"({"blocks": [9,2,0,8,8,7,2,4,2,7,6,5,7,3,
      5,6,1,7,7,6,7,7]})"),
            "blocks[0]: found 9, expected 0 to 8 or one of k3_e1, k3_e1_g2, "
            "k3_e3, k3_e6, k5_e1, k5_e1_g2, k5_e3, k5_e6, skip");
}

TEST(ProxylessArchitecture, someLayersCannotBeSkipped) {
  std::string text = R"({"blocks": ["skip"]})";
  EXPECT_EQ(canonical("proxyless", text),
            "blocks: found a list of 1, expected a list of 21");
  llvm::json::Array blocks;
  for (int i = 0; i < 21; ++i)
    blocks.push_back("skip");
  EXPECT_EQ(canonical("proxyless",
                      print(llvm::json::Object{{"blocks", std::move(blocks)}})),
            "blocks[0]: found \"skip\", expected one of k3e3, k3e6, k5e3, "
            "k5e6, k7e3, k7e6");
}

TEST(MobileNetV2Architecture, widthIsOneOfSix) {
  EXPECT_EQ(canonical("mbv2", R"({"width": 0.75})"),
            R"({"r":224,"width":0.75})");
  EXPECT_EQ(canonical("mbv2", R"({"width": 0.8})"),
            "width: found 0.8, expected one of 0.35, 0.5, 0.75, 1.0, 1.3, 1.4");
  EXPECT_EQ(canonical("mbv2", R"({"r": 96})"),
            "width: found nothing, expected one of 0.35, 0.5, 0.75, 1.0, 1.3, "
            "1.4");
}

TEST(TuNasArchitecture, saysChannels) {
  llvm::json::Object object =
      parse(R"({"channels": [16,16,24,40,64,128,256,512,1024],
        "se": [0,1,0,0,1], "d": [1,2,3,4,1], "r": 224,
        "ks": [3,0,0,0, 5,5,0,0, 3,3,7,0, 3,3,3,5, 7,0,0,0],
        "e": [1,0,0,0, 6,2,0,0, 3,3,4,0, 5,5,5,6, 4,0,0,0]})");
  EXPECT_EQ(canonical("tunas", print(object)), print(object));
  object["se"] = llvm::json::Array{1, 0, 0, 0, 0};
  EXPECT_EQ(canonical("tunas", print(object)), "se[0]: found 1, expected 0");
  object["channels"] = llvm::json::Array{16, 20, 24, 40, 64, 128, 256, 512, 1};
  EXPECT_EQ(canonical("tunas", print(object)),
            "channels[1]: found 20, expected one of 8, 16, 24, 32");
}

TEST(Selection, isChecked) {
  const Space &mbv3 = space("ofa-mbv3");
  auto error = [&](const Selection &selection) {
    return llvm::toString(mbv3.check(selection));
  };
  Selection selection = mbv3.minimum();
  EXPECT_EQ(error(selection), "");
  Selection more = selection;
  more["stage1_block2"] = "k3e3";
  EXPECT_EQ(error(more),
            "stage1_block2: found 'k3e3', expected no option: it is not asked");
  Selection unknown = selection;
  unknown["stage9"] = "k3e3";
  EXPECT_EQ(error(unknown), "stage9: the space has no such decision");
  Selection wrong = selection;
  wrong["stage1_depth"] = "d5";
  EXPECT_EQ(error(wrong),
            "stage1_depth: found 'd5', expected one of d2, d3, d4");
  selection.erase("stage2_depth");
  EXPECT_EQ(error(selection),
            "stage2_depth: found nothing, expected one of d2, d3, d4");
}
