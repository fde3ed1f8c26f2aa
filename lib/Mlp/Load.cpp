// SPDX-License-Identifier: Apache-2.0
// Reads dense networks out of JSON.
#include "gnomon/Mlp/Load.h"
#include "gnomon/Support/JsonFields.h"

#include "llvm/Support/Base64.h"
#include "llvm/Support/Endian.h"

using namespace llvm;

namespace gnomon {

/// The numbers that a string holds as base64.
static Expected<std::vector<float>> packedNumbers(const JsonView &view,
                                                  StringRef text) {
  std::vector<char> bytes;
  if (Error problem = decodeBase64(text, bytes))
    return view.error("not base64: " + toString(std::move(problem)));
  if (bytes.size() % sizeof(float) != 0)
    return view.error("expected base64 of numbers of 4 bytes, found " +
                      Twine(bytes.size()) + " bytes");
  std::vector<float> result(bytes.size() / sizeof(float));
  for (size_t index = 0; index < result.size(); ++index)
    result[index] = support::endian::read<float, endianness::little>(
        bytes.data() + index * sizeof(float));
  return result;
}

static Expected<std::vector<float>> readNumbers(const JsonView &view) {
  if (std::optional<StringRef> text = view.raw().getAsString())
    return packedNumbers(view, *text);
  Expected<std::vector<double>> numbers = view.numbers();
  if (!numbers)
    return numbers.takeError();
  return std::vector<float>(numbers->begin(), numbers->end());
}

/// The `count` numbers of a member.
static Expected<std::vector<float>> readNumbers(const JsonView &layer,
                                                StringRef name, size_t count) {
  Expected<JsonView> view = layer.field(name);
  if (!view)
    return view.takeError();
  Expected<std::vector<float>> result = readNumbers(*view);
  if (result && result->size() != count)
    return view->error("expected " + Twine(count) + " numbers, found " +
                       Twine(result->size()));
  return result;
}

static Expected<DenseLayer> readLayer(const JsonView &view) {
  constexpr int64_t mostUnits = 65536;
  Error problem = Error::success();
  JsonFields fields(view, problem);
  DenseLayer layer;
  layer.inputs = fields.integer("inputs", 1, mostUnits);
  layer.outputs = fields.integer("outputs", 1, mostUnits);
  if (problem)
    return std::move(problem);
  Expected<bool> relu = view.booleanOr("relu", false);
  if (!relu)
    return relu.takeError();
  layer.relu = *relu;
  Expected<std::vector<float>> weights =
      readNumbers(view, "weights", size_t(layer.inputs) * layer.outputs);
  if (!weights)
    return weights.takeError();
  layer.weights = std::move(*weights);
  if (!view.find("bias"))
    return layer;
  Expected<std::vector<float>> bias = readNumbers(view, "bias", layer.outputs);
  if (!bias)
    return bias.takeError();
  layer.bias = std::move(*bias);
  return layer;
}

Expected<Mlp> parseMlp(const JsonView &json) {
  Expected<JsonView> list = json.field("layers");
  if (!list)
    return list.takeError();
  Expected<std::vector<JsonView>> elements = list->elements();
  if (!elements)
    return elements.takeError();
  std::vector<DenseLayer> layers;
  for (const JsonView &element : *elements) {
    Expected<DenseLayer> layer = readLayer(element);
    if (!layer)
      return layer.takeError();
    layers.push_back(std::move(*layer));
  }
  Expected<double> constant = json.numberOr("constant", 0);
  if (!constant)
    return constant.takeError();
  std::string where = toString(json.error(""));
  return Mlp::create(layers, static_cast<float>(*constant),
                     StringRef(where).rtrim(": "));
}

Expected<Mlp> loadMlp(StringRef path) {
  Expected<JsonDocument> document = JsonDocument::load(path);
  if (!document)
    return document.takeError();
  return parseMlp(document->root());
}

} // namespace gnomon
