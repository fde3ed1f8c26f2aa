// SPDX-License-Identifier: Apache-2.0
// The stripped model plus what its references name is the original model.

#include "gnomon/Target/ONNX/WireScan.h"

#include "onnx/onnx_pb.h"
#include <gtest/gtest.h>

using namespace gnomon;
using namespace onnx;

namespace {

TensorProto floats(const std::string &name, int count) {
  TensorProto tensor;
  tensor.set_name(name);
  tensor.set_data_type(TensorProto::FLOAT);
  tensor.add_dims(count);
  std::string raw;
  for (int i = 0; i < count * 4; ++i)
    raw.push_back(static_cast<char>(i * 7));
  tensor.set_raw_data(raw);
  return tensor;
}

ModelProto sample() {
  ModelProto model;
  model.set_ir_version(8);
  GraphProto &graph = *model.mutable_graph();
  *graph.add_initializer() = floats("big", 1000);
  *graph.add_initializer() = floats("small", 4);
  NodeProto &node = *graph.add_node();
  node.set_op_type("If");
  AttributeProto &branch = *node.add_attribute();
  branch.set_name("then_branch");
  *branch.mutable_g()->add_initializer() = floats("inner", 300);
  AttributeProto &value = *branch.mutable_g()->add_node()->add_attribute();
  *value.mutable_t() = floats("constant", 200);
  *graph.add_sparse_initializer()->mutable_values() = floats("sparse", 100);
  return model;
}

/// Put the bytes that a reference names back into the tensor.
void restore(TensorProto &tensor, const std::string &file) {
  if (tensor.data_location() != TensorProto::EXTERNAL)
    return;
  size_t offset = 0, length = 0;
  for (const auto &entry : tensor.external_data()) {
    if (entry.key() == "offset")
      offset = std::stoull(entry.value());
    if (entry.key() == "length")
      length = std::stoull(entry.value());
  }
  tensor.set_raw_data(file.substr(offset, length));
  tensor.clear_external_data();
  tensor.clear_data_location();
}

TEST(WireScan, StrippedPlusReferencesIsTheOriginal) {
  ModelProto model = sample();
  std::string file = model.SerializeAsString();
  auto stripped = stripWeights(file);
  ASSERT_TRUE(static_cast<bool>(stripped));
  EXPECT_EQ(stripped->strippedTensors, 4u);
  EXPECT_EQ(stripped->strippedBytes, 4u * (1000 + 300 + 200 + 100));
  ModelProto rest;
  ASSERT_TRUE(rest.ParseFromString(stripped->bytes));
  GraphProto &graph = *rest.mutable_graph();
  GraphProto &inner = *graph.mutable_node(0)->mutable_attribute(0)->mutable_g();
  restore(*graph.mutable_initializer(0), file);
  restore(*graph.mutable_sparse_initializer(0)->mutable_values(), file);
  restore(*inner.mutable_initializer(0), file);
  restore(*inner.mutable_node(0)->mutable_attribute(0)->mutable_t(), file);
  EXPECT_EQ(rest.SerializeAsString(), file);
}

TEST(WireScan, KeepsEverythingWithinTheLimits) {
  std::string file = sample().SerializeAsString();
  auto stripped = stripWeights(file, {UINT64_MAX, UINT64_MAX});
  ASSERT_TRUE(static_cast<bool>(stripped));
  EXPECT_EQ(stripped->bytes, file);
}

TEST(WireScan, EveryCutIsAnErrorOrAShorterModel) {
  std::string file = sample().SerializeAsString();
  for (size_t size = 0; size < file.size(); ++size) {
    auto stripped = stripWeights(llvm::StringRef(file).take_front(size));
    if (!stripped)
      llvm::consumeError(stripped.takeError());
  }
}

} // namespace
