// SPDX-License-Identifier: Apache-2.0
// The walk over a graph that gives every value a type and, where it is small, a
// value.
#ifndef GNOMON_LIB_TARGET_ONNX_SHAPESWALKER_H
#define GNOMON_LIB_TARGET_ONNX_SHAPESWALKER_H

#include "ShapesEval.h"
#include "onnx/defs/shape_inference.h"
#include "onnx/onnx_pb.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>
#include <vector>

namespace onnx {
class OpSchema;
}

namespace gnomon::shapes {

/// What is known about one value of a graph.
struct Value {
  /// Never null inside a scope; of no case while nothing is known.
  onnx::TypeProto *type = nullptr;
  /// An initializer or the attribute of a Constant, data included.
  const onnx::TensorProto *tensor = nullptr;
  /// Its elements, if it is small; shared with values that are the same.
  std::shared_ptr<const KnownTensor> known;
  /// The two forms in which operator schemas ask for `known`.
  std::shared_ptr<onnx::TensorProto> encoded;
  std::shared_ptr<onnx::TensorShapeProto> symbolic;
  /// `tensor` has been tried.
  bool decoded = false;

  /// The elements if they are known at least in part.
  const KnownTensor *elements();
};

/// The values of a graph, seen from the graphs nested in it too.
class Scope {
public:
  explicit Scope(Scope *outer) : outer(outer) {}
  Value *lookup(llvm::StringRef name);
  Value &operator[](llvm::StringRef name) { return values[name]; }
  /// Owns types of values that have no place in the model.
  onnx::TypeProto &scratchType();

private:
  Scope *outer;
  llvm::StringMap<Value> values;
  std::vector<std::unique_ptr<onnx::TypeProto>> types;
};

/// Type and elements of a graph output, outliving the scope.
struct GraphResult {
  onnx::TypeProto type;
  std::shared_ptr<const KnownTensor> known;
};

class Walker;

/// A node in its scope while it is inferred.
struct NodeVisit {
  Walker &walker;
  onnx::NodeProto &node;
  Scope &scope;
  int depth;
  /// The results stay in the model.
  bool final;
  int64_t opset;
  /// Outputs that are not static have been explained already.
  bool excused = false;
  llvm::SmallVector<Value *, 8> inputs = {}; ///< null: absent or not defined
  llvm::SmallVector<Value *, 2> outputs = {};

  const onnx::TypeProto *inputType(size_t index) const;
  onnx::GraphProto *graphAttribute(llvm::StringRef name) const;
};

/// Writes the types of the outputs of a node; false: it has no opinion.
using TypeRule = bool (*)(NodeVisit &visit);

/// The rule for If and Loop; null for others.
TypeRule findControlRule(llvm::StringRef opType);
/// The rule of an operator that ONNX Runtime adds; null if there is none.
TypeRule findContribRule(llvm::StringRef domain, llvm::StringRef opType);

/// What is known about an operator of the model, looked up once.
struct OperatorInfo {
  Evaluator evaluator = nullptr;
  TypeRule rule = nullptr;
  const onnx::OpSchema *schema = nullptr;
  std::function<void(onnx::InferenceContext &)> inference;
  int64_t opset = 0;
};

class Walker {
public:
  /// Graphs nested deeper are refused.
  static constexpr int kMaxDepth = 64;

  Walker(const onnx::ModelProto &model, const llvm::StringMap<int64_t> &dims,
         std::vector<std::string> &notes);

  /// Infers all of `graph`. `inputs` are the types of its inputs, where the
  /// caller knows them. Unless `final`, the graph is left as it was.
  std::vector<GraphResult> walk(onnx::GraphProto &graph, Scope *outer,
                                llvm::ArrayRef<GraphResult> inputs, int depth,
                                bool final);

  /// Notes are dropped while an instance lives: the code never runs, or is
  /// inferred once more.
  class Muted {
  public:
    explicit Muted(Walker &walker, bool active = true)
        : walker(walker), active(active) {
      walker.mute += active;
    }
    ~Muted() { walker.mute -= active; }

  private:
    Walker &walker;
    bool active;
  };

  void note(std::string text);
  /// Replaces symbolic dimensions by the values the user gave.
  void substitute(onnx::TypeProto &type) const;
  /// A number for the name of a dimension; kNamelessDim for none.
  uint32_t symbolOf(llvm::StringRef name);
  const std::string &nameOf(uint32_t symbol) const {
    return symbolNames[symbol];
  }
  bool tooDeep() const { return exceededDepth; }

private:
  friend class Muted;
  struct Declared;
  void declareInitializers(onnx::GraphProto &graph, Scope &scope);
  void declareInputs(onnx::GraphProto &graph, Scope &scope,
                     llvm::ArrayRef<GraphResult> inputs);
  void visit(NodeVisit visit, onnx::GraphProto &graph, Declared &declared);
  std::vector<GraphResult> collect(onnx::GraphProto &graph, Scope &scope,
                                   Declared &declared);
  void noteInput(const onnx::ValueInfoProto &input);
  void inferNode(const OperatorInfo &info, NodeVisit &visit);
  bool evaluate(const OperatorInfo &info, NodeVisit &visit);
  bool evaluateShape(NodeVisit &visit);
  void inferBySchema(const OperatorInfo &info, NodeVisit &visit);
  void finishOutputs(NodeVisit &visit, const Declared &declared);
  void noteUnknown(const NodeVisit &visit, size_t index);
  const OperatorInfo &lookup(const onnx::NodeProto &node);

  const llvm::StringMap<int64_t> &dims;
  std::vector<std::string> &notes;
  llvm::StringMap<int64_t> opsets;
  llvm::StringMap<std::unique_ptr<OperatorInfo>> operators;
  llvm::StringMap<uint32_t> symbols;
  std::vector<std::string> symbolNames{"", ""};
  llvm::SmallString<64> key;
  std::string failure; ///< what the schema said about the node at hand
  int64_t evaluatedElements = 0;
  int mute = 0;
  bool exceededDepth = false;
};

/// Runs the operator schema's own inference (or its function body's); the
/// message of what it threw, empty if nothing.
std::string runSchema(const OperatorInfo &info, NodeVisit &visit);

/// `node 'conv1' (Conv)`.
std::string describeNode(const onnx::NodeProto &node);

} // namespace gnomon::shapes

#endif // GNOMON_LIB_TARGET_ONNX_SHAPESWALKER_H
