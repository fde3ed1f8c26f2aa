// SPDX-License-Identifier: Apache-2.0
// Reads a model file into a small protobuf whose types are known.

#ifndef GNOMON_LIB_TARGET_ONNX_MODELLOADER_H
#define GNOMON_LIB_TARGET_ONNX_MODELLOADER_H

#include "gnomon/Target/ONNX/Import.h"
#include "onnx/onnx_pb.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace gnomon {

struct LoadedModel {
  onnx::ModelProto proto;
  std::vector<std::string> notes; // what stayed unknown
};

/// Strip and parse only. Errors: bytes that are no ONNX model.
llvm::Error parseModel(llvm::StringRef bytes, bool keepWeights,
                       onnx::ModelProto &proto);

/// Strip, parse, inline functions, infer types. Errors name what is broken;
/// exceptions of ONNX and protobuf do not leave.
llvm::Expected<LoadedModel> loadModel(llvm::StringRef bytes,
                                      llvm::StringRef path,
                                      const ImportOptions &options);

} // namespace gnomon

#endif // GNOMON_LIB_TARGET_ONNX_MODELLOADER_H
