// SPDX-License-Identifier: Apache-2.0
// One pass over the protobuf wire format that leaves the weights where they
// are.

#include "gnomon/Target/ONNX/WireScan.h"

#include "onnx/onnx_pb.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

#include <optional>
#include <protozero/pbf_message.hpp>
#include <protozero/pbf_writer.hpp>

using namespace onnx;
using protozero::pbf_reader;
using protozero::pbf_wire_type;
using protozero::pbf_writer;

namespace gnomon {
namespace {

/// The messages on the way to a tensor.
enum class Message { Model, Graph, Node, Attribute, Sparse, Function, Tensor };

constexpr unsigned kDeepest = 64 * 3;

llvm::StringRef messageName(Message message) {
  static constexpr llvm::StringLiteral names[] = {
      "model",         "graph",    "node",  "attribute",
      "sparse tensor", "function", "tensor"};
  return names[static_cast<unsigned>(message)];
}

/// What a field of a message holds, where it leads to tensors.
std::optional<Message> childOf(Message parent, uint32_t field) {
  switch (parent) {
  case Message::Model:
    if (field == ModelProto::kGraphFieldNumber)
      return Message::Graph;
    if (field == ModelProto::kFunctionsFieldNumber)
      return Message::Function;
    return std::nullopt;
  case Message::Graph:
    if (field == GraphProto::kNodeFieldNumber)
      return Message::Node;
    if (field == GraphProto::kInitializerFieldNumber)
      return Message::Tensor;
    if (field == GraphProto::kSparseInitializerFieldNumber)
      return Message::Sparse;
    return std::nullopt;
  case Message::Node:
    if (field == NodeProto::kAttributeFieldNumber)
      return Message::Attribute;
    return std::nullopt;
  case Message::Attribute:
    if (field == AttributeProto::kTFieldNumber ||
        field == AttributeProto::kTensorsFieldNumber)
      return Message::Tensor;
    if (field == AttributeProto::kGFieldNumber ||
        field == AttributeProto::kGraphsFieldNumber)
      return Message::Graph;
    if (field == AttributeProto::kSparseTensorFieldNumber ||
        field == AttributeProto::kSparseTensorsFieldNumber)
      return Message::Sparse;
    return std::nullopt;
  case Message::Sparse:
    if (field == SparseTensorProto::kValuesFieldNumber ||
        field == SparseTensorProto::kIndicesFieldNumber)
      return Message::Tensor;
    return std::nullopt;
  case Message::Function:
    if (field == FunctionProto::kNodeFieldNumber)
      return Message::Node;
    if (field == FunctionProto::kAttributeProtoFieldNumber)
      return Message::Attribute;
    return std::nullopt;
  case Message::Tensor:
    return std::nullopt;
  }
  return std::nullopt;
}

/// What one look at a tensor finds.
struct TensorSummary {
  uint64_t elements = 1;
  int32_t dataType = 0;
  unsigned chunks = 0;    // occurrences of data fields
  uint32_t dataField = 0; // the last of them
  bool packed = false;    // and whether it is one run of bytes
  llvm::StringRef data;
};

bool isDataField(uint32_t field) {
  return (field >= TensorProto::kFloatDataFieldNumber &&
          field <= TensorProto::kInt64DataFieldNumber) ||
         (field >= TensorProto::kRawDataFieldNumber &&
          field <= TensorProto::kUint64DataFieldNumber);
}

void addDimension(TensorSummary &summary, int64_t size) {
  uint64_t product;
  if (size < 0 || __builtin_mul_overflow(summary.elements,
                                         static_cast<uint64_t>(size), &product))
    product = UINT64_MAX;
  summary.elements = product;
}

TensorSummary summarize(pbf_reader tensor) {
  TensorSummary summary;
  while (tensor.next()) {
    bool isBytes = tensor.wire_type() == pbf_wire_type::length_delimited;
    bool isVarint = tensor.wire_type() == pbf_wire_type::varint;
    uint32_t field = tensor.tag();
    if (field == TensorProto::kDimsFieldNumber && isBytes) {
      for (int64_t size : tensor.get_packed_int64())
        addDimension(summary, size);
    } else if (field == TensorProto::kDimsFieldNumber && isVarint) {
      addDimension(summary, tensor.get_int64());
    } else if (field == TensorProto::kDataTypeFieldNumber && isVarint) {
      summary.dataType = tensor.get_int32();
    } else if (isDataField(field)) {
      ++summary.chunks;
      summary.dataField = field;
      summary.packed = isBytes;
      if (isBytes) {
        protozero::data_view view = tensor.get_view();
        summary.data = llvm::StringRef(view.data(), view.size());
      } else {
        tensor.skip();
      }
    } else {
      tensor.skip();
    }
  }
  return summary;
}

/// How the bytes of a big tensor encode it, or nothing where protobuf must read
/// them (strings, data in several pieces, a field that does not suit the type).
std::optional<llvm::StringRef> encodingOf(const TensorSummary &summary) {
  if (summary.chunks != 1 || !summary.packed)
    return std::nullopt;
  int32_t type = summary.dataType;
  switch (summary.dataField) {
  case TensorProto::kRawDataFieldNumber:
    return llvm::StringRef("raw");
  case TensorProto::kFloatDataFieldNumber:
    if (type == TensorProto::FLOAT || type == TensorProto::COMPLEX64)
      return llvm::StringRef("raw");
    return std::nullopt;
  case TensorProto::kDoubleDataFieldNumber:
    if (type == TensorProto::DOUBLE || type == TensorProto::COMPLEX128)
      return llvm::StringRef("raw");
    return std::nullopt;
  case TensorProto::kInt32DataFieldNumber:
    return llvm::StringRef("int32_data");
  case TensorProto::kInt64DataFieldNumber:
    return llvm::StringRef("int64_data");
  case TensorProto::kUint64DataFieldNumber:
    return llvm::StringRef("uint64_data");
  default:
    return std::nullopt;
  }
}

/// The rewriting walk. protozero throws on broken input; stripWeights catches.
class Stripper {
public:
  Stripper(llvm::StringRef file, const StripLimits &limits)
      : file(file), limits(limits) {}

