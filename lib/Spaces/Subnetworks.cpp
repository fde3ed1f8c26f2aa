// SPDX-License-Identifier: Apache-2.0
// The ONNX files of one supernet: found, imported, checked, copied.

#include "Subnetworks.h"

#include "gnomon/Dialect/Gnomon/SubnetworkImporter.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;
namespace path = llvm::sys::path;

namespace gnomon::spacefile {

/// The built-in blocks mean the same in all operator sets from this one on.
static constexpr int64_t kOldestOperatorSet = 15;

//===- Files --------------------------------------------------------------===//

static std::string folderOf(StringRef file) {
  StringRef folder = path::parent_path(file);
  return folder.empty() ? "." : folder.str();
}

/// Errors do not name the file: whoever asks does.
llvm::Expected<std::string> Subnetworks::resolve(StringRef file) const {
  auto refuse = [](const char *why) {
    return llvm::createStringError(
        "%s; only files within the folder of the space's file are read", why);
  };
  if (file.empty() || file.contains('\0'))
    return refuse("is no name of a file");
  if (path::is_absolute(file))
    return refuse("is an absolute path");
  for (StringRef part : llvm::make_range(path::begin(file), path::end(file)))
    if (part == "..")
      return refuse("holds '..'");
  llvm::SmallString<256> full(folderOf(spaceFile)), real, folder;
  path::append(full, file);
  if (std::error_code error = llvm::sys::fs::real_path(full, real))
    return llvm::createStringError("cannot be read: " + error.message());
  if (llvm::sys::fs::real_path(folderOf(spaceFile), folder))
    return refuse("lies in a folder that is gone");
  StringRef rest = real;
  if (!rest.consume_front(folder) ||
      !(rest.starts_with("/") || folder.ends_with("/")))
    return refuse("leads out through a link");
  return full.str().str();
}

/// Imports with errors as text instead of diagnostics.
static llvm::Expected<OwningOpRef<ModuleOp>>
importFile(StringRef path, StringRef location, RankedTensorType input) {
  MLIRContext *context = input.getContext();
  auto *dialect = context->getOrLoadDialect<GnomonDialect>();
  auto *importer = dialect->getRegisteredInterface<SubnetworkImporter>();
  if (!importer)
    return llvm::createStringError("this program cannot import ONNX files");
  std::string problem;
  ScopedDiagnosticHandler handler(context, [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == DiagnosticSeverity::Error) {
      llvm::raw_string_ostream text(problem);
      if (auto node = dyn_cast<NameLoc>(diagnostic.getLocation()))
        text << node.getName().getValue() << ": ";
      text << diagnostic;
    }
    return success();
  });
  OwningOpRef<ModuleOp> module =
      importer->importSubnetwork(path, location, input);
  if (!module)
    return llvm::createStringError(problem);
  return module;
}

//===- Interfaces ---------------------------------------------------------===//

static std::string nameOf(Attribute name) {
  auto text = dyn_cast_or_null<StringAttr>(name);
  return text ? " '" + text.str() + "'" : "";
}

template <typename... Parts>
static llvm::Error problem(const Parts &...parts) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  (stream << ... << parts);
  return llvm::createStringError(text);
}

static llvm::Error checkInterface(ModuleOp module, RankedTensorType input) {
  auto functions = llvm::to_vector(module.getOps<func::FuncOp>());
  if (functions.size() != 1 || !functions[0].getBody().hasOneBlock())
    return problem("found ", functions.size(), " functions, expected one");
  func::FuncOp function = functions.front();
  if (function.getNumArguments() != 1)
    return problem("found ", function.getNumArguments(),
                   " inputs, expected one");
  if (function.getNumResults() != 1)
    return problem("found ", function.getNumResults(),
                   " outputs, expected one");
  Type found = function.getArgumentTypes().front();
  if (found != input)
    return problem("the input", nameOf(function.getArgAttr(0, "onnx.name")),
                   " is ", found, ", expected ", Type(input),
                   ", which the place has");
  auto result = dyn_cast<RankedTensorType>(function.getResultTypes().front());
  if (!result || !result.hasStaticShape() ||
      result.getElementType() != input.getElementType())
    return problem("the output", nameOf(function.getResultAttr(0, "onnx.name")),
                   " is ", function.getResultTypes().front(),
                   ", expected a tensor of ", input.getElementType(),
                   " with static sizes");
  return llvm::Error::success();
}

