// SPDX-License-Identifier: Apache-2.0
// Writing whole files: readers see the old content or the new, nothing between.

#include "gnomon/Support/Files.h"
#include "llvm/Support/raw_ostream.h"

llvm::Error gnomon::writeWholeFile(llvm::StringRef path,
                                   llvm::StringRef content) {
  if (path == "-") {
    llvm::outs() << content;
    llvm::outs().flush();
    return llvm::Error::success();
  }
  llvm::Error problem =
      llvm::writeToOutput(path, [&](llvm::raw_ostream &stream) {
        stream << content;
        return llvm::Error::success();
      });
  if (!problem)
    return problem;
  return llvm::createStringError(
      path + ": cannot be written: " + llvm::toString(std::move(problem)));
}
