// SPDX-License-Identifier: Apache-2.0
// Integer programs solved by CBC: the only file that sees it.
//
// Source: Forrest and Lougee-Heimer, CBC User Guide, INFORMS Tutorials, 2005
// (branch and cut over linear programs that Clp solves).
// Ours: which cuts and heuristics are on, and tolerances of 1e-9 instead of
// 1e-7. CBC's own main program is not used: it installs signal handlers and
// prints.

#include "gnomon/IntegerProgram/IntegerProgram.h"

#include <coin/CbcEventHandler.hpp>
#include <coin/CbcHeuristic.hpp>
#include <coin/CbcHeuristicDiveCoefficient.hpp>
#include <coin/CbcModel.hpp>
#include <coin/CglGomory.hpp>
#include <coin/CglKnapsackCover.hpp>
#include <coin/CglMixedIntegerRounding2.hpp>
#include <coin/CglProbing.hpp>
#include <coin/CoinError.hpp>
#include <coin/OsiClpSolverInterface.hpp>

#include "llvm/ADT/STLExtras.h"

#include <cmath>

namespace gnomon {

namespace {
llvm::Error refuse(const llvm::Twine &message) {
  return llvm::createStringError("integer program: " + message);
}

llvm::Error check(const IntegerProgram &program) {
  for (auto [i, variable] : llvm::enumerate(program.variables))
    if (!std::isfinite(variable.low) || !std::isfinite(variable.cost) ||
        std::isnan(variable.high) || variable.low > variable.high)
      return refuse("variable " + llvm::Twine(i) +
                    ": expected a finite cost and bounds in ascending order");
  for (auto [i, row] : llvm::enumerate(program.rows)) {
    if (std::isnan(row.low) || std::isnan(row.high) || row.low > row.high)
      return refuse("row " + llvm::Twine(i) +
                    ": expected bounds in ascending order");
    for (auto [variable, factor] : row.entries)
      if (variable >= program.variables.size() || !std::isfinite(factor))
        return refuse("row " + llvm::Twine(i) +
                      ": expected finite factors of variables below " +
                      llvm::Twine(program.variables.size()) +
                      ", found a factor of " + llvm::Twine(variable));
  }
  return llvm::Error::success();
}

double coinBound(double bound) {
  return std::isinf(bound) ? std::copysign(COIN_DBL_MAX, bound) : bound;
}

/// Hears of nodes and may end the search.
class Listener : public CbcEventHandler {
public:
  explicit Listener(const IntegerProgramOptions &options) : options(options) {}
  CbcEventHandler *clone() const override { return new Listener(*this); }

