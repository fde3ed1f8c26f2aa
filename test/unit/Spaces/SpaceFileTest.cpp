// SPDX-License-Identifier: Apache-2.0
// Files of spaces: what is wrong with them, and what they count.

#include "gnomon/Spaces/SpaceFile.h"

#include "SpaceModules.h"
#include "gnomon/Support/Files.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "gtest/gtest.h"

using namespace gnomon;

namespace {

constexpr llvm::StringLiteral stem =
    R"({"name": "stem", "type": "conv", "channels": 8})";

/// A file with these items after the stem.
std::string fileOf(const std::string &items, const std::string &blocks = "") {
  return R"({"schema": 1, "name": "own", "resolutions": [16], "blocks": {)" +
         blocks + R"(}, "network": [)" + stem.str() +
         (items.empty() ? "" : ", ") + items + "]}";
}

llvm::Expected<std::unique_ptr<Space>> load(const std::string &text) {
  llvm::SmallString<128> path;
  EXPECT_FALSE(llvm::sys::fs::createTemporaryFile("space", "json", path));
  EXPECT_FALSE(bool(writeWholeFile(path, text)));
  auto space = loadSpaceFile(path);
  llvm::sys::fs::remove(path);
  return space;
}

/// What is wrong, without the name of the file.
std::string problemOf(const std::string &text) {
  mlir::MLIRContext context;
  auto space = load(text);
  std::string problem;
  if (!space)
    problem = llvm::toString(space.takeError());
  else if (auto summary = checkSpace(**space, context); !summary)
    problem = llvm::toString(summary.takeError());
  size_t end = problem.find(".json: ");
  return end == std::string::npos ? problem : problem.substr(end + 7);
}

std::string summaryOf(const std::string &text, llvm::StringRef member) {
  mlir::MLIRContext context;
  auto space = load(text);
  if (!space)
    return llvm::toString(space.takeError());
  auto summary = checkSpace(**space, context);
  if (!summary)
    return llvm::toString(summary.takeError());
  std::string found;
  llvm::raw_string_ostream(found) << *summary->get(member);
  return found;
}

TEST(SpaceFileTest, ErrorsNameTheField) {
  const std::pair<std::string, std::string> cases[] = {
      {fileOf(R"({"name": "own_r16", "choose": [
                 {"option": "a", "type": "skip"}]})"),
       "name: a function of the space has the name of the decision "
       "\"own_r16\"; rename one"},
      {"{", "[1:1"},
      {"[]", "expected an object, found an array"},
      {R"({"schema": 2})", "schema: expected a whole number from 1 to 1, "
                           "found 2"},
      {fileOf(R"({"name": "a b", "type": "skip"})"),
       "network[1].name: expected a name of letters, digits, '_', '-' and "
       "'.', found \"a b\""},
      {fileOf(R"({"name": "a", "type": "convolution"})"),
       "network[1].type: expected one of conv, mbconv, max_pool, "
       "average_pool, skip, classifier, onnx, found \"convolution\""},
      {fileOf(R"({"name": "a", "type": "conv", "use": "b"})"),
       "network[1].use: expected one of type, use, choose, sequence, found "
       "type and use"},
      {fileOf(R"({"name": "a"})"),
       "network[1]: type: expected one of type, use, choose, sequence, found "
       "none"},
      {fileOf(R"({"name": "a", "type": "conv", "kernel": 4})"),
       "network[1].kernel: expected an odd number, found 4"},
      {fileOf(R"({"name": "a", "type": "mbconv"})"),
       "network[1]: member \"expansion\" is missing"},
      {fileOf(R"({"name": "a", "type": "conv", "groups": 3})"),
       "network[1]: groups: found 3, expected a divisor of the channels, 8 in "
       "and 8 out"},
      {fileOf(R"({"name": "a", "use": "b"})"),
       "network[1].use: found \"b\", which \"blocks\" does not hold"},
      {fileOf(R"({"name": "a", "use": "b"})", R"("b": {"use": "b"})"),
       "blocks.b.use: \"b\" is used inside itself"},
      {fileOf(R"({"name": "stem", "type": "skip"})"),
       "network[1].name: a second item of the name \"stem\" in one sequence"},
      {fileOf(R"({"name": "a", "depth": [2, 1], "type": "conv"})"),
       "network[1].depth: expected ascending numbers"},
      {fileOf(R"({"name": "a", "depth": [1], "repeat": 2, "type": "conv"})"),
       "network[1].depth: an item is repeated or has a depth, not both"},
      {fileOf(R"({"name": "a", "choose": []})"),
       "network[1].choose: expected at least one option"},
      {fileOf(R"({"name": "h", "type": "classifier", "classes": 2},
                 {"name": "a", "type": "conv"})"),
       "network[2]: found an input of type tensor<1x2xf32>, expected four "
       "static dimensions: batch, channels, height, width"},
      {fileOf(R"({"name": "a", "type": "onnx", "file": "x.onnx"})"),
       "network[1].file: x.onnx: cannot be read: No such file or directory"},
      {fileOf(R"({"name": "a", "type": "onnx", "file": "../x.onnx"})"),
       "network[1].file: ../x.onnx: holds '..'; only files within the folder "
       "of the space's file are read"},
      {fileOf(R"({"name": "a", "type": "onnx", "file": "/x.onnx"})"),
       "network[1].file: /x.onnx: is an absolute path; only files within the "
       "folder of the space's file are read"},
  };
  for (const auto &[text, problem] : cases)
    EXPECT_TRUE(llvm::StringRef(problemOf(text)).starts_with(problem))
        << "found " << problemOf(text) << "\nexpected " << problem;
}

