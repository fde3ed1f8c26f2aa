// SPDX-License-Identifier: Apache-2.0
// Comparing, merging and printing ONNX types.
#include "ShapesTypes.h"

#include "onnx/onnx_pb.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace gnomon::shapes {
using onnx::TensorShapeProto;
using onnx::TypeProto;

const TensorShapeProto *shapeOf(const TypeProto &type) {
  if (type.has_tensor_type())
    return type.tensor_type().has_shape() ? &type.tensor_type().shape()
                                          : nullptr;
  if (type.has_sparse_tensor_type() && type.sparse_tensor_type().has_shape())
    return &type.sparse_tensor_type().shape();
  return nullptr;
}

TensorShapeProto *mutableShapeOf(TypeProto &type) {
  return const_cast<TensorShapeProto *>(shapeOf(type));
}

int32_t elementTypeOf(const TypeProto &type) {
  if (type.has_tensor_type())
    return type.tensor_type().elem_type();
  return type.has_sparse_tensor_type() ? type.sparse_tensor_type().elem_type()
                                       : 0;
}

void setTensorType(TypeProto &type, int32_t elementType,
                   llvm::ArrayRef<int64_t> dims) {
  auto *tensor = type.mutable_tensor_type();
  tensor->set_elem_type(elementType);
  TensorShapeProto *shape = tensor->mutable_shape();
  shape->Clear();
  for (int64_t dim : dims)
    shape->add_dim()->set_dim_value(dim);
}

void dropShapes(TypeProto &type) {
  switch (type.value_case()) {
  case TypeProto::kTensorType:
    return type.mutable_tensor_type()->clear_shape();
  case TypeProto::kSparseTensorType:
    return type.mutable_sparse_tensor_type()->clear_shape();
  case TypeProto::kSequenceType:
    return dropShapes(*type.mutable_sequence_type()->mutable_elem_type());
  case TypeProto::kOptionalType:
    return dropShapes(*type.mutable_optional_type()->mutable_elem_type());
  default:
    return;
  }
}

bool isStatic(const TypeProto &type) {
  if (type.value_case() == TypeProto::VALUE_NOT_SET)
    return false;
  if (!type.has_tensor_type() && !type.has_sparse_tensor_type())
    return true;
  const TensorShapeProto *shape = shapeOf(type);
  return elementTypeOf(type) != 0 && shape &&
         llvm::all_of(shape->dim(),
                      [](const auto &dim) { return dim.has_dim_value(); });
}

/// Contained type of a sequence or an optional; null for others.
static TypeProto *innerType(TypeProto &type) {
  if (type.has_sequence_type())
    return type.mutable_sequence_type()->mutable_elem_type();
  return type.has_optional_type()
             ? type.mutable_optional_type()->mutable_elem_type()
             : nullptr;
}

static void setShape(TypeProto &type, const TensorShapeProto &shape) {
  if (type.has_tensor_type())
    *type.mutable_tensor_type()->mutable_shape() = shape;
  else
    *type.mutable_sparse_tensor_type()->mutable_shape() = shape;
}

static bool refineShape(TensorShapeProto &shape,
                        const TensorShapeProto &declared) {
  if (shape.dim_size() != declared.dim_size())
    return false;
  for (auto [dim, other] : llvm::zip_equal(shape.dim(), declared.dim()))
    if (dim.has_dim_value() && other.has_dim_value() &&
        dim.dim_value() != other.dim_value())
      return false;
  for (int i = 0; i < shape.dim_size(); ++i) {
    auto &dim = *shape.mutable_dim(i);
    const auto &other = declared.dim(i);
    if (!dim.has_dim_value() && (other.has_dim_value() || !dim.has_dim_param()))
      dim = other;
  }
  return true;
}

