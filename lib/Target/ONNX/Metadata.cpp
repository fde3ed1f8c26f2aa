// SPDX-License-Identifier: Apache-2.0
// What the gnomon attributes say, as metadata that viewers of ONNX show.

#include "Metadata.h"

#include "gnomon/Dialect/Gnomon/GnomonDialect.h"
#include "llvm/Support/FormatVariadic.h"

#include <map>

using namespace mlir;

namespace gnomon {

namespace {
using Properties = std::map<std::string, std::string>;
} // namespace

static void addTimes(EstimateAttr estimate, Properties &properties) {
  properties["gnomon.latency_us"] =
      llvm::formatv("{0:f3}", estimate.latencyUs());
  properties["gnomon.low_us"] = llvm::formatv("{0:f3}", estimate.lowUs());
  properties["gnomon.high_us"] = llvm::formatv("{0:f3}", estimate.highUs());
  properties["gnomon.confidence"] = llvm::formatv("{0}", estimate.confidence());
}

template <typename Proto>
static void write(const Properties &properties, Proto &proto) {
  for (const auto &[key, value] : properties) {
    onnx::StringStringEntryProto *entry = proto.add_metadata_props();
    entry->set_key(key);
    entry->set_value(value);
  }
}

void addModelMetadata(func::FuncOp function, onnx::ModelProto &model) {
  auto module = function->getParentOfType<ModuleOp>();
  Properties properties;
  for (NamedAttribute attribute : module->getAttrs())
    if (auto text = dyn_cast<StringAttr>(attribute.getValue());
        text && attribute.getName().strref().starts_with("gnomon."))
      properties[attribute.getName().str()] = text.str();
  if (auto estimate = function->getAttrOfType<EstimateAttr>(estimateAttrName))
    addTimes(estimate, properties);
  if (auto given = module->getAttrOfType<ArrayAttr>("onnx.metadata_props"))
    for (Attribute property : given)
      if (auto pair = dyn_cast<ArrayAttr>(property); pair && pair.size() == 2 &&
                                                     isa<StringAttr>(pair[0]) &&
                                                     isa<StringAttr>(pair[1]))
        properties.try_emplace(cast<StringAttr>(pair[0]).str(),
                               cast<StringAttr>(pair[1]).str());
  write(properties, model);
}

void addNodeMetadata(Operation &op, onnx::NodeProto &node) {
  Properties properties;
  if (auto estimate = op.getAttrOfType<EstimateAttr>(estimateAttrName)) {
    addTimes(estimate, properties);
    properties["gnomon.source"] = stringify(estimate.getSource()).str();
    properties["gnomon.kind"] = estimate.getKind().str();
    if (!estimate.getKernel().empty())
      properties["gnomon.kernel"] = estimate.getKernel().str();
  }
  for (StringRef name : {StringRef(kernelAttrName), StringRef(blockAttrName)})
    if (auto text = op.getAttrOfType<StringAttr>(name))
      properties[name.str()] = text.str();
  write(properties, node);
}

} // namespace gnomon