  CbcAction event(CbcEvent event) override {
    // Small searches inside heuristics are no news.
    if (event != node || !model_ || model_->parentModel())
      return noAction;
    std::optional<double> best;
    if (model_->bestSolution())
      best = model_->getObjValue();
    return options.progress(model_->getNodeCount(), best) ? noAction : stop;
  }

private:
  const IntegerProgramOptions &options;
};

void load(const IntegerProgram &program, OsiClpSolverInterface &solver) {
  solver.messageHandler()->setLogLevel(0);
  solver.getModelPtr()->setLogLevel(0);
  CoinPackedMatrix matrix(false, 0, 0);
  matrix.setDimensions(0, program.variables.size());
  std::vector<double> rowLow, rowHigh, low, high, costs;
  for (const IntegerProgram::Row &row : program.rows) {
    CoinPackedVector packed;
    for (auto [variable, factor] : row.entries)
      packed.insert(variable, factor);
    matrix.appendRow(packed);
    rowLow.push_back(coinBound(row.low));
    rowHigh.push_back(coinBound(row.high));
  }
  for (const IntegerProgram::Variable &variable : program.variables) {
    low.push_back(variable.low);
    high.push_back(coinBound(variable.high));
    costs.push_back(variable.cost);
  }
  solver.loadProblem(matrix, low.data(), high.data(), costs.data(),
                     rowLow.data(), rowHigh.data());
  for (auto [i, variable] : llvm::enumerate(program.variables))
    if (variable.isInteger)
      solver.setInteger(i);
  solver.setDblParam(OsiPrimalTolerance, kIntegerProgramTolerance);
  solver.setDblParam(OsiDualTolerance, kIntegerProgramTolerance);
}

/// Cuts and heuristics, the limits of the options, branching by priority.
void configure(const IntegerProgram &program,
               const IntegerProgramOptions &options, CbcModel &model) {
  model.setLogLevel(0);
  model.setRandomSeed(1);
  model.setDblParam(CbcModel::CbcIntegerTolerance, kIntegerProgramTolerance);
  model.setDblParam(CbcModel::CbcAllowableGap, 0);
  model.setDblParam(CbcModel::CbcAllowableFractionGap, 0);
  model.setDblParam(CbcModel::CbcCutoffIncrement, options.increment);
  model.setMaximumNodes(std::min<uint64_t>(options.nodes, INT_MAX));
  CglProbing probing;
  probing.setMaxPass(1);
  probing.setRowCuts(3);
  CglKnapsackCover covers;
  CglMixedIntegerRounding2 rounding;
  CglGomory gomory;
  // -1: as often as it pays.
  model.addCutGenerator(&probing, -1, "probing");
  model.addCutGenerator(&covers, -1, "covers");
  model.addCutGenerator(&rounding, -1, "rounding");
  model.addCutGenerator(&gomory, -1, "gomory");
  CbcRounding round(model);
  CbcHeuristicDiveCoefficient dive(model);
  model.addHeuristic(&round);
  model.addHeuristic(&dive);
  model.findIntegers(false);
  std::vector<int> priorities;
  for (const IntegerProgram::Variable &variable : program.variables)
    if (variable.isInteger)
      priorities.push_back(variable.priority);
  model.passInPriorities(priorities.data(), false);
}

IntegerProgramResult read(const IntegerProgram &program, CbcModel &model) {
  IntegerProgramResult result;
  result.nodes = model.getNodeCount();
  result.isComplete = model.isProvenOptimal() || model.isProvenInfeasible();
  result.bound = model.getBestPossibleObjValue();
  const double *solution = model.bestSolution();
  if (!solution)
    return result;
  std::vector<double> &values = result.values.emplace();
  for (auto [i, variable] : llvm::enumerate(program.variables)) {
    double value = variable.isInteger ? std::round(solution[i]) : solution[i];
    values.push_back(value);
    result.objective += value * variable.cost;
  }
  return result;
}

/// The solver expects a variable.
IntegerProgramResult withoutVariables(const IntegerProgram &program) {
  IntegerProgramResult result;
  result.isComplete = true;
  result.bound = IntegerProgram::kInfinity;
  if (llvm::any_of(program.rows, [](const IntegerProgram::Row &row) {
        return row.low > 0 || row.high < 0;
      }))
    return result;
  result.values.emplace();
  result.bound = 0;
  return result;
}

llvm::Expected<IntegerProgramResult> run(const IntegerProgram &program,
                                         const IntegerProgramOptions &options) {
  OsiClpSolverInterface solver;
  load(program, solver);
  CbcModel model(solver);
  configure(program, options, model);
  if (options.progress) {
    Listener listener(options);
    model.passInEventHandler(&listener);
  }
  model.initialSolve();
  if (model.solver()->isProvenPrimalInfeasible()) {
    IntegerProgramResult result;
    result.bound = IntegerProgram::kInfinity;
    result.isComplete = true;
    return result;
  }
  if (model.solver()->isProvenDualInfeasible())
    return refuse("the objective has no bound");
  model.branchAndBound();
  return read(program, model);
}
} // namespace

llvm::Expected<IntegerProgramResult>
solve(const IntegerProgram &program, const IntegerProgramOptions &options) {
  if (llvm::Error error = check(program))
    return error;
  if (program.variables.empty())
    return withoutVariables(program);
  try {
    return run(program, options);
  } catch (CoinError &error) {
    return refuse("the solver says: " + error.message());
  } catch (const std::exception &error) {
    return refuse("the solver failed: " + llvm::Twine(error.what()));
  } catch (...) {
    return refuse("the solver failed");
  }
}

} // namespace gnomon
