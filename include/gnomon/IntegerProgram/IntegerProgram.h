// SPDX-License-Identifier: Apache-2.0
// Linear programs with integer variables, and a solver for them.

#ifndef GNOMON_INTEGERPROGRAM_INTEGERPROGRAM_H
#define GNOMON_INTEGERPROGRAM_INTEGERPROGRAM_H

#include "llvm/Support/Error.h"

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gnomon {

/// Minimise the sum of cost times variable within the bounds of variables and
/// rows.
struct IntegerProgram {
  static constexpr double kInfinity = std::numeric_limits<double>::infinity();

  struct Variable {
    double low = 0, high = 1;
    double cost = 0;
    bool isInteger = true;
    /// Of the integer variables that are not integer yet, those with the least
    /// number are branched on.
    int priority = 0;
  };
  /// low <= sum of factor times variable <= high.
  struct Row {
    std::vector<std::pair<uint32_t, double>> entries;
    double low = -kInfinity, high = kInfinity;
  };
  std::vector<Variable> variables;
  std::vector<Row> rows;

  /// Adds one and says its index.
  uint32_t addVariable(const Variable &variable) {
    variables.push_back(variable);
    return variables.size() - 1;
  }
  void addRow(Row row) { rows.push_back(std::move(row)); }
};

struct IntegerProgramOptions {
  /// Most nodes of the search tree.
  uint64_t nodes = 1000000;
  /// Solutions that are better by less than this are not looked for.
  double increment = 0;
  /// Called after every node with the number of nodes and the objective of the
  /// best solution; false ends the search with what it has.
  std::function<bool(uint64_t, std::optional<double>)> progress = {};
};

/// What integers, rows and reduced costs are held to.
constexpr double kIntegerProgramTolerance = 1e-9;

struct IntegerProgramResult {
  /// The best solution, integer variables rounded; none: none was found.
  std::optional<std::vector<double>> values;
  double objective = 0;
  /// No solution is better than this, as far as floating point goes.
  double bound = -IntegerProgram::kInfinity;
  uint64_t nodes = 0;
  /// The search came to its end: the solution is the best, or there is none.
  bool isComplete = false;
};

/// Solves a program with COIN-OR's CBC: branch and cut in one thread, always in
/// the same order; prints nothing. Safe to call from several threads. Refuses
/// programs with indices out of range or numbers that are not finite,
/// objectives without a bound, and says what the solver threw.
llvm::Expected<IntegerProgramResult>
solve(const IntegerProgram &program, const IntegerProgramOptions &options = {});

} // namespace gnomon

#endif // GNOMON_INTEGERPROGRAM_INTEGERPROGRAM_H
