// SPDX-License-Identifier: Apache-2.0
// Views of the feature list: fingerprint, JSON, CSV, documentation.

#include "gnomon/Features/Schema.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"

using namespace gnomon;

static std::string computeFingerprint() {
  uint64_t hash = 0xcbf29ce484222325;
  auto mix = [&](llvm::StringRef text) {
    for (unsigned char c : text)
      hash = (hash ^ c) * 0x100000001b3;
  };
  for (const FeatureInfo &info : featureInfos()) {
    mix(info.name);
    mix("\t");
    mix(info.unit);
    mix("\n");
  }
#define GNOMON_OPERATION(name) mix(#name " ");
#include "gnomon/Features/Operations.def"
  return llvm::utohexstr(hash, /*LowerCase=*/true, /*Width=*/16);
}

llvm::StringRef gnomon::featureFingerprint() {
  static const std::string fingerprint = computeFingerprint();
  return fingerprint;
}

llvm::json::Object gnomon::featureSchema() {
  llvm::json::Array features, kinds;
  for (const FeatureInfo &info : featureInfos())
    features.push_back(llvm::json::Object{
        {"name", info.name}, {"unit", info.unit}, {"doc", info.doc}});
  for (const KernelKindInfo &info : kernelKindInfos())
    kinds.push_back(llvm::json::Object{{"name", info.name}, {"doc", info.doc}});
  return llvm::json::Object{{"schema", kFeatureSchemaVersion},
                            {"fingerprint", featureFingerprint()},
                            {"features", std::move(features)},
                            {"kinds", std::move(kinds)}};
}

void gnomon::printCsvHeader(llvm::raw_ostream &os) {
  llvm::interleave(
      featureInfos(), os, [&](const FeatureInfo &info) { os << info.name; },
      ",");
}

void gnomon::printCsvRow(const FeatureRow &row, llvm::raw_ostream &os) {
  auto print = [&](double value) {
    if (!std::isnan(value))
      os << llvm::format("%.17g", value);
  };
  llvm::interleave(row.values(), os, print, ",");
}

void gnomon::printFeatureDocs(llvm::raw_ostream &os) {
  os << "# Features\n\n"
        "Made from `include/gnomon/Features/Features.def` and `Kinds.def` by "
        "`gnomon-features --docs`; do not edit.\n\n"
        "One row of these numbers describes a kernel. A feature that does not "
        "apply is missing (NaN in C++, empty in CSV, null in JSON), never 0.\n"
        "Schema version "
     << kFeatureSchemaVersion << ", fingerprint `" << featureFingerprint()
     << "`.\n\n| feature | unit | meaning |\n|---|---|---|\n";
  for (const FeatureInfo &info : featureInfos())
    os << "| `" << info.name << "` | " << info.unit << " | " << info.doc
       << " |\n";
  os << "\n## Operations\n\nCodes of `operation`: ";
  unsigned code = 0;
#define GNOMON_OPERATION(name) os << (code ? ", " : "") << ++code << " " #name;
#include "gnomon/Features/Operations.def"
  os << ".\n";
  os << "\n## Kinds of kernels\n\nOne latency model is learned per kind.\n\n"
        "| kind | meaning |\n|---|---|\n";
  for (const KernelKindInfo &info : kernelKindInfos())
    os << "| `" << info.name << "` | " << info.doc << " |\n";
}