bool refine(TypeProto &type, const TypeProto &declared) {
  if (declared.value_case() == TypeProto::VALUE_NOT_SET)
    return true;
  if (type.value_case() == TypeProto::VALUE_NOT_SET) {
    type = declared;
    return true;
  }
  if (type.value_case() != declared.value_case())
    return false;
  if (TypeProto *inner = innerType(type))
    return refine(*inner, *innerType(const_cast<TypeProto &>(declared)));
  if (!type.has_tensor_type() && !type.has_sparse_tensor_type())
    return true;
  int32_t element = elementTypeOf(type),
          declaredElement = elementTypeOf(declared);
  if (element != 0 && declaredElement != 0 && element != declaredElement)
    return false;
  const TensorShapeProto *declaredShape = shapeOf(declared);
  if (TensorShapeProto *shape = mutableShapeOf(type)) {
    if (declaredShape && !refineShape(*shape, *declaredShape))
      return false;
  } else if (declaredShape) {
    setShape(type, *declaredShape);
  }
  if (element == 0 && type.has_tensor_type())
    type.mutable_tensor_type()->set_elem_type(declaredElement);
  return true;
}

static bool sameDim(const TensorShapeProto::Dimension &a,
                    const TensorShapeProto::Dimension &b) {
  if (a.has_dim_value() || b.has_dim_value())
    return a.has_dim_value() && b.has_dim_value() &&
           a.dim_value() == b.dim_value();
  return a.dim_param() == b.dim_param();
}

static bool widenShape(TypeProto &type, const TypeProto &other) {
  TensorShapeProto *shape = mutableShapeOf(type);
  if (!shape)
    return false;
  const TensorShapeProto *wanted = shapeOf(other);
  if (!wanted || wanted->dim_size() != shape->dim_size()) {
    dropShapes(type);
    return true;
  }
  bool changed = false;
  for (int i = 0; i < shape->dim_size(); ++i) {
    auto &dim = *shape->mutable_dim(i);
    if (dim.value_case() == TensorShapeProto::Dimension::VALUE_NOT_SET ||
        sameDim(dim, wanted->dim(i)))
      continue;
    dim.Clear();
    changed = true;
  }
  return changed;
}

bool widen(TypeProto &type, const TypeProto &other) {
  if (other.value_case() == TypeProto::VALUE_NOT_SET)
    return false;
  if (type.value_case() == TypeProto::VALUE_NOT_SET) {
    type = other;
    return true;
  }
  if (type.value_case() != other.value_case())
    return false;
  if (TypeProto *inner = innerType(type))
    return widen(*inner, *innerType(const_cast<TypeProto &>(other)));
  return widenShape(type, other);
}

static std::string describeTensor(llvm::StringRef kind, const TypeProto &type) {
  std::string text = (kind + "<").str();
  if (const TensorShapeProto *shape = shapeOf(type)) {
    for (const auto &dim : shape->dim()) {
      text += dim.has_dim_value()       ? std::to_string(dim.dim_value())
              : dim.dim_param().empty() ? "?"
                                        : dim.dim_param();
      text += "x";
    }
  } else {
    text += "*x";
  }
  int32_t element = elementTypeOf(type);
  bool valid = onnx::TensorProto::DataType_IsValid(element);
  return text +
         (valid ? llvm::StringRef(onnx::TensorProto::DataType_Name(element))
                      .lower()
                : "?") +
         ">";
}

std::string describe(const TypeProto &type) {
  switch (type.value_case()) {
  case TypeProto::kTensorType:
    return describeTensor("tensor", type);
  case TypeProto::kSparseTensorType:
    return describeTensor("sparse_tensor", type);
  case TypeProto::kSequenceType:
    return "sequence<" + describe(type.sequence_type().elem_type()) + ">";
  case TypeProto::kOptionalType:
    return "optional<" + describe(type.optional_type().elem_type()) + ">";
  case TypeProto::VALUE_NOT_SET:
    return "unknown";
  default:
    return "map";
  }
}

} // namespace gnomon::shapes
