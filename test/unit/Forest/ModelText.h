// SPDX-License-Identifier: Apache-2.0
// Hand-made models for the tests, in both formats.
#ifndef GNOMON_TEST_UNIT_FOREST_MODELTEXT_H
#define GNOMON_TEST_UNIT_FOREST_MODELTEXT_H

#include "gnomon/Forest/Load.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/JSON.h"

#include <string>

namespace gnomon {

/// Two trees on two features: a numeric root over two leaves, then a root
/// that splits by categories over a leaf and a numeric node.
std::string smallModel();

/// `text` with the one place where `from` stands replaced by `to`.
std::string replaced(std::string text, llvm::StringRef from,
                     llvm::StringRef to);

/// The UBJSON of a JSON text. Arrays of integers become `$l`, of numbers with
/// a point or exponent `$d`, of others untyped ones with a count.
std::string toUbjson(llvm::StringRef json);

/// The message of the error, or "no error". Reads the text as JSON and as
/// UBJSON, which must agree; byte positions are cut off.
std::string messageOf(llvm::StringRef json);

} // namespace gnomon

#endif // GNOMON_TEST_UNIT_FOREST_MODELTEXT_H
