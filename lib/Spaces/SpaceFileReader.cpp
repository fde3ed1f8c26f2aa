// SPDX-License-Identifier: Apache-2.0
// From the JSON of a space's file to its tree.

#include "BuildSpace.h"
#include "SpaceFileTree.h"
#include "gnomon/Support/JsonFields.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

using llvm::StringRef;

namespace gnomon::spacefile {

namespace {

constexpr int64_t kMaxChannels = 65536, kMaxKernel = 31, kMaxStride = 16;
constexpr int64_t kMaxRepeat = 64;

using Names = std::vector<StringRef>;

/// Reads everything and notes the first problem in the fields.
class Reader {
public:
  Tree readFile(const JsonFields &f) {
    f.only({"$schema", "schema", "name", "description", "channels",
            "resolutions", "blocks", "network"});
    f.integer("schema", 1, 1);
    Tree tree;
    tree.name = readName(f, "name");
    tree.description = f.stringOr("description", "");
    tree.channels = integerOr(f, "channels", 3, 1, kMaxChannels);
    tree.resolutions =
        distinct(f, "resolutions",
                 f.integers("resolutions", kMinResolution, kMaxResolution));
    llvm::sort(tree.resolutions);
    for (const std::string &name : f.names("blocks"))
      if (auto definitions = f.object("blocks"))
        if (auto definition = definitions->object(name))
          tree.blocks.emplace(name, readBody(*definition, {}));
    tree.network = readItems(f, "network");
    return tree;
  }

private:
  static int64_t integerOr(const JsonFields &f, StringRef name,
                           int64_t fallback, int64_t low, int64_t high) {
    return f.has(name) ? f.integer(name, low, high) : fallback;
  }

  /// Names become parts of symbols and of pass options.
  static std::string readName(const JsonFields &f, StringRef member) {
    std::string name = f.string(member);
    auto fits = [](char c) {
      return llvm::isAlnum(c) || StringRef("_-.").contains(c);
    };
    if (name.empty() || !llvm::all_of(name, fits))
      f.fail(member, "expected a name of letters, digits, '_', '-' and '.', "
                     "found \"" +
                         llvm::Twine(name) + "\"");
    return name;
  }

  static std::vector<int64_t> distinct(const JsonFields &f, StringRef member,
                                       std::vector<int64_t> values) {
    if (values.empty())
      f.fail(member, "expected at least one number");
    for (auto value = values.begin(); value != values.end(); ++value)
      if (std::find(values.begin(), value, *value) != value)
        f.fail(member, "the number " + llvm::Twine(*value) + " is there twice");
    return values;
  }

  std::vector<Item> readItems(const JsonFields &f, StringRef member) {
    std::vector<Item> items;
    llvm::StringSet<> names;
    for (const JsonFields &element : f.elements(member)) {
      items.push_back(readItem(element));
      if (!names.insert(items.back().name).second)
        element.fail("name", "a second item of the name \"" +
                                 llvm::Twine(items.back().name) +
                                 "\" in one sequence");
    }
    if (items.empty())
      f.fail(member, "expected at least one item");
    return items;
  }

  Item readItem(const JsonFields &f) {
    Item item{readName(f, "name"),
              readBody(f, {"name", "repeat", "depth", "tie_depth"}),
              integerOr(f, "repeat", 0, 1, kMaxRepeat),
              {},
              ""};
    if (f.has("depth")) {
      item.depths = distinct(f, "depth", f.integers("depth", 0, kMaxRepeat));
      if (!llvm::is_sorted(item.depths))
        f.fail("depth", "expected ascending numbers");
      if (item.repeat)
        f.fail("depth", "an item is repeated or has a depth, not both");
    }
    if (f.has("tie_depth")) {
      item.depthTie = readName(f, "tie_depth");
      if (item.depths.empty())
        f.fail("tie_depth", "the item has no depth to tie");
    }
    return item;
  }

  Body readBody(const JsonFields &f, Names around) {
    static constexpr llvm::StringLiteral forms[] = {"type", "use", "choose",
                                                    "sequence"};
    Body body(f.json());
    Names found;
    for (StringRef form : forms)
      if (f.has(form))
        found.push_back(form);
    if (found.size() != 1) {
      std::string which = found.empty() ? "none" : llvm::join(found, " and ");
      f.fail(found.empty() ? StringRef(forms[0]) : found.back(),
             "expected one of type, use, choose, sequence, found " +
                 llvm::Twine(which));
      return body;
    }
    if (found.front() == "type")
      readBlock(f, body, std::move(around));
    else if (found.front() == "use")
      readUse(f, body, std::move(around));
    else if (found.front() == "choose")
      readChoice(f, body, std::move(around));
    else
      readSequence(f, body, std::move(around));
    return body;
  }

