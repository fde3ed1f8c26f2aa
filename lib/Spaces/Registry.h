// SPDX-License-Identifier: Apache-2.0
// The spaces, each where it is defined.

#ifndef GNOMON_LIB_SPACES_REGISTRY_H
#define GNOMON_LIB_SPACES_REGISTRY_H

#include "gnomon/Spaces/Space.h"

namespace gnomon {

const Space &compOfaSpace();
const Space &compOfaElasticSpace();
const Space &fbnetSpace();
const Space &fbnetASpace();
const Space &fbnetCifarSpace();
const Space &mobileNetV2Space();
const Space &nasBench201Space();
const Space &ofaMobileNetV3Space();
const Space &ofaProxylessSpace();
const Space &ofaProxylessGoogleSpace();
const Space &ofaResNet50dSpace();
const Space &proxylessSpace();
const Space &tunasSpace();

} // namespace gnomon

#endif // GNOMON_LIB_SPACES_REGISTRY_H
