// SPDX-License-Identifier: Apache-2.0
// The feature list and the views made from it.

#include "gnomon/Features/Schema.h"
#include "llvm/Support/MemoryBuffer.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

using namespace gnomon;

TEST(FeatureRow, StartsWithoutAnything) {
  FeatureRow row(KernelKind::conv);
  EXPECT_EQ(row.kind, KernelKind::conv);
  EXPECT_EQ(row.values().size(), kNumFeatures);
  for (double value : row.values())
    EXPECT_TRUE(std::isnan(value));
  row.add(Feature::fused_op_count, 2);
  row.add(Feature::fused_op_count, 1);
  EXPECT_EQ(row.get(Feature::fused_op_count), 3);
}

TEST(FeatureRow, NamesAreUniqueAndFindTheirFeature) {
  std::set<llvm::StringRef> names;
  for (unsigned i = 0; i != kNumFeatures; ++i) {
    EXPECT_TRUE(names.insert(featureName(Feature(i))).second);
    EXPECT_EQ(findFeature(featureName(Feature(i))), Feature(i));
  }
  for (unsigned i = 0; i != kNumKernelKinds; ++i)
    EXPECT_EQ(findKernelKind(kernelKindName(KernelKind(i))), KernelKind(i));
  EXPECT_EQ(findFeature("no_such_feature"), std::nullopt);
}

TEST(Schema, FingerprintIsSixteenDigitsAndStable) {
  std::string first = featureFingerprint().str();
  EXPECT_THAT(first, testing::MatchesRegex("[0-9a-f]+"));
  EXPECT_EQ(first.size(), 16u);
  EXPECT_EQ(first, featureFingerprint());
}

TEST(Schema, JsonListsEveryFeatureInOrder) {
  llvm::json::Object schema = featureSchema();
  const llvm::json::Array *features = schema.getArray("features");
  ASSERT_EQ(features->size(), kNumFeatures);
  for (unsigned i = 0; i != kNumFeatures; ++i)
    EXPECT_EQ((*features)[i].getAsObject()->getString("name"),
              featureName(Feature(i)));
}

TEST(Schema, CsvLeavesMissingFeaturesEmpty) {
  FeatureRow row;
  row.set(Feature::flops, 0.5);
  std::string header, line;
  llvm::raw_string_ostream headerStream(header), lineStream(line);
  printCsvHeader(headerStream);
  printCsvRow(row, lineStream);
  EXPECT_EQ(llvm::StringRef(header).count(','), kNumFeatures - 1);
  EXPECT_EQ(llvm::StringRef(line).count(','), kNumFeatures - 1);
  EXPECT_TRUE(llvm::StringRef(header).starts_with("flops,macs,"));
  EXPECT_TRUE(llvm::StringRef(line).starts_with("0.5,,"));
}

TEST(Schema, DocsPageInTheTreeIsCurrent) {
  std::string page;
  llvm::raw_string_ostream os(page);
  printFeatureDocs(os);
  auto file =
      llvm::MemoryBuffer::getFile(GNOMON_SOURCE_DIR "/docs/features.md");
  ASSERT_TRUE(file) << file.getError().message();
  EXPECT_EQ((*file)->getBuffer(), page)
      << "regenerate with: gnomon-features --docs > docs/features.md";
}
