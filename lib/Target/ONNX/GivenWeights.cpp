// SPDX-License-Identifier: Apache-2.0
// The initializers of an ONNX file, by name.

#include "GivenWeights.h"

#include "ModelLoader.h"
#include "Tensors.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace gnomon {

llvm::Expected<GivenWeights> GivenWeights::open(StringRef path,
                                                MLIRContext *context) {
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                          /*RequiresNullTerminator=*/false);
  if (!file)
    return llvm::createStringError("%s: cannot be read: %s", path.str().c_str(),
                                   file.getError().message().c_str());
  onnx::ModelProto proto;
  if (llvm::Error error =
          parseModel((*file)->getBuffer(), /*keepWeights=*/false, proto))
    return llvm::createStringError("%s: %s", path.str().c_str(),
                                   llvm::toString(std::move(error)).c_str());
  GivenWeights weights;
  weights.path = path.str();
  for (const onnx::TensorProto &tensor : proto.graph().initializer()) {
    llvm::Expected<Attribute> attribute = tensorToAttribute(tensor, context);
    if (!attribute)
      return attribute.takeError();
    weights.initializers[tensor.name()] = *attribute;
  }
  return weights;
}

static Type typeOf(Attribute attribute) {
  if (std::optional<WeightReference> reference = toReference(attribute))
    return reference->type;
  return cast<TypedAttr>(attribute).getType();
}

llvm::Expected<Attribute> GivenWeights::find(StringRef name,
                                             RankedTensorType type) const {
  auto it = initializers.find(name);
  if (it == initializers.end())
    return llvm::createStringError("%s holds no initializer '%s'", path.c_str(),
                                   name.str().c_str());
  Type found = typeOf(it->second);
  if (found == type)
    return it->second;
  std::string text;
  llvm::raw_string_ostream(text)
      << "the initializer '" << name << "' of " << path << " is a " << found
      << ", a " << type << " was expected";
  return llvm::createStringError(text);
}

} // namespace gnomon
