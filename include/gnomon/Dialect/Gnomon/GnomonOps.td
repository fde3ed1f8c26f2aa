// SPDX-License-Identifier: Apache-2.0
// Supernets: decisions, the choices they settle, and the options' results.

#ifndef GNOMON_DIALECT_GNOMON_GNOMONOPS_TD
#define GNOMON_DIALECT_GNOMON_GNOMONOPS_TD

include "gnomon/Dialect/Gnomon/GnomonDialect.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Gnomon_Op<string mnemonic, list<Trait> traits = []>
    : Op<Gnomon_Dialect, mnemonic, traits>;

def DecisionOp : Gnomon_Op<"decision", [Symbol, HasParent<"::mlir::ModuleOp">]> {
  let summary = "Something about a network that is to be decided";
  let description = [{
    A name and the options among which a search picks one. Choices and functions
    refer to a decision by its name; all that do are settled together. A
    selection is recorded in `selected`. A decision that nothing refers to is an
    error, and so are two decisions of which each is nested in the other.

    ```mlir
    gnomon.decision @stage1_block0 ["k3e3", "k3e4", "k5e6"] selected "k3e4"
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrArrayAttr:$options,
                       OptionalAttr<StrAttr>:$selected);
  let assemblyFormat = "$sym_name $options (`selected` $selected^)? attr-dict";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Number of the option of that name; nullopt: there is none.
    std::optional<unsigned> findOption(::llvm::StringRef name);
    ::llvm::StringRef getOption(unsigned index) {
      return ::llvm::cast<::mlir::StringAttr>(getOptions()[index]).getValue();
    }
    /// Sets `selected`; the option must be there.
    void select(unsigned option) { setSelectedAttr(
      ::llvm::cast<::mlir::StringAttr>(getOptions()[option])); }
  }];
}

def ChoiceOp : Gnomon_Op<"choice", [
    DeclareOpInterfaceMethods<SymbolUserOpInterface>,
    DeclareOpInterfaceMethods<RegionBranchOpInterface,
      ["getEntrySuccessorOperands", "areTypesCompatible"]>,
    SingleBlock]> {
  let summary = "One of several sub-networks, as a decision says";
  let description = [{
    A region for each option of the decision, in the decision's order and with
    its names. A region takes the operands as arguments (and may read values from
    outside) and yields the results; one that yields its argument skips the
    block. Choices of one decision are tied, and choices nest: elastic depth is a
    choice inside an option.

    Where options differ in the shape of a result, the result's type says `?`
    there; what reads it may be a choice whose regions know better:

    ```mlir
    %1 = gnomon.choice @width (%0 : tensor<1x8x4x4xf32>) -> tensor<1x?x4x4xf32>
    "half" (%x: tensor<1x8x4x4xf32>) {
      %y = "onnx.Conv"(%x, %w0, %n) : (...) -> tensor<1x16x4x4xf32>
      gnomon.yield %y : tensor<1x16x4x4xf32>
    }
    "whole" (%x: tensor<1x8x4x4xf32>) {
      %y = "onnx.Conv"(%x, %w1, %n) : (...) -> tensor<1x32x4x4xf32>
      gnomon.yield %y : tensor<1x32x4x4xf32>
    }
    %2 = gnomon.choice @width (%1 : tensor<1x?x4x4xf32>) -> tensor<1x8x4x4xf32>
    "half" (%x: tensor<1x16x4x4xf32>) { ... }
    "whole" (%x: tensor<1x32x4x4xf32>) { ... }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$decision, StrArrayAttr:$options,
                       Variadic<AnyType>:$inputs);
  let results = (outs Variadic<AnyType>:$results);
  let regions = (region VariadicRegion<SizedRegion<1>>:$alternatives);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let skipDefaultBuilders = 1;
  let builders = [
    OpBuilder<(ins "::mlir::FlatSymbolRefAttr":$decision,
      "::mlir::ArrayAttr":$options, "::mlir::ValueRange":$inputs,
      "::mlir::TypeRange":$results)>
  ];
  let extraClassDeclaration = [{
    ::llvm::StringRef getOption(unsigned index) {
      return ::llvm::cast<::mlir::StringAttr>(getOptions()[index]).getValue();
    }
    /// What the option's region yields, one value for each result.
    ::mlir::ValueRange yielded(unsigned option);
    /// Whether the option may be given a value for an operand that the options
    /// selected before it have made exact. An error, at the choice and the
    /// value, if its argument has another type.
    ::llvm::LogicalResult verifyGiven(unsigned option, unsigned operand,
                                      ::mlir::Value given);
  }];
}

def YieldOp : Gnomon_Op<"yield", [Pure, ReturnLike, Terminator,
    HasParent<"::gnomon::ChoiceOp">]> {
  let summary = "The results of an option";
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
}

#endif // GNOMON_DIALECT_GNOMON_GNOMONOPS_TD
