// SPDX-License-Identifier: Apache-2.0
// Writes networks and supernets as operations of the onnx dialect.

#ifndef GNOMON_LIB_SPACES_NETWORKBUILDER_H
#define GNOMON_LIB_SPACES_NETWORKBUILDER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringMap.h"

#include <string>
#include <vector>

namespace gnomon {

/// How weights that no file holds are drawn; absent in the IR: kaiming_uniform
/// with the fan-in of dimensions 1 and up.
enum class Init { KaimingUniform, Ones, Zeros, Small };

struct ConvShape {
  int64_t channels; ///< of the result
  int64_t kernel = 1;
  int64_t stride = 1;
  int64_t groups = 1;
  bool bias = false;
};

struct PoolShape {
  int64_t kernel;
  int64_t stride;
  int64_t padding = 0;
  bool ceil = false; ///< sizes rounded up; windows start inside the image
};

/// Emits the ONNX forms (operator set 17) that PyTorch's exporter gives for
/// convolutional networks, with exact types, at the insertion point of `ops()`.
/// Attributes that equal ONNX's defaults are left out. An operation's location
/// is a NameLoc: scopes and its own name, joined by points
/// ("stage1.block0.expand.conv"); weights add "weight", "bias".
///
/// Weights are declared once, at the head of the function: asking again for the
/// name and the type of one (from another option, say) gives the same value.
class NetworkBuilder {
public:
  explicit NetworkBuilder(mlir::MLIRContext &context);

  mlir::OpBuilder &ops() { return builder; }
  mlir::ModuleOp module() { return *root; }
  /// Hands out the finished module.
  mlir::OwningOpRef<mlir::ModuleOp> take() { return std::move(root); }

  /// Adds a prefix to the names of what is emitted while it lives.
  class Scope {
  public:
    Scope(NetworkBuilder &network, const llvm::Twine &name);
    ~Scope() { network.prefix.resize(length); }
    Scope(const Scope &) = delete;

  private:
    NetworkBuilder &network;
    size_t length;
  };

  /// A decision of the module. Before the functions.
  void decision(llvm::StringRef name, llvm::ArrayRef<std::string> options);

  /// Starts a function that stands for `resolution`, an option of the decision
  /// of that name, with the image "input"; the insertion point goes into it.
  mlir::Value beginFunction(llvm::StringRef symbol, llvm::StringRef resolution,
                            llvm::ArrayRef<int64_t> imageShape);
  /// Ends it: `result` is its "output".
  void endFunction(mlir::Value result);

  /// The body of one option: gets the option and the region's arguments, emits
  /// operations and returns what the region yields.
  using OptionBody =
      llvm::function_ref<mlir::Value(llvm::StringRef, mlir::ValueRange)>;
  /// The types of a region's arguments; null: those of the operands.
  using ArgumentTypes =
      llvm::function_ref<llvm::SmallVector<mlir::Type>(llvm::StringRef)>;
  /// A choice with a region for each option of the decision. Dimensions in
  /// which the options differ are dynamic in the result's type.
  mlir::Value choice(llvm::StringRef decision, mlir::ValueRange operands,
                     OptionBody body, ArgumentTypes types = nullptr);

