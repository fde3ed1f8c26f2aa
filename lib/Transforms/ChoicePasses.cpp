// SPDX-License-Identifier: Apache-2.0
// The passes on supernets: options in, one library function, diagnostics out.

#include "gnomon/Dialect/Gnomon/GnomonOps.h"
#include "gnomon/Transforms/Choices.h"
#include "gnomon/Transforms/Passes.h"

namespace gnomon {
#define GEN_PASS_DEF_MATERIALIZECHOICESPASS
#include "gnomon/Transforms/Passes.h.inc"
} // namespace gnomon

using namespace gnomon;
using namespace mlir;

/// `decision=option` pairs; one that is none is an error at the module.
static FailureOr<std::map<std::string, std::string>>
parseSelection(ModuleOp module, ArrayRef<std::string> pairs) {
  std::map<std::string, std::string> selection;
  for (StringRef pair : pairs) {
    auto [name, option] = pair.split('=');
    if (name.empty() || option.empty())
      return emitError(module.getLoc())
             << "selection: expected decision=option, found '" << pair << "'";
    if (!selection.emplace(name, option).second)
      return emitError(module.getLoc())
             << "selection: @" << name << " is selected twice";
  }
  return selection;
}

namespace {

struct MaterializeChoices
    : gnomon::impl::MaterializeChoicesPassBase<MaterializeChoices> {
  using MaterializeChoicesPassBase::MaterializeChoicesPassBase;
  void runOnOperation() override {
    auto wanted = parseSelection(getOperation(), selection);
    if (failed(wanted) || failed(recordSelection(getOperation(), *wanted)) ||
        failed(materializeChoices(getOperation())))
      signalPassFailure();
  }
};

} // namespace
