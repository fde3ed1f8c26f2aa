// SPDX-License-Identifier: Apache-2.0
// Values per option, and joint ones of several decisions, as a metric of a
// search.
#ifndef GNOMON_ACCURACY_VALUETABLES_H
#define GNOMON_ACCURACY_VALUETABLES_H

#include "gnomon/Search/Problem.h"
#include "gnomon/Support/Json.h"

#include <map>
#include <string>
#include <vector>

namespace gnomon {

/// What every combination of options of a few decisions is worth. It counts
/// for a network in which all of these decisions are asked.
struct ValueTable {
  std::vector<std::string> decisions;
  /// Options in the order of `decisions` -> ticks.
  std::map<std::vector<std::string>, search::Cost> ticks;
  /// The table in its file: "tables[3].values".
  std::string path;
};

/// An additive model of anything: a network's value is the sum of what the
/// tables say about it.
///
/// The file (docs/accuracy-models.md): `schema` (1), `kind` ("additive"),
/// `name`, `space`, `metric` (its name), `unit`, `sense` ("maximize" or
/// "minimize"), `tables`: a list of {`decisions`: [names], `values`}, where
/// values is an object by options of the first decision, of objects by options
/// of the second and so on; a plain number where there is no decision.
struct ValueTables {
  /// Ticks of one unit: values are kept to 1e-9.
  static constexpr double kTicks = 1e9;

  std::string source; ///< names the file in messages
  std::string name, space;
  search::Metric metric;
  std::vector<ValueTable> tables;
};

/// Errors name the field: a member missing or of a wrong kind, a decision
/// twice in a table or more than four, a value that is not finite or beyond
/// 1e6.
llvm::Expected<ValueTables> parseValueTables(const JsonView &json,
                                             llvm::StringRef source);
llvm::Expected<ValueTables> loadValueTables(llvm::StringRef path);

/// The tables as terms of a search that has this one metric. A table of
/// decisions that are not always asked also runs over those that decide it, and
/// is 0 where they are not. Errors, naming table, decision and option: a
/// decision that `problem` lacks, an option of it without a value, a table that
/// would grow beyond a million entries. Values of options that the problem
/// lacks are left out: a search may ask for less than its space has.
llvm::Expected<std::vector<search::Term>>
valueTerms(const ValueTables &tables, const search::Problem &problem);

} // namespace gnomon

#endif // GNOMON_ACCURACY_VALUETABLES_H
