// SPDX-License-Identifier: Apache-2.0
// Latency tables in every format, and how broken ones are refused.

#include "gnomon/Cost/TableBundle.h"
#include "gnomon/Cost/ModelBundle.h"
#include "gnomon/Support/Files.h"
#include "llvm/Support/FileSystem.h"
#include "gmock/gmock.h"

using namespace gnomon;
using testing::HasSubstr;

namespace {

const std::string key = "Conv-input:8x8x3-output:4x4x16";

LatencyTables parsed(const std::string &text, const std::string &path,
                     int64_t resolution = anyResolution) {
  LatencyTables tables;
  llvm::cantFail(parseLatencyTable(text, path, "ms", resolution, tables));
  return tables;
}

std::string refusal(const std::string &text, const std::string &path) {
  LatencyTables tables;
  llvm::Error problem =
      parseLatencyTable(text, path, "ms", anyResolution, tables);
  return problem ? llvm::toString(std::move(problem)) : "taken";
}

TEST(LatencyTable, ReadsFlowAndBlockYaml) {
  for (const std::string &text :
       {"# measured\n---\n" + key + ": {count: 3, mean: 0.5, std: 1.0e-2}\n",
        key + ":\n  count: 3\n  mean: 0.5\n  std: 1.0e-2\n",
        "'" + key + "': {mean: 0.5, std: 0.01, count: 3}"}) {
    TableEntry entry = parsed(text, "t.yaml", 8)[8].at(key);
    EXPECT_EQ(entry.meanUs, 500);
    EXPECT_EQ(entry.stdUs, 10);
    EXPECT_EQ(entry.count, 3);
  }
}

TEST(LatencyTable, ReadsCsvWithResolutions) {
  LatencyTables tables = parsed("resolution,key,mean_us,other\r\n8," + key +
                                    ",7,x\n16," + key + ",9,y\n",
                                "t.csv");
  EXPECT_EQ(tables[8].at(key).meanUs, 7);
  EXPECT_EQ(tables[16].at(key).meanUs, 9);
}

TEST(LatencyTable, ReadsJson) {
  LatencyTables tables = parsed(
      "{\"a\": 2, \"b\": {\"mean\": 3, \"std\": 1, \"count\": 9}}", "t.json");
  EXPECT_EQ(tables[anyResolution].at("a").meanUs, 2000);
  EXPECT_EQ(tables[anyResolution].at("b").count, 9);
}

TEST(LatencyTable, IsReadAsItWasWritten) {
  LatencyTable table = {{key, {123.456789, 0.25, 7}}, {"z", {0, 0, 1}}};
  std::string text = writeLatencyYaml(table);
  EXPECT_EQ(text, key + ": {count: 7, mean: 0.123456789000, std: "
                        "0.000250000000}\nz: {count: 1, mean: 0.000000000000, "
                        "std: 0.000000000000}\n");
  EXPECT_NEAR(parsed(text, "t.yaml")[anyResolution].at(key).meanUs, 123.456789,
              1e-9);
}

TEST(LatencyTable, RefusesBrokenYaml) {
  EXPECT_EQ(refusal("a:\n  count: 3\n", "t.yaml"),
            "t.yaml:1: the entry 'a' has no mean");
  EXPECT_EQ(refusal("a: {mean: x}", "t.yaml"),
            "t.yaml:1: mean: expected a finite number of at least 0, found "
            "'x'");
  EXPECT_EQ(refusal("a: {mean: -1}", "t.yaml"),
            "t.yaml:1: mean: expected a finite number of at least 0, found "
            "'-1'");
  EXPECT_EQ(refusal("a: {mean: 1, max: 2}", "t.yaml"),
            "t.yaml:1: expected count, mean or std, found 'max'");
  EXPECT_EQ(refusal("a: {mean: 1}\na: {mean: 1}", "t.yaml"),
            "t.yaml:2: the key 'a' appears twice");
  EXPECT_EQ(refusal("- a", "t.yaml"), "t.yaml:1: expected 'KEY:', found '- a'");
  EXPECT_EQ(refusal("  mean: 1", "t.yaml"),
            "t.yaml:1: expected the key of a block, found an indented line");
  EXPECT_EQ(refusal("a: 1", "t.yaml"),
            "t.yaml:1: expected '{count: N, mean: X, std: X}', found '1'");
  EXPECT_EQ(refusal("a:\n  mean\n", "t.yaml"),
            "t.yaml:2: expected 'mean: NUMBER', found 'mean'");
}

TEST(LatencyTable, RefusesBrokenCsvAndJson) {
  EXPECT_EQ(refusal("key,mean\n", "t.csv"),
            "t.csv:1: expected a header with the columns key and mean_ms (or "
            "mean_us)");
  EXPECT_EQ(refusal("key,mean_ms\na,1,2\n", "t.csv"),
            "t.csv:2: expected 2 cells, found 3");
  EXPECT_EQ(refusal("key,mean_ms\na,inf\n", "t.csv"),
            "t.csv:2: mean: expected a finite number of at least 0, found "
            "'inf'");
  EXPECT_EQ(refusal("key,mean_ms,resolution\na,1,1.5\n", "t.csv"),
            "t.csv:2: expected whole numbers as resolution and count");
  EXPECT_EQ(refusal("key,mean_ms\n,1\n", "t.csv"),
            "t.csv:2: expected the key of a block, found nothing");
  EXPECT_EQ(refusal("{\"a\": {\"mean\": -1}}", "t.json"),
            "t.json: a.mean: expected a finite number of at least 0");
  EXPECT_EQ(refusal("{\"a\": {}}", "t.json"),
            "t.json: a: member \"mean\" is missing");
  EXPECT_EQ(refusal("", "t.txt"),
            "t.txt: expected a file ending in .yaml, .yml, .json or .csv");
}

/// A folder with a bundle of one table.
class TableBundleTest : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("tables", folder));
    write("160.yaml", key + ": {mean: 0.5}\n");
  }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }

  void write(const std::string &name, llvm::StringRef text) {
    llvm::cantFail(writeWholeFile(std::string(folder) + "/" + name, text));
  }
  void describe(const std::string &tables, const std::string &kind = "table",
                const std::string &unit = "ms") {
    write("bundle.json", "{\"format\": 1, \"kind\": \"" + kind +
                             "\", \"name\": \"t\", \"unit\": \"" + unit +
                             "\", \"tables\": " + tables + "}");
  }
  std::string problem() {
    auto bundle = TableBundle::load(folder);
    return bundle ? "loaded" : llvm::toString(bundle.takeError());
  }

  llvm::SmallString<128> folder;
};