llvm::Error Subnetworks::noteOperatorSets(ModuleOp module) {
  auto sets = module->getAttrOfType<DictionaryAttr>("onnx.opset_imports");
  for (NamedAttribute set : sets ? sets.getValue() : ArrayRef<NamedAttribute>())
    if (auto version = dyn_cast<IntegerAttr>(set.getValue())) {
      StringRef domain = set.getName();
      int64_t found = version.getValue().getSExtValue();
      if (domain == "ai.onnx" && found < kOldestOperatorSet)
        return problem("found operator set ", found, ", expected ",
                       kOldestOperatorSet, " or newer");
      auto [known, isNew] = operatorSets.try_emplace(domain.str(), found);
      if (known->second != found)
        return problem("found operator set ", found, " of ", domain,
                       ", expected ", known->second,
                       " as in the other files of the space");
    }
  if (auto version = module->getAttrOfType<IntegerAttr>("onnx.ir_version"))
    irVersion = std::max(irVersion, version.getValue().getSExtValue());
  return llvm::Error::success();
}

llvm::Expected<func::FuncOp> Subnetworks::find(const std::string &file,
                                               RankedTensorType input) {
  OwningOpRef<ModuleOp> &known = modules[{file, input.getAsOpaquePointer()}];
  if (!known) {
    llvm::Expected<std::string> path = resolve(file);
    if (!path)
      return path.takeError();
    llvm::Expected<OwningOpRef<ModuleOp>> module =
        importFile(*path, file, input);
    if (!module)
      return module.takeError();
    if (llvm::Error error = checkInterface(**module, input))
      return error;
    if (llvm::Error error = noteOperatorSets(**module))
      return error;
    known = std::move(*module);
  }
  return *known->getOps<func::FuncOp>().begin();
}

//===- Copies -------------------------------------------------------------===//

/// The names in a copied operation get the scopes of their new place.
static void addScopes(NetworkBuilder &network, Operation *op) {
  auto scoped = [&](StringRef name) {
    auto location = cast<NameLoc>(network.location(name));
    return location.getName();
  };
  auto location = dyn_cast<NameLoc>(op->getLoc());
  op->setLoc(network.location(location ? location.getName().getValue()
                                       : op->getName().stripDialect()));
  if (auto name = op->getAttrOfType<StringAttr>("onnx_node_name"))
    op->setAttr("onnx_node_name", scoped(name));
  auto names = op->getAttrOfType<ArrayAttr>("onnx.result_names");
  if (!names)
    return;
  SmallVector<Attribute> renamed;
  for (Attribute name : names)
    renamed.push_back(scoped(cast<StringAttr>(name)));
  op->setAttr("onnx.result_names", ArrayAttr::get(op->getContext(), renamed));
}

llvm::Expected<Value> Subnetworks::emit(NetworkBuilder &network,
                                        const std::string &file,
                                        const JsonView &where, Value x) {
  auto type = dyn_cast<RankedTensorType>(x.getType());
  llvm::Expected<func::FuncOp> function = find(file, type);
  if (!function)
    return where.error(llvm::Twine(file) + ": " +
                       llvm::toString(function.takeError()));
  IRMapping map;
  Block &body = function->front();
  map.map(body.getArgument(0), x);
  for (Operation &op : body.without_terminator()) {
    Operation *copy = network.ops().clone(op, map);
    copy->walk([&](Operation *inner) { addScopes(network, inner); });
  }
  return map.lookup(body.getTerminator()->getOperand(0));
}

void Subnetworks::describe(ModuleOp module) const {
  if (modules.empty())
    return;
  Builder builder(module.getContext());
  NamedAttrList sets;
  for (const auto &[domain, version] : operatorSets)
    sets.set(domain, builder.getI64IntegerAttr(version));
  if (operatorSets.count("ai.onnx"))
    module->setAttr("onnx.opset_imports",
                    sets.getDictionary(module.getContext()));
  auto own = module->getAttrOfType<IntegerAttr>("onnx.ir_version");
  module->setAttr("onnx.ir_version", builder.getI64IntegerAttr(std::max(
                                         irVersion, own ? own.getInt() : 0)));
  module->setAttr("onnx.source", builder.getStringAttr(spaceFile));
}

} // namespace gnomon::spacefile