  /// Padding is kernel / 2. The convolution is called `name`.
  mlir::Value conv(mlir::Value x, const ConvShape &shape,
                   llvm::StringRef name = "conv");
  mlir::Value batchNorm(mlir::Value x, double epsilon,
                        llvm::StringRef name = "bn");
  mlir::Value relu(mlir::Value x, llvm::StringRef name = "relu");
  /// Clip to [0, 6].
  mlir::Value relu6(mlir::Value x, llvm::StringRef name = "relu6");
  mlir::Value hardSwish(mlir::Value x, llvm::StringRef name = "hardswish");
  mlir::Value hardSigmoid(mlir::Value x, llvm::StringRef name = "hardsigmoid");
  mlir::Value add(mlir::Value a, mlir::Value b, llvm::StringRef name = "add");
  /// Sizes of 1 in `b` are broadcast.
  mlir::Value mul(mlir::Value a, mlir::Value b, llvm::StringRef name = "mul");
  mlir::Value globalAveragePool(mlir::Value x, llvm::StringRef name = "pool");
  mlir::Value maxPool(mlir::Value x, const PoolShape &shape,
                      llvm::StringRef name = "pool");
  /// Averages over what lies inside the image unless `countPadding`.
  mlir::Value averagePool(mlir::Value x, const PoolShape &shape,
                          bool countPadding = false,
                          llvm::StringRef name = "pool");
  /// [n, c, h, w] -> [n, c h w].
  mlir::Value flatten(mlir::Value x, llvm::StringRef name = "flatten");
  /// Fully connected with bias: [n, c] -> [n, features].
  mlir::Value linear(mlir::Value x, int64_t features,
                     llvm::StringRef name = "classifier");
  mlir::Value reshape(mlir::Value x, llvm::ArrayRef<int64_t> shape,
                      llvm::StringRef name = "reshape");
  mlir::Value transpose(mlir::Value x, llvm::ArrayRef<int64_t> permutation,
                        llvm::StringRef name = "transpose");
  /// Channel c of group g becomes channel g of group c.
  mlir::Value channelShuffle(mlir::Value x, int64_t groups);
  /// Squeeze and excitation: pool, 1x1 to `hidden`, relu, 1x1 back, hard
  /// sigmoid, product. Both convolutions have a bias.
  mlir::Value squeezeExcite(mlir::Value x, int64_t hidden);

  /// Weights without a source.
  mlir::Value weight(const llvm::Twine &name, llvm::ArrayRef<int64_t> shape,
                     Init init = Init::KaimingUniform);
  /// A small constant; scopes do not count, so that layers share it.
  mlir::Value constant(const llvm::Twine &name, mlir::DenseElementsAttr value);

  /// Names the block whose last operation made `x` in look-up tables.
  void markBlock(mlir::Value x, llvm::StringRef key);

  static llvm::ArrayRef<int64_t> shapeOf(mlir::Value x);
  static int64_t channelsOf(mlir::Value x) { return shapeOf(x)[1]; }
  static int64_t heightOf(mlir::Value x) { return shapeOf(x)[2]; }
  static int64_t widthOf(mlir::Value x) { return shapeOf(x)[3]; }
  mlir::RankedTensorType tensor(llvm::ArrayRef<int64_t> shape);

  /// A name with the scopes around it.
  mlir::Location location(const llvm::Twine &name);

private:
  mlir::Type fillRegion(mlir::Region &region, llvm::StringRef option,
                        mlir::ValueRange operands, OptionBody body,
                        ArgumentTypes types);
  mlir::Value emit(llvm::StringRef op, mlir::ValueRange operands,
                   llvm::ArrayRef<int64_t> shape, llvm::StringRef name,
                   llvm::ArrayRef<mlir::NamedAttribute> attributes = {});
  mlir::Value elementwise(llvm::StringRef op, mlir::ValueRange operands,
                          llvm::StringRef name);
  mlir::Value declare(mlir::Location where, mlir::Type type,
                      llvm::ArrayRef<mlir::NamedAttribute> attributes);
  mlir::NamedAttribute integer(llvm::StringRef name, int64_t value);
  mlir::NamedAttribute integers(llvm::StringRef name,
                                llvm::ArrayRef<int64_t> values);
  mlir::NamedAttribute real(llvm::StringRef name, double value);
  llvm::SmallVector<mlir::NamedAttribute> window(int64_t kernel, int64_t stride,
                                                 int64_t padding);
  mlir::Value pool(llvm::StringRef op, mlir::Value x, const PoolShape &shape,
                   llvm::SmallVector<mlir::NamedAttribute> attributes,
                   llvm::StringRef name);

  mlir::OpBuilder builder;
  mlir::OwningOpRef<mlir::ModuleOp> root;
  mlir::func::FuncOp function;
  std::string prefix;
  llvm::StringMap<mlir::ArrayAttr> decisions;
  llvm::DenseMap<std::pair<mlir::Attribute, mlir::Type>, mlir::Value> weights;
  mlir::Operation *lastWeight = nullptr;
};

} // namespace gnomon

#endif // GNOMON_LIB_SPACES_NETWORKBUILDER_H