  static void only(const JsonFields &f, Names around, Names own) {
    around.insert(around.end(), own.begin(), own.end());
    f.only(around);
  }

  void readUse(const JsonFields &f, Body &body, Names around) {
    only(f, std::move(around), {"use"});
    body.form = Body::Form::Use;
    body.use = f.string("use");
  }

  void readChoice(const JsonFields &f, Body &body, Names around) {
    only(f, std::move(around), {"choose", "tie"});
    body.form = Body::Form::Choose;
    if (f.has("tie"))
      body.tie = readName(f, "tie");
    llvm::StringSet<> names;
    for (const JsonFields &element : f.elements("choose")) {
      body.options.push_back(
          {readName(element, "option"), readBody(element, {"option"})});
      if (!names.insert(body.options.back().name).second)
        element.fail("option", "a second option of the name \"" +
                                   llvm::Twine(body.options.back().name) +
                                   "\"");
    }
    if (body.options.empty())
      f.fail("choose", "expected at least one option");
  }

  void readSequence(const JsonFields &f, Body &body, Names around) {
    only(f, std::move(around), {"sequence", "residual"});
    body.form = Body::Form::Sequence;
    body.residual = f.booleanOr("residual", false);
    body.items = readItems(f, "sequence");
  }

  //===- Blocks -----------------------------------------------------------===//

  void readBlock(const JsonFields &f, Body &body, Names around) {
    static const std::pair<StringRef, std::pair<BlockKind, Names>> types[] = {
        {"conv",
         {BlockKind::Conv,
          {"channels", "kernel", "stride", "groups", "activation",
           "normalize"}}},
        {"mbconv",
         {BlockKind::MbConv,
          {"channels", "kernel", "stride", "expansion", "activation", "squeeze",
           "shortcut"}}},
        {"max_pool", {BlockKind::MaxPool, {"kernel", "stride"}}},
        {"average_pool", {BlockKind::AveragePool, {"kernel", "stride"}}},
        {"skip", {BlockKind::Skip, {}}},
        {"classifier", {BlockKind::Classifier, {"classes"}}},
        {"onnx", {BlockKind::Onnx, {"file"}}}};
    std::string type = f.string("type");
    body.form = Body::Form::Block;
    Names known;
    for (const auto &[name, kind] : types) {
      known.push_back(name);
      if (name != type)
        continue;
      body.block.kind = kind.first;
      around.push_back("type");
      only(f, std::move(around), kind.second);
      return readNumbers(f, body.block);
    }
    f.fail("type", "expected one of " + llvm::join(known, ", ") + ", found \"" +
                       type + "\"");
  }

  static int64_t readKernel(const JsonFields &f, int64_t fallback) {
    int64_t kernel = integerOr(f, "kernel", fallback, 1, kMaxKernel);
    if (kernel % 2 == 0)
      f.fail("kernel", "expected an odd number, found " + llvm::Twine(kernel));
    return kernel;
  }

  static Activation readActivation(const JsonFields &f) {
    static const std::pair<StringRef, Activation> names[] = {
        {"relu", Activation::Relu},
        {"relu6", Activation::Relu6},
        {"hard_swish", Activation::HardSwish},
        {"none", Activation::None}};
    std::string found = f.stringOr("activation", "relu");
    Names known;
    for (auto [name, activation] : names) {
      if (name == found)
        return activation;
      known.push_back(name);
    }
    f.fail("activation", "expected one of " + llvm::join(known, ", ") +
                             ", found \"" + found + "\"");
    return Activation::None;
  }

  static void readNumbers(const JsonFields &f, BlockSpec &block) {
    block.channels = integerOr(f, "channels", 0, 1, kMaxChannels);
    block.kernel = readKernel(f, 3);
    block.stride = integerOr(f, "stride", 1, 1, kMaxStride);
    block.groups = integerOr(f, "groups", 1, 1, kMaxChannels);
    block.activation = readActivation(f);
    block.normalize = f.booleanOr("normalize", true);
    block.squeeze = f.booleanOr("squeeze", false);
    block.shortcut = f.booleanOr("shortcut", true);
    if (block.kind == BlockKind::MbConv)
      block.expansion = f.positive("expansion");
    if (block.kind == BlockKind::Classifier)
      block.classes = f.integer("classes", 1, kMaxChannels);
    if (block.kind == BlockKind::Onnx)
      block.file = f.string("file");
  }
};

} // namespace

llvm::Expected<Tree> readTree(const JsonDocument &document) {
  llvm::Error problem = llvm::Error::success();
  Tree tree = Reader().readFile(JsonFields(document.root(), problem));
  if (problem)
    return problem;
  return tree;
}

} // namespace gnomon::spacefile