  void rewrite(Message message, pbf_reader reader, std::string &out);

  /// Innermost message being read, for error messages.
  llvm::SmallVector<Message> path;
  const char *position = nullptr;
  bool tooDeep = false;
  StrippedModel result;

private:
  bool isBig(const TensorSummary &summary) const;
  void rewriteTensor(pbf_reader reader, std::string &out);

  llvm::StringRef file;
  StripLimits limits;
};

bool Stripper::isBig(const TensorSummary &summary) const {
  bool isInteger = summary.dataType == TensorProto::INT32 ||
                   summary.dataType == TensorProto::INT64 ||
                   summary.dataType == TensorProto::BOOL;
  return summary.elements >
         (isInteger ? limits.integerElements : limits.otherElements);
}

void addEntry(pbf_writer &tensor, llvm::StringRef key,
              const std::string &value) {
  std::string entry;
  pbf_writer writer(entry);
  writer.add_string(StringStringEntryProto::kKeyFieldNumber, key.data(),
                    key.size());
  writer.add_string(StringStringEntryProto::kValueFieldNumber, value);
  tensor.add_message(TensorProto::kExternalDataFieldNumber, entry);
}

void Stripper::rewriteTensor(pbf_reader reader, std::string &out) {
  llvm::StringRef whole(reader.data().data(), reader.data().size());
  TensorSummary summary = summarize(reader);
  std::optional<llvm::StringRef> encoding;
  if (isBig(summary))
    encoding = encodingOf(summary);
  if (!encoding) {
    out.append(whole.data(), whole.size());
    return;
  }
  while (true) {
    const char *begin = reader.data().data();
    if (!reader.next())
      break;
    bool isData = isDataField(reader.tag());
    reader.skip();
    if (!isData)
      out.append(begin, reader.data().data() - begin);
  }
  pbf_writer tensor(out);
  tensor.add_int32(TensorProto::kDataLocationFieldNumber,
                   TensorProto::EXTERNAL);
  addEntry(tensor, kEncodingKey, encoding->str());
  addEntry(tensor, "offset", llvm::utostr(summary.data.data() - file.data()));
  addEntry(tensor, "length", llvm::utostr(summary.data.size()));
  ++result.strippedTensors;
  result.strippedBytes += summary.data.size();
}

void Stripper::rewrite(Message message, pbf_reader reader, std::string &out) {
  path.push_back(message);
  position = reader.data().data();
  if (path.size() > kDeepest) {
    tooDeep = true;
    throw protozero::exception();
  }
  if (message == Message::Tensor) {
    rewriteTensor(reader, out);
    path.pop_back();
    return;
  }
  std::string child;
  while (true) {
    const char *begin = reader.data().data();
    position = begin;
    if (!reader.next())
      break;
    std::optional<Message> kind;
    if (reader.wire_type() == pbf_wire_type::length_delimited)
      kind = childOf(message, reader.tag());
    if (!kind) {
      reader.skip();
      out.append(begin, reader.data().data() - begin);
      continue;
    }
    uint32_t field = reader.tag();
    child.clear();
    rewrite(*kind, reader.get_message(), child);
    pbf_writer(out).add_message(field, child);
  }
  path.pop_back();
}

} // namespace

llvm::Expected<StrippedModel> stripWeights(llvm::StringRef file,
                                           const StripLimits &limits) {
  Stripper stripper(file, limits);
  try {
    stripper.rewrite(Message::Model, pbf_reader(file.data(), file.size()),
                     stripper.result.bytes);
    return std::move(stripper.result);
  } catch (const std::exception &error) {
    uint64_t byte = stripper.position ? stripper.position - file.data() : 0;
    std::string inner = stripper.path.empty()
                            ? "model"
                            : messageName(stripper.path.back()).str();
    if (stripper.tooDeep)
      return llvm::createStringError("graphs are nested too deeply at byte "
                                     "%llu; at most 64 levels are read",
                                     static_cast<unsigned long long>(byte));
    return llvm::createStringError(
        "not a well-formed ONNX model: the %s at byte %llu of %llu is cut "
        "short or broken (%s)",
        inner.c_str(), static_cast<unsigned long long>(byte),
        static_cast<unsigned long long>(file.size()), error.what());
  }
}

} // namespace gnomon
