// SPDX-License-Identifier: Apache-2.0
// One ONNX node as one unregistered operation.

#include "Attributes.h"
#include "GraphImporter.h"
#include "ShapesWalker.h"
#include "gnomon/Dialect/Gnomon/GnomonDialect.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace gnomon {

using shapes::describeNode;

/// Whether the operation of a domain is spelled `onnx.<op_type>`.
static bool isStandardDomain(StringRef domain) {
  return domain.empty() || domain == "ai.onnx" || domain == "ai.onnx.ml" ||
         domain == "ai.onnx.training" || domain == "ai.onnx.preview.training" ||
         domain == "ai.onnx.preview";
}

static bool isIdentifier(StringRef name) {
  return !name.empty() &&
         (llvm::isAlpha(name.front()) || name.front() == '_') &&
         llvm::all_of(name, [](char c) {
           return llvm::isAlnum(c) || c == '_' || c == '.';
         });
}

static bool holdsGraphs(const onnx::AttributeProto &attribute) {
  return attribute.type() == onnx::AttributeProto::GRAPH ||
         attribute.type() == onnx::AttributeProto::GRAPHS;
}

LogicalResult GraphImporter::refuseOperand(const onnx::NodeProto &node,
                                           StringRef input, Location loc) {
  InFlightDiagnostic error = emitError(loc)
                             << describeNode(node) << " reads '" << input
                             << "', which nothing before it defines";
  for (Scope *at = scope; at; at = at->outer)
    for (const onnx::NodeProto &other : at->graph->node())
      if (llvm::is_contained(other.output(), input)) {
        error.attachNote(locationOf(other))
            << describeNode(other)
            << " defines it, but ONNX wants nodes in the order of execution";
        return error;
      }
  return error;
}

LogicalResult GraphImporter::operandsOf(const onnx::NodeProto &node,
                                        OperationState &state) {
  Value none;
  for (const std::string &input : node.input()) {
    if (input.empty()) {
      if (!none)
        none = absent(state.location);
      state.addOperands(none);
      continue;
    }
    Value value = lookup(input);
    if (!value)
      return refuseOperand(node, input, state.location);
    state.addOperands(value);
  }
  return success();
}

LogicalResult GraphImporter::importAttributes(const onnx::NodeProto &node,
                                              OperationState &state) {
  for (const onnx::AttributeProto &proto : node.attribute()) {
    if (proto.name().empty())
      return emitError(state.location)
             << describeNode(node) << ": an attribute has no name";
    if (state.attributes.get(proto.name()))
      return emitError(state.location)
             << describeNode(node) << ": the attribute '" << proto.name()
             << "' is given twice";
    if (holdsGraphs(proto))
      continue;
    llvm::Expected<Attribute> attribute =
        importAttribute(proto, builder.getContext());
    if (!attribute)
      return emitError(state.location) << describeNode(node) << ": "
                                       << llvm::toString(attribute.takeError());
    bool isWeight = node.op_type() == "Constant" && proto.name() == "value" &&
                    toReference(*attribute);
    state.addAttribute(isWeight ? "weight" : proto.name(), *attribute);
  }
  return success();
}

LogicalResult GraphImporter::importRegions(const onnx::NodeProto &node,
                                           OperationState &state) {
  SmallVector<std::pair<std::string, const onnx::GraphProto *>> graphs;
  for (const onnx::AttributeProto &proto : node.attribute()) {
    if (proto.type() == onnx::AttributeProto::GRAPH)
      graphs.emplace_back(proto.name(), &proto.g());
    if (proto.type() == onnx::AttributeProto::GRAPHS)
      for (const onnx::GraphProto &graph : proto.graphs())
        graphs.emplace_back(proto.name() + "[]", &graph);
  }
  if (graphs.empty())
    return success();
  // If's branches in the order onnx-mlir gives them: then before else.
  if (node.op_type() == "If")
    llvm::stable_sort(
        graphs, [](const auto &a, const auto &b) { return a.first > b.first; });
  SmallVector<StringRef> names;
  for (const auto &[name, graph] : graphs) {
    names.push_back(name);
    if (failed(importRegion(*graph, *state.addRegion(), state.location)))
      return failure();
  }
  state.addAttribute("onnx.region_names", builder.getStrArrayAttr(names));
  return success();
}

/// The key in look-up tables, which export wrote down as metadata.
static void addBlockKey(const onnx::NodeProto &node, OperationState &state) {
  for (const onnx::StringStringEntryProto &entry : node.metadata_props())
    if (entry.key() == blockAttrName)
      state.attributes.set(blockAttrName,
                           StringAttr::get(state.getContext(), entry.value()));
}

LogicalResult GraphImporter::importNode(const onnx::NodeProto &node) {
  Location loc = locationOf(node);
  bool isStandard = isStandardDomain(node.domain());
  if (isStandard && !isIdentifier(node.op_type()))
    return emitError(loc) << describeNode(node)
                          << ": this is not the name of an operator";
  OperationState state(loc, isStandard ? "onnx." + node.op_type()
                                       : std::string("onnx.Custom"));
  if (!isStandard) {
    state.addAttribute("domain_name", builder.getStringAttr(node.domain()));
    state.addAttribute("function_name", builder.getStringAttr(node.op_type()));
  } else if (node.domain() == "ai.onnx.preview.training" ||
             node.domain() == "ai.onnx.training" ||
             node.domain() == "ai.onnx.preview" ||
             node.domain() == "ai.onnx.ml") {
    state.addAttribute("onnx.domain", builder.getStringAttr(node.domain()));
  }
  if (!node.name().empty())
    state.addAttribute("onnx_node_name", builder.getStringAttr(node.name()));
  addBlockKey(node, state);
  if (!node.overload().empty())
    state.addAttribute("onnx.overload", builder.getStringAttr(node.overload()));
  if (failed(operandsOf(node, state)) ||
      failed(importAttributes(node, state)) ||
      failed(importRegions(node, state)))
    return failure();
  SmallVector<StringRef> names(node.output().begin(), node.output().end());
  state.addAttribute("onnx.result_names", builder.getStrArrayAttr(names));
  for (StringRef name : names)
    state.addTypes(name.empty() ? Type(builder.getNoneType()) : typeOf(name));
  Operation *op = builder.create(state);
  for (auto [name, result] : llvm::zip(names, op->getResults()))
    if (!name.empty() && failed(define(name, result, loc)))
      return failure();
  return success();
}

} // namespace gnomon
