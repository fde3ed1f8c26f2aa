// SPDX-License-Identifier: Apache-2.0
// Search spaces by name: their decisions, their modules, their architectures.

#ifndef GNOMON_SPACES_SPACE_H
#define GNOMON_SPACES_SPACE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/APInt.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace gnomon {

/// Decision -> option. Decisions that do not matter (they are asked inside
/// options that are not taken) are absent.
using Selection = std::map<std::string, std::string>;

/// The decision that every space has: it picks the function of a module.
inline constexpr llvm::StringLiteral kResolutionDecision = "resolution";

struct SpaceOptions {
  /// Sizes of the square input image; empty: the list the space was trained
  /// with.
  llvm::SmallVector<int64_t> resolutions;
  /// Multiplier of channels; 0: the space's default.
  double widthMult = 0;
  /// Images a run.
  int64_t batch = 1;
  /// Classes that are told apart; 0: the space's default. Spaces for one data
  /// set have no others.
  int64_t classes = 0;
};

/// What a network of the space decides in one place.
struct SpaceDecision {
  std::string name;
  std::vector<std::string> options;
  /// The decision is asked only where `parent` took one of `parentOptions`;
  /// always if `parent` is empty. A parent precedes its children.
  std::string parent;
  std::vector<std::string> parentOptions;
};

/// A named search space. A network is said in two ways: as a Selection and as
/// an architecture, the JSON object of the tables and tools of its origin.
/// docs/spaces.md describes every space.
class Space {
public:
  virtual ~Space();

  /// As on the command line: "ofa-mbv3".
  virtual llvm::StringRef name() const = 0;
  /// One line for people.
  virtual llvm::StringRef description() const = 0;

  /// The multipliers of channels that options may ask for; the default is the
  /// first.
  virtual std::vector<double> widthMultipliers() const { return {1.0}; }

  /// In the order in which the module declares them; "resolution" is the first.
  virtual std::vector<SpaceDecision>
  decisions(const SpaceOptions &options) const = 0;

  /// The supernet: one function per resolution. Loads the dialects it needs
  /// into `context`. Errors: a resolution, width or batch the space lacks.
  virtual llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
  build(mlir::MLIRContext &context, const SpaceOptions &options) const = 0;

  /// Distinct networks of one resolution.
  virtual llvm::APInt size(const SpaceOptions &options) const;

  /// The selection an architecture means. Errors name the field, what was found
  /// and what was expected: "ks[3]: found 4, expected one of 3, 5, 7".
  virtual llvm::Expected<Selection>
  select(const llvm::json::Object &architecture) const = 0;

  /// And back, in the canonical form: slots not used are 0 or absent, as the
  /// format has it.
  virtual llvm::Expected<llvm::json::Object>
  describe(const Selection &selection) const = 0;

  /// The networks of the smallest and of the largest option everywhere.
  virtual Selection minimum(const SpaceOptions &options = {}) const;
  virtual Selection maximum(const SpaceOptions &options = {}) const;

  /// Every decision drawn uniformly, in order; those not asked are dropped.
  /// Equal seeds give equal selections on every machine.
  Selection random(uint64_t seed, const SpaceOptions &options = {}) const;

  /// An error unless `selection` holds exactly the decisions that are asked,
  /// each with one of its options.
  llvm::Error check(const Selection &selection,
                    const SpaceOptions &options = {}) const;
};

/// Whether a decision is asked, given the ones before it.
bool isAsked(const SpaceDecision &decision, const Selection &selection);

/// Every space, sorted by name.
llvm::ArrayRef<const Space *> allSpaces();

/// Null if there is none of this name.
const Space *findSpace(llvm::StringRef name);

} // namespace gnomon

#endif // GNOMON_SPACES_SPACE_H
