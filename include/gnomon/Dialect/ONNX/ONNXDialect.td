// SPDX-License-Identifier: Apache-2.0
// The open onnx dialect: every operation is allowed, only types are declared.

#ifndef GNOMON_DIALECT_ONNX_ONNXDIALECT_TD
#define GNOMON_DIALECT_ONNX_ONNXDIALECT_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/DialectBase.td"

def ONNX_Dialect : Dialect {
  let name = "onnx";
  let cppNamespace = "::gnomon";
  let summary = "ONNX operators, carried without a generated operation set";
  let description = [{
    Operations are unregistered: `"onnx.Conv"(%x, %w, %b) {...}`, spelled as
    onnx-mlir spells them. What other libraries know about an operation they
    offer as an interface through `ONNXDialect::setInterfaceFallback`. The short
    forms that onnx-mlir prints for Constant, Return and Yield are read, too; we
    print every operation in the generic form.
  }];
  let hasOperationInterfaceFallback = 1;
  let useDefaultTypePrinterParser = 1;
  let extraClassDeclaration = [{
    /// Answers what implements an operation interface for an operation of this
    /// dialect: a pointer to the interface's concept, or null for none.
    using InterfaceFallback = std::function<void *(mlir::OperationName)>;

    /// Let `fallback` answer for the interface `interfaceID`. Called while
    /// dialects are loaded (from a dialect extension), never later.
    void setInterfaceFallback(mlir::TypeID interfaceID, InterfaceFallback fallback);

    std::optional<ParseOpHook>
    getParseOperationHook(llvm::StringRef opName) const override;

  private:
    llvm::DenseMap<mlir::TypeID, InterfaceFallback> fallbacks;

  public:
  }];
}

class ONNX_Type<string name, string typeMnemonic> : TypeDef<ONNX_Dialect, name> {
  let mnemonic = typeMnemonic;
}

def ONNX_StringType : ONNX_Type<"ONNXString", "String"> {
  let summary = "A string, the element of string tensors";
}

def ONNX_UnknownType : ONNX_Type<"ONNXUnknown", "Unknown"> {
  let summary = "A value whose type the model does not say and nobody can infer";
}

def ONNX_SeqType : ONNX_Type<"ONNXSeq", "Seq"> {
  let summary = "A sequence of values of one type";
  let parameters = (ins "::mlir::Type":$elementType);
  let assemblyFormat = "`<` $elementType `>`";
}

def ONNX_OptType : ONNX_Type<"ONNXOpt", "Opt"> {
  let summary = "A value that may be absent";
  let parameters = (ins "::mlir::Type":$elementType);
  let assemblyFormat = "`<` $elementType `>`";
}

def ONNX_MapType : ONNX_Type<"ONNXMap", "Map"> {
  let summary = "A map from integers or strings to values of one type";
  let parameters = (ins "::mlir::Type":$keyType, "::mlir::Type":$valueType);
  let assemblyFormat = "`<` $keyType `,` $valueType `>`";
}

def ONNX_SparseType : ONNX_Type<"ONNXSparse", "Sparse"> {
  let summary = "A sparse tensor of the shape and element type of a dense one";
  let parameters = (ins "::mlir::Type":$denseType);
  let assemblyFormat = "`<` $denseType `>`";
}

#endif // GNOMON_DIALECT_ONNX_ONNXDIALECT_TD
