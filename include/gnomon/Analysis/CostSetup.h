// SPDX-License-Identifier: Apache-2.0
// A bundle that is asked about one device: what costs depend on besides the IR.

#ifndef GNOMON_ANALYSIS_COSTSETUP_H
#define GNOMON_ANALYSIS_COSTSETUP_H

#include "gnomon/Analysis/RuntimeRules.h"
#include "gnomon/Analysis/TargetDevice.h"
#include "gnomon/Cost/ModelBundle.h"
#include "gnomon/Cost/TableBundle.h"
#include "mlir/IR/BuiltinOps.h"

namespace gnomon {

/// Bundles know either the kernels of a runtime or the blocks of a space; who
/// needs the one or the other asks with `dyn_cast`.
class CostSetup {
public:
  enum class Kind { Kernels, Table };

  /// Loads the bundle in the folder `bundle`, whose bundle.json says which kind
  /// it is, and the device: `device` if it is not empty, else what the module's
  /// target specification asks for (TargetDevice.h), else the bundle's own.
  /// `confidence` is that of intervals; 0: 0.9 where the bundle has intervals,
  /// else none.
  static llvm::Expected<std::unique_ptr<CostSetup>> load(llvm::StringRef bundle,
                                                         llvm::StringRef device,
                                                         mlir::ModuleOp module,
                                                         double confidence = 0);

  virtual ~CostSetup() = default;

  Kind getKind() const { return kind; }
  /// What reports say about bundle and device.
  virtual llvm::StringRef bundleName() const = 0;
  virtual llvm::StringRef fingerprint() const = 0;
  virtual llvm::StringRef deviceName() const = 0;
  /// Intervals of networks, of log(truth / latency).
  virtual const LogIntervals &networkIntervals() const = 0;
  /// How far its predictions of networks are off.
  virtual const ErrorModel &errors() const = 0;
  /// Of all intervals; 0: the bundle knows none, and low and high are the
  /// latency itself.
  double confidence() const { return wantedConfidence; }
  /// The interval of networks at this confidence.
  std::pair<double, double> networkInterval() const {
    return logInterval(networkIntervals(), wantedConfidence);
  }

protected:
  CostSetup(Kind kind, double confidence)
      : kind(kind), wantedConfidence(confidence) {}

private:
  Kind kind;
  double wantedConfidence;
};

/// What a bundle of models knows about the kernels of a runtime on a device.
class KernelSetup : public CostSetup {
public:
  static llvm::Expected<std::unique_ptr<KernelSetup>>
  create(std::unique_ptr<const ModelBundle> bundle, const TargetDevice &device,
         double confidence);

  const ModelBundle &bundle() const { return *loadedBundle; }
  const DeviceSpec &device() const { return spec; }
  const RuntimeRules &rules() const { return runtimeRules; }

  llvm::StringRef bundleName() const override { return loadedBundle->name; }
  llvm::StringRef fingerprint() const override {
    return loadedBundle->fingerprint;
  }
  llvm::StringRef deviceName() const override { return spec.name; }
  const LogIntervals &networkIntervals() const override {
    return loadedBundle->network.intervals;
  }
  const ErrorModel &errors() const override {
    return loadedBundle->network.errors;
  }
  static bool classof(const CostSetup *setup) {
    return setup->getKind() == Kind::Kernels;
  }

private:
  KernelSetup(std::unique_ptr<const ModelBundle> bundle, DeviceSpec spec,
              RuntimeRules rules, double confidence)
      : CostSetup(Kind::Kernels, confidence), loadedBundle(std::move(bundle)),
        spec(std::move(spec)), runtimeRules(std::move(rules)) {}

  std::unique_ptr<const ModelBundle> loadedBundle;
  DeviceSpec spec;
  RuntimeRules runtimeRules;
};

/// What look-up tables say about the blocks of a space on their device.
class TableSetup : public CostSetup {
public:
  /// Errors: another device than the tables are of, a confidence that they have
  /// no intervals for.
  static llvm::Expected<std::unique_ptr<TableSetup>>
  create(std::unique_ptr<const TableBundle> bundle, llvm::StringRef device,
         double confidence);

  const TableBundle &bundle() const { return *loadedBundle; }

  llvm::StringRef bundleName() const override { return loadedBundle->name; }
  llvm::StringRef fingerprint() const override {
    return loadedBundle->fingerprint;
  }
  llvm::StringRef deviceName() const override { return loadedBundle->device; }
  const LogIntervals &networkIntervals() const override {
    return loadedBundle->intervals;
  }
  const ErrorModel &errors() const override { return loadedBundle->errors; }
  static bool classof(const CostSetup *setup) {
    return setup->getKind() == Kind::Table;
  }

private:
  TableSetup(std::unique_ptr<const TableBundle> bundle, double confidence)
      : CostSetup(Kind::Table, confidence), loadedBundle(std::move(bundle)) {}

  std::unique_ptr<const TableBundle> loadedBundle;
};

/// The setup as one that knows kernels. Error: it is a table of blocks, so that
/// `what` cannot be had.
llvm::Expected<const KernelSetup &> requireKernels(const CostSetup &setup,
                                                   llvm::StringRef what);

} // namespace gnomon

#endif // GNOMON_ANALYSIS_COSTSETUP_H
