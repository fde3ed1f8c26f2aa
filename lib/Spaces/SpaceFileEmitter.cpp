// SPDX-License-Identifier: Apache-2.0
// From the tree of a space's file to operations and choices.

#include "SpaceFileTree.h"
#include "Subnetworks.h"
#include "gnomon/Dialect/Gnomon/GnomonOps.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace gnomon::spacefile {

namespace {

/// Options of nested depths are emitted again and again.
constexpr int64_t kMaxEmitted = 5 * kMaxBodies;

class Emitter {
public:
  Emitter(const Tree &tree, NetworkBuilder &network, Subnetworks &subnetworks)
      : tree(tree), network(network), subnetworks(subnetworks) {}

  /// Strides count in the `first` copies only.
  llvm::Expected<Value> emitItems(ArrayRef<Item> items, Value x,
                                  const std::string &prefix, bool first) {
    for (const Item &item : items) {
      llvm::Expected<Value> y = emitItem(item, x, prefix, first);
      if (!y)
        return y;
      x = *y;
    }
    return x;
  }

private:
  /// What an option is called, where it is for errors, how it is emitted.
  struct Alternative {
    std::string name;
    const JsonView &where;
    std::function<llvm::Expected<Value>(Value)> emit;
  };

  llvm::Expected<Value> emitItem(const Item &item, Value x,
                                 const std::string &prefix, bool first) {
    if (item.depths.empty())
      return emitCopies(item, 0, std::max<int64_t>(item.repeat, 1), x, prefix,
                        first);
    int64_t least = item.depths.front();
    llvm::Expected<Value> y = emitCopies(item, 0, least, x, prefix, first);
    if (!y)
      return y;
    std::vector<Alternative> alternatives;
    for (int64_t depth : item.depths)
      alternatives.push_back(
          {std::to_string(depth), item.body.where, [=, this, &item](Value in) {
             return emitCopies(item, least, depth, in, prefix, first);
           }});
    return emitChoice(depthDecision(item, prefix), alternatives, 0, *y);
  }

  llvm::Expected<Value> emitCopies(const Item &item, int64_t begin, int64_t end,
                                   Value x, const std::string &prefix,
                                   bool first) {
    for (int64_t copy = begin; copy < end; ++copy) {
      std::string name = copyName(item, copy);
      NetworkBuilder::Scope scope(network, name);
      llvm::Expected<Value> y =
          emitBody(item.body, x, placeName(prefix, name), first && copy == 0);
      if (!y)
        return y;
      x = *y;
    }
    return x;
  }

  llvm::Expected<Value> emitBody(const Body &body, Value x,
                                 const std::string &name, bool first) {
    if (++emitted > kMaxEmitted)
      return body.where.error("a function of the space has more than " +
                              llvm::Twine(kMaxEmitted) +
                              " blocks, choices and sequences");
    switch (body.form) {
    case Body::Form::Block:
      if (body.block.kind == BlockKind::Onnx)
        return subnetworks.emit(network, body.block.file,
                                *body.where.find("file"), x);
      return emitBlock(network, body.block, body.where, x, first);
    case Body::Form::Use:
      return emitBody(tree.blocks.at(body.use), x, name, first);
    case Body::Form::Sequence:
      return emitSequence(body, x, name, first);
    case Body::Form::Choose:
      return emitOptions(body, x, name, first);
    }
  }

  llvm::Expected<Value> emitSequence(const Body &body, Value x,
                                     const std::string &name, bool first) {
    llvm::Expected<Value> y = emitItems(body.items, x, name, first);
    if (!y || !body.residual)
      return y;
    if (y->getType() != x.getType())
      return mismatch(*body.where.find("residual"), "the sequence yields ", *y,
                      x.getType(), "as its input is");
    return network.add(*y, x);
  }

  llvm::Expected<Value> emitOptions(const Body &body, Value x,
                                    const std::string &name, bool first) {
    std::vector<Alternative> alternatives;
    size_t pattern = body.options.size();
    for (const Option &option : body.options) {
      alternatives.push_back(
          {option.name, option.body.where, [=, this, &option](Value in) {
             return emitOption(option, in, name, first);
           }});
      bool isFile = option.body.form == Body::Form::Block &&
                    option.body.block.kind == BlockKind::Onnx;
      if (!isFile)
        pattern = std::min(pattern, alternatives.size() - 1);
    }
    return emitChoice(body.tie.empty() ? name : body.tie, alternatives,
                      pattern % body.options.size(), x);
  }

  llvm::Expected<Value> emitOption(const Option &option, Value x,
                                   const std::string &name, bool first) {
    if (option.body.form == Body::Form::Block)
      return emitBody(option.body, x, name, first);
    NetworkBuilder::Scope scope(network, option.name);
    return emitBody(option.body, x, placeName(name, option.name), first);
  }

  /// All options must yield what the one at `pattern` does.
  llvm::Expected<Value> emitChoice(const std::string &decision,
                                   ArrayRef<Alternative> alternatives,
                                   size_t pattern, Value x) {
    OpBuilder &builder = network.ops();
    SmallVector<std::unique_ptr<Region>> regions;
    SmallVector<Value> results;
    for (const Alternative &alternative : alternatives) {
      OpBuilder::InsertionGuard guard(builder);
      Region &region = *regions.emplace_back(std::make_unique<Region>());
      Block &block = region.emplaceBlock();
      Value in = block.addArgument(x.getType(), builder.getUnknownLoc());
      builder.setInsertionPointToStart(&block);
      llvm::Expected<Value> y = alternative.emit(in);
      if (!y)
        return y;
      YieldOp::create(builder, builder.getUnknownLoc(), *y);
      results.push_back(*y);
    }
    Type type = results[pattern].getType();
    SmallVector<StringRef> names;
    for (auto [alternative, result] : llvm::zip_equal(alternatives, results)) {
      if (result.getType() != type)
        return mismatch(alternative.where,
                        "the option \"" + alternative.name + "\" yields ",
                        result, type,
                        "which \"" + alternatives[pattern].name + "\" yields");
      names.push_back(alternative.name);
    }
    auto choice =
        ChoiceOp::create(builder, network.location(decision),
                         FlatSymbolRefAttr::get(builder.getContext(), decision),
                         builder.getStrArrayAttr(names), x, type);
    for (auto [target, source] :
         llvm::zip_equal(choice.getAlternatives(), regions))
      target.takeBody(*source);
    return choice.getResult(0);
  }

  /// Files are named beside the field that holds them.
  static llvm::Error mismatch(const JsonView &where, const llvm::Twine &what,
                              Value found, Type expected,
                              const llvm::Twine &why) {
    std::optional<JsonView> file = where.find("file");
    std::string text;
    llvm::raw_string_ostream stream(text);
    if (file)
      stream << llvm::cantFail(file->string()) << ": ";
    stream << what << found.getType() << ", expected " << expected << ", "
           << why;
    return (file ? *file : where).error(text);
  }

  const Tree &tree;
  NetworkBuilder &network;
  Subnetworks &subnetworks;
  int64_t emitted = 0;
};

} // namespace

llvm::Expected<Value> emitTree(const Tree &tree, NetworkBuilder &network,
                               Subnetworks &subnetworks, Value x) {
  return Emitter(tree, network, subnetworks)
      .emitItems(tree.network, x, "", true);
}

} // namespace gnomon::spacefile
