// SPDX-License-Identifier: Apache-2.0
// Costs as text, JSON and tables.

#ifndef GNOMON_ANALYSIS_COSTREPORT_H
#define GNOMON_ANALYSIS_COSTREPORT_H

#include "gnomon/Analysis/CostAnalysis.h"
#include "llvm/Support/JSON.h"

namespace gnomon {

/// The report that programs read: "schema" 1, "device", "bundle", "network"
/// and "kernels" (program order) of the entry function (nothing, at no cost, in
/// a module without one), and "functions" where there are several. Times are
/// microseconds. With `top`, only the dearest kernels are listed, dearest
/// first. Blocks of a table are listed as kernels of kind "block", whose FLOPs,
/// bytes and roofline are null; a confidence of 0 says that there are no
/// intervals.
llvm::json::Value costReport(const ModuleCost &cost, const CostSetup &setup,
                             std::optional<size_t> top = std::nullopt);

/// The same for people; dearest kernels first. Below each source but
/// `predicted` stand the operators it covers and why.
void printCostText(const ModuleCost &cost, const CostSetup &setup,
                   std::optional<size_t> top, llvm::raw_ostream &os);

/// Kernels as CSV: a header, then one row a kernel. Lists inside a cell are
/// separated by blanks; features that do not apply are empty.
void printKernelTable(mlir::ModuleOp module, const KernelSetup &setup,
                      llvm::raw_ostream &os);

/// Names of the tensors a kernel yields, as the model knows them.
std::vector<std::string> outputNames(const Kernel &kernel);
/// The operators in a kernel ("onnx.Conv"), anchor included, program order.
std::vector<std::string> operationNames(const Kernel &kernel);
/// A location as people write it: the name in it, or file:line:column.
std::string locationText(mlir::LocationAttr location);

} // namespace gnomon

#endif // GNOMON_ANALYSIS_COSTREPORT_H
