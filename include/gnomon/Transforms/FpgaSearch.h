// SPDX-License-Identifier: Apache-2.0
// The search for networks of a supernet and FPGA accelerators for them.

#ifndef GNOMON_TRANSFORMS_FPGASEARCH_H
#define GNOMON_TRANSFORMS_FPGASEARCH_H

#include "gnomon/Accelerator/Hao.h"
#include "gnomon/Transforms/ArchitectureSearch.h"

namespace gnomon {

/// What to look for.
struct FpgaQuery {
  /// Objective (which must keep budgets), accuracy, limits, budgets, seed; most
  /// integer programs are its evaluations. What is about bundles does not
  /// count.
  ArchitectureQuery networks;
  Fpga fpga;
  std::vector<WordLength> widths = {{4, {}}, {8, {}}};
};

struct FpgaFront {
  LayeredSpace space;
  uint32_t objective = 0; ///< metric of the space's problem
  bool isJudged = false;  ///< by an accuracy network: points' values are its
  HaoResult found;

  /// The best point of this word length (0: of any) whose latency keeps the
  /// budget (0: any); null: there is none.
  const HaoPoint *best(const Fpga &fpga, double budgetUs, int64_t bits) const;
  /// The fastest of this word length (0: of any); null: there is none.
  const HaoPoint *fastest(int64_t bits) const;
};

/// HAO (searchAccelerators) over the supernet in `module`. Errors are emitted
/// at the module: no convolution or product, an objective, accuracy or limit
/// that does not fit, word lengths that cannot be.
llvm::FailureOr<FpgaFront> searchForFpga(mlir::ModuleOp module,
                                         const FpgaQuery &query);

/// The front as frontReport() has it; `device` is the FPGA, `evaluations` are
/// integer programs, and a point also has `bits`, `frames_per_s`, `used` and
/// `engines`. Without a point, `least_resources` says what was missing.
llvm::json::Object fpgaFrontReport(mlir::ModuleOp module,
                                   const FpgaQuery &query,
                                   const FpgaFront &front);

/// The answers as answersReport() has them, one for each budget; where losses
/// are not known one for each budget and word length, which `bits` says.
llvm::json::Array fpgaAnswersReport(mlir::ModuleOp module,
                                    const FpgaQuery &query,
                                    const FpgaFront &front);

/// The word lengths that have answers of their own; {0}: all together.
std::vector<int64_t> answeredBits(const FpgaQuery &query,
                                  const FpgaFront &front);

} // namespace gnomon

#endif // GNOMON_TRANSFORMS_FPGASEARCH_H