TEST(SpaceFileTest, OptionsMustFitTheirPlace) {
  EXPECT_EQ(problemOf(fileOf(R"({"name": "a", "choose": [
                {"option": "wide", "type": "conv", "channels": 16},
                {"option": "same", "type": "skip"}]})")),
            "network[1].choose[1]: the option \"same\" yields "
            "tensor<1x8x16x16xf32>, expected tensor<1x16x16x16xf32>, which "
            "\"wide\" yields");
  EXPECT_EQ(problemOf(fileOf(R"({"name": "a", "residual": true, "sequence": [
                {"name": "b", "type": "max_pool", "stride": 2}]})")),
            "network[1].residual: the sequence yields tensor<1x8x8x8xf32>, "
            "expected tensor<1x8x16x16xf32>, as its input is");
  EXPECT_EQ(problemOf(fileOf(R"({"name": "a", "depth": [0, 1],
                "type": "conv", "stride": 2})")),
            "network[1]: the option \"1\" yields tensor<1x8x8x8xf32>, expected "
            "tensor<1x8x16x16xf32>, which \"0\" yields");
}

TEST(SpaceFileTest, TiesMustAgree) {
  auto tied = [](const char *name, const char *options) {
    return std::string(R"({"name": ")") + name +
           R"(", "tie": "t", "choose": [)" + options + "]}";
  };
  const char *both = R"({"option": "a", "type": "conv"},
                        {"option": "b", "type": "skip"})";
  const char *one = R"({"option": "a", "type": "conv"})";
  EXPECT_EQ(problemOf(fileOf(tied("x", both) + ", " + tied("y", one))),
            "network[2]: found the options a, expected a, b, which \"t\" has "
            "elsewhere");
  auto under = [&](const char *name, const std::string &item) {
    return std::string(R"({"name": ")") + name +
           R"(", "choose": [{"option": "o", "sequence": [)" + item + "]}]}";
  };
  EXPECT_EQ(problemOf(fileOf(under("x", tied("z", both)) + ", " +
                             under("y", tied("z", both)))),
            "network[2].choose[0].sequence[0]: \"t\" is asked in an option of "
            "\"y\", expected one of \"x\" as elsewhere");
  EXPECT_EQ(
      problemOf(fileOf(under("x", tied("z", both)) + ", " + tied("y", both))),
      "");
  EXPECT_EQ(problemOf(fileOf(
                R"({"name": "x", "tie": "t", "choose": [{"option": "o", )"
                R"("sequence": [)" +
                tied("z", both) + "]}]}")),
            "network[1].choose[0].sequence[0]: \"t\" is asked in an option of "
            "\"t\", which is asked in an option of \"t\"");
  EXPECT_EQ(problemOf(fileOf(R"({"name": "t", "choose": [)" +
                             std::string(both) + "]}, " + tied("y", both))),
            "network[2]: a second decision of the name \"t\"; rename it, or "
            "tie both");
}

TEST(SpaceFileTest, SizesAreBounded) {
  std::string blocks = R"("b0": {"type": "skip"})";
  for (int level = 1; level < 40; ++level) {
    std::string below = "b" + std::to_string(level - 1);
    blocks += ", \"b" + std::to_string(level) + R"(": {"sequence": [
        {"name": "x", "use": ")" +
              below + R"("},
        {"name": "y", "use": ")" +
              below + R"("}]})";
  }
  EXPECT_EQ(problemOf(fileOf(R"({"name": "a", "use": "b39"})", blocks)),
            "blocks.b1: the space has more than 20000 blocks, "
            "choices and sequences");
}

TEST(SpaceFileTest, NetworksAreCounted) {
  const char *two = R"("choose": [{"option": "a", "type": "conv"},
                                  {"option": "b", "type": "skip"}])";
  auto item = [&](const std::string &fields) {
    return fileOf(R"({"name": "x", )" + fields + two + "}");
  };
  EXPECT_EQ(summaryOf(item(""), "networks"), "\"2\"");
  EXPECT_EQ(summaryOf(item(R"("repeat": 3, )"), "networks"), "\"8\"");
  EXPECT_EQ(summaryOf(item(R"("repeat": 3, "tie": "t", )"), "networks"),
            "\"2\"");
  EXPECT_EQ(summaryOf(item(R"("depth": [1, 2, 4], )"), "networks"),
            "\"22\""); // 2 + 4 + 16
}

TEST(SpaceFileTest, ArchitecturesNameTheirOptions) {
  auto space = llvm::cantFail(load(fileOf(R"({"name": "x", "depth": [1, 2],
      "choose": [{"option": "a", "type": "conv"},
                 {"option": "b", "type": "skip"}]})")));
  auto architecture = test::parse(R"({"r": 16, "x_0": "a", "x_depth": "1"})");
  Selection selection = llvm::cantFail(space->select(architecture));
  EXPECT_EQ(selection,
            (Selection{{"resolution", "16"}, {"x_0", "a"}, {"x_depth", "1"}}));
  EXPECT_EQ(test::print(llvm::cantFail(space->describe(selection))),
            test::print(architecture));
  architecture["x_1"] = "b";
  EXPECT_EQ(llvm::toString(space->select(architecture).takeError()),
            "x_1: found 'b', expected no option: it is not asked");
}

} // namespace