TEST_F(TableBundleTest, FindsEntriesByResolution) {
  write("any.json", "{\"z\": 1}");
  describe("[{\"file\": \"160.yaml\", \"resolution\": 160}, {\"file\": "
           "\"any.json\"}]");
  EXPECT_TRUE(llvm::cantFail(isTableBundle(folder)));
  auto bundle = llvm::cantFail(TableBundle::load(folder));
  EXPECT_EQ(llvm::cantFail(bundle->find(160, key))->meanUs, 500);
  EXPECT_EQ(llvm::cantFail(bundle->find(160, "z"))->meanUs, 1000);
  EXPECT_EQ(llvm::toString(bundle->find(176, key).takeError()),
            "bundle 't': no entry '" + key +
                "' for resolution 176; its tables are for 160");
}

TEST_F(TableBundleTest, KnowsItsDeviceAndIntervals) {
  const std::string list = "[{\"file\": \"160.yaml\"}]";
  describe(list);
  auto plain = llvm::cantFail(TableBundle::load(folder));
  EXPECT_EQ(plain->device, "t");
  EXPECT_TRUE(plain->intervals.empty());
  EXPECT_EQ(plain->fingerprint.size(), 16U);
  describe(list + R"(, "device": "phone", "interval_log": {"0.9": [-1, 2]})");
  auto full = llvm::cantFail(TableBundle::load(folder));
  EXPECT_EQ(full->device, "phone");
  EXPECT_EQ(full->intervals.at(0.9), std::pair(-1.0, 2.0));
  EXPECT_EQ(full->fingerprint, plain->fingerprint);
  write("160.yaml", key + ": {mean: 0.6}\n");
  EXPECT_NE(llvm::cantFail(TableBundle::load(folder))->fingerprint,
            plain->fingerprint);
  describe(list + R"(, "device": 3)");
  EXPECT_THAT(problem(), HasSubstr("device: expected a string"));
  describe(list + R"(, "interval_log": {"90": [-1, 2]})");
  EXPECT_THAT(problem(), HasSubstr("interval_log.90: expected a confidence "
                                   "between 0 and 1 as name"));
  describe(list + R"(, "interval_log": {"0.9": [2, -1]})");
  EXPECT_THAT(problem(), HasSubstr("interval_log.0.9: "));
}

TEST_F(TableBundleTest, RefusesBrokenDescriptions) {
  describe("[{\"file\": \"160.yaml\"}]", "forest");
  EXPECT_THAT(problem(), HasSubstr("bundle.json: kind: expected \"table\", "
                                   "found \"forest\""));
  describe("[{\"file\": \"160.yaml\"}]", "table", "s");
  EXPECT_THAT(problem(), HasSubstr("bundle.json: unit: expected \"ms\", "
                                   "\"us\" or \"mJ\", found \"s\""));
  describe("[]");
  EXPECT_THAT(problem(), HasSubstr("expected at least one table"));
  describe("[{\"file\": \"../160.yaml\"}]");
  EXPECT_THAT(problem(),
              HasSubstr("tables[0].file: expected the name of a file beside"));
  describe("[{\"file\": \"none.yaml\"}]");
  EXPECT_THAT(problem(), HasSubstr("none.yaml: No such file"));
  describe("[{\"file\": \"160.yaml\", \"resolution\": -1}]");
  EXPECT_THAT(problem(), HasSubstr("tables[0].resolution: "));
}

TEST_F(TableBundleTest, IsNoBundleOfKernels) {
  describe("[{\"file\": \"160.yaml\"}]");
  auto bundle = ModelBundle::load(folder);
  ASSERT_FALSE(bundle);
  EXPECT_THAT(llvm::toString(bundle.takeError()),
              HasSubstr("bundle.json: kind: this is a bundle of look-up "
                        "tables: it knows blocks of spaces, not kernels"));
}

} // namespace
