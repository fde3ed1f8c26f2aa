// SPDX-License-Identifier: Apache-2.0
// The list of spaces.

#include "Registry.h"

#include "llvm/ADT/STLExtras.h"

namespace gnomon {

llvm::ArrayRef<const Space *> allSpaces() {
  static const Space *const spaces[] = {
      &compOfaSpace(),      &compOfaElasticSpace(),
      &fbnetSpace(),        &fbnetASpace(),
      &fbnetCifarSpace(),   &mobileNetV2Space(),
      &nasBench201Space(),  &ofaMobileNetV3Space(),
      &ofaProxylessSpace(), &ofaProxylessGoogleSpace(),
      &ofaResNet50dSpace(), &proxylessSpace(),
      &tunasSpace()};
  return spaces;
}

const Space *findSpace(llvm::StringRef name) {
  for (const Space *space : allSpaces())
    if (space->name() == name)
      return space;
  return nullptr;
}

} // namespace gnomon
