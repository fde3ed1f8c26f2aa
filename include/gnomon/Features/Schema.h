// SPDX-License-Identifier: Apache-2.0
// Views of the feature list for other languages and for people.

#ifndef GNOMON_FEATURES_SCHEMA_H
#define GNOMON_FEATURES_SCHEMA_H

#include "gnomon/Features/FeatureRow.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

namespace gnomon {

/// Version of the schema's form; the fingerprint covers its content.
inline constexpr unsigned kFeatureSchemaVersion = 1;

/// 16 hexadecimal digits: FNV-1a (64 bits) over name, tab, unit, newline of
/// every feature in order. Changes when a feature is added, moved or renamed.
llvm::StringRef featureFingerprint();

/// {"schema": 1, "fingerprint": ..., "features": [{"name", "unit", "doc"}],
/// "kinds": [{"name", "doc"}]}; this is also Python's view.
llvm::json::Object featureSchema();

/// Names of all features, separated by commas, without a newline.
void printCsvHeader(llvm::raw_ostream &os);
/// Values of one row in the same order; empty where a feature does not apply.
void printCsvRow(const FeatureRow &row, llvm::raw_ostream &os);
/// The page docs/features.md.
void printFeatureDocs(llvm::raw_ostream &os);

} // namespace gnomon

#endif // GNOMON_FEATURES_SCHEMA_H
