// SPDX-License-Identifier: Apache-2.0
// The gnomon dialect: what Gnomon says about other dialects' operations.

#ifndef GNOMON_DIALECT_GNOMON_GNOMONDIALECT_TD
#define GNOMON_DIALECT_GNOMON_GNOMONDIALECT_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/DialectBase.td"

def Gnomon_Dialect : Dialect {
  let name = "gnomon";
  let cppNamespace = "::gnomon";
  let summary = "Latency estimates on operations, and supernets";
  let description = [{
    Estimates are discardable attributes: `gnomon.estimate` on the operation a
    kernel is named after, and `gnomon.kernel` (a string, the kernel's name) on
    the other operations that were fused into it.

    A supernet is a module with decisions and choices: see `gnomon.decision` and
    `gnomon.choice`. Its functions, one for each input resolution, carry
    `gnomon.alternative`, which says by what decision they are chosen.
    `gnomon.block` (a string) on the last operation of a block is the block's
    key in look-up tables, `gnomon.init` (a string) on a constant without a
    value says how its weights are to be made, and `gnomon.space` and
    `gnomon.architecture` (strings) on a module say which network of which space
    it is.
  }];
  let hasOperationAttrVerify = 1;
  let useDefaultAttributePrinterParser = 1;
}

def Gnomon_EstimateAttr : AttrDef<Gnomon_Dialect, "Estimate"> {
  let mnemonic = "estimate";
  let summary = "How long a kernel takes, how sure that is and who says so";
  let description = [{
    Times are microseconds; the truth lies in [low_us, high_us] with the given
    confidence, 0 where nothing is known about that. `source` is `predicted`, `extrapolated` (a model outside its
    training range), `roofline` (no model for this kind of kernel), `free` (no
    work at run time) or `unsupported` (nobody can cost it).

    ```mlir
    #gnomon.estimate<latency_us = 12.5, low_us = 11.0, high_us = 14.2,
      confidence = 0.9, source = predicted, kind = "conv", kernel = "conv1">
    ```
  }];
  let parameters = (ins
    "::gnomon::EstimateNumbers":$numbers,
    "::gnomon::Source":$source,
    StringRefParameter<"kind of kernel">:$kind,
    StringRefParameter<"name of the kernel">:$kernel);
  let genVerifyDecl = 1;
  let hasCustomAssemblyFormat = 1;
  let extraClassDeclaration = [{
    double latencyUs() const { return getNumbers().latencyUs; }
    double lowUs() const { return getNumbers().lowUs; }
    double highUs() const { return getNumbers().highUs; }
    double confidence() const { return getNumbers().confidence; }
  }];
}

def Gnomon_AlternativeAttr : AttrDef<Gnomon_Dialect, "Alternative"> {
  let mnemonic = "alternative";
  let summary = "The option by which a function is chosen";
  let description = [{
    On a function, as `gnomon.alternative`: the function is the network if the
    decision takes this option. Functions of one module that name the same
    decision are alternatives of each other.

    ```mlir
    #gnomon.alternative<@resolution, "224">
    ```
  }];
  let parameters = (ins
    AttrParameter<"::mlir::FlatSymbolRefAttr", "the decision">:$decision,
    StringRefParameter<"its option">:$option);
  let assemblyFormat = "`<` $decision `,` $option `>`";
}

#endif // GNOMON_DIALECT_GNOMON_GNOMONDIALECT_TD
