// SPDX-License-Identifier: Apache-2.0
// What a space's file says, as read: items, bodies, options, blocks.

#ifndef GNOMON_LIB_SPACES_SPACEFILETREE_H
#define GNOMON_LIB_SPACES_SPACEFILETREE_H

#include "MobileBlocks.h"
#include "gnomon/Spaces/Space.h"
#include "gnomon/Support/Json.h"

namespace gnomon::spacefile {

enum class BlockKind {
  Conv,
  MbConv,
  MaxPool,
  AveragePool,
  Skip,
  Classifier,
  Onnx
};

struct BlockSpec {
  BlockKind kind = BlockKind::Skip;
  int64_t channels = 0; ///< of the result; 0: those of the input
  int64_t kernel = 3, stride = 1, groups = 1;
  double expansion = 1; ///< hidden channels for each of the input
  Activation activation = Activation::Relu;
  bool normalize = true, squeeze = false, shortcut = true;
  int64_t classes = 0;
  std::string file; ///< of Onnx, relative to the space's file
};

struct Option;
struct Item;

/// What stands in a place: one of four forms.
struct Body {
  enum class Form { Block, Use, Choose, Sequence };

  explicit Body(JsonView where);

  JsonView where;
  Form form = Form::Sequence;
  BlockSpec block;
  std::string use; ///< the definition that stands here
  std::vector<Option> options;
  std::string tie; ///< the decision of `options`; empty: named by the place
  std::vector<Item> items;
  bool residual = false; ///< the sequence's input is added to its result
};

struct Option {
  std::string name;
  Body body;
};

/// A step of a sequence: its body once, `repeat` times, or as often as a
/// decision among `depths` says.
struct Item {
  std::string name;
  Body body;
  int64_t repeat = 0; ///< 0: once, and the name gets no number
  std::vector<int64_t> depths;
  std::string depthTie;
};

inline Body::Body(JsonView where) : where(std::move(where)) {}

struct Tree {
  std::string name, description;
  int64_t channels = 3; ///< of the image
  std::vector<int64_t> resolutions;
  std::map<std::string, Body> blocks;
  std::vector<Item> network;
};

/// Reads the document; views of it stay in the tree.
llvm::Expected<Tree> readTree(const JsonDocument &document);

/// The decisions, "resolution" first, parents before children. Errors: two
/// places that have one name, definitions inside themselves, ties between
/// places that differ, more than kMaxBodies places.
llvm::Expected<std::vector<SpaceDecision>> collectDecisions(const Tree &tree);

/// How many blocks, choices and sequences a space may have.
inline constexpr int64_t kMaxBodies = 20000;

/// "stage1", or "stage1_2" for the third of several copies: an item's part of
/// the names of decisions and of operations.
std::string copyName(const Item &item, int64_t copy);
/// Parts of a decision's name joined.
std::string placeName(llvm::StringRef outer, llvm::StringRef inner);
inline std::string depthDecision(const Item &item, llvm::StringRef prefix) {
  return item.depthTie.empty() ? placeName(prefix, item.name) + "_depth"
                               : item.depthTie;
}

class Subnetworks;

/// One function of the supernet: the whole network for the image `x`.
llvm::Expected<mlir::Value> emitTree(const Tree &tree, NetworkBuilder &network,
                                     Subnetworks &subnetworks, mlir::Value x);

/// A built-in block. `where` is for errors; strides are left out unless
/// `first`.
llvm::Expected<mlir::Value> emitBlock(NetworkBuilder &network,
                                      const BlockSpec &spec,
                                      const JsonView &where, mlir::Value x,
                                      bool first);

} // namespace gnomon::spacefile

#endif // GNOMON_LIB_SPACES_SPACEFILETREE_H
