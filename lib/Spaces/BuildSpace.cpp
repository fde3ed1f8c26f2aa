// SPDX-License-Identifier: Apache-2.0
// What every space does with its options, and the frame of its module.

#include "BuildSpace.h"

#include "ArchitectureJson.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

namespace gnomon {

llvm::Error checkOptions(const SpaceOptions &options,
                         llvm::ArrayRef<double> widths) {
  for (int64_t size : options.resolutions)
    if (size < kMinResolution || size > kMaxResolution)
      return mismatch("resolutions", llvm::Twine(size),
                      llvm::Twine(kMinResolution) + " to " +
                          llvm::Twine(kMaxResolution));
  if (options.batch < 1 || options.batch > kMaxBatch)
    return mismatch("batch", llvm::Twine(options.batch),
                    "1 to " + llvm::Twine(kMaxBatch));
  if (options.widthMult == 0 || llvm::is_contained(widths, options.widthMult))
    return llvm::Error::success();
  std::vector<std::string> known;
  for (double width : widths)
    known.push_back(llvm::formatv("{0:f2}", width));
  std::string found = llvm::formatv("{0:f2}", options.widthMult);
  return mismatch("width-mult", found, oneOf(known));
}

std::vector<int64_t> resolutionsOf(const SpaceOptions &options,
                                   llvm::ArrayRef<int64_t> trained) {
  std::vector<int64_t> sizes(options.resolutions.begin(),
                             options.resolutions.end());
  if (sizes.empty())
    sizes.assign(trained.begin(), trained.end());
  llvm::sort(sizes);
  sizes.erase(llvm::unique(sizes), sizes.end());
  return sizes;
}

SpaceDecision resolutionDecision(llvm::ArrayRef<int64_t> resolutions) {
  SpaceDecision decision{kResolutionDecision.str(), {}, {}, {}};
  for (int64_t size : resolutions)
    decision.options.push_back(std::to_string(size));
  return decision;
}

std::vector<int64_t> steps(int64_t first, int64_t last, int64_t step) {
  std::vector<int64_t> values;
  for (int64_t value = first; value <= last; value += step)
    values.push_back(value);
  return values;
}

llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> buildSpace(
    mlir::MLIRContext &context, const Space &space, const SpaceOptions &options,
    llvm::ArrayRef<double> widths,
    llvm::function_ref<mlir::Value(NetworkBuilder &, mlir::Value)> emit) {
  if (llvm::Error error = checkOptions(options, widths))
    return error;
  NetworkBuilder network(context);
  network.module()->setAttr("gnomon.space",
                            mlir::StringAttr::get(&context, space.name()));
  std::vector<SpaceDecision> decisions = space.decisions(options);
  for (const SpaceDecision &decision : decisions)
    network.decision(decision.name, decision.options);
  std::string symbol = (space.name() + "_r").str();
  llvm::replace(symbol, '-', '_');
  for (const std::string &option : decisions.front().options) {
    int64_t size = 0;
    llvm::StringRef(option).getAsInteger(10, size);
    mlir::Value image = network.beginFunction(symbol + option, option,
                                              {options.batch, 3, size, size});
    network.endFunction(emit(network, image));
  }
  return network.take();
}

} // namespace gnomon
