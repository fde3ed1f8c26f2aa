// SPDX-License-Identifier: Apache-2.0
// Reads rows of features from text or raw floats.
#include "Rows.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/Twine.h"

#include <cstring>
#include <limits>
#include <optional>

using namespace llvm;

namespace gnomon {

static std::optional<float> parseCell(StringRef cell) {
  cell = cell.trim();
  if (cell.empty() || cell.equals_insensitive("nan"))
    return std::numeric_limits<float>::quiet_NaN();
  if (cell.equals_insensitive("inf"))
    return std::numeric_limits<float>::infinity();
  if (cell.equals_insensitive("-inf"))
    return -std::numeric_limits<float>::infinity();
  APFloat value(APFloat::IEEEsingle());
  Expected<APFloat::opStatus> status =
      value.convertFromString(cell, APFloat::rmNearestTiesToEven);
  if (!status) {
    consumeError(status.takeError());
    return std::nullopt;
  }
  return value.convertToFloat();
}

static Error checkHeader(ArrayRef<StringRef> cells, const Forest &forest,
                         StringRef source) {
  if (forest.featureNames.empty())
    return Error::success();
  for (auto [index, cell, name] : enumerate(cells, forest.featureNames))
    if (cell.trim() != name)
      return createStringError(source + ":1: column " + Twine(index + 1) +
                               " is \"" + cell.trim() +
                               "\", the model expects \"" + name + "\"");
  return Error::success();
}

Expected<std::vector<float>> parseCsvRows(StringRef text, const Forest &forest,
                                          StringRef source) {
  std::vector<float> values;
  SmallVector<StringRef> cells;
  for (size_t line = 1; !text.empty(); ++line) {
    auto [current, rest] = text.split('\n');
    text = rest;
    if (current.trim().empty() && forest.numFeatures != 1)
      continue;
    cells.clear();
    current.split(cells, ',');
    if (cells.size() != forest.numFeatures)
      return createStringError(source + ":" + Twine(line) + ": " +
                               Twine(cells.size()) + " values, the model has " +
                               Twine(forest.numFeatures) + " features");
    if (line == 1 &&
        llvm::none_of(cells, [](StringRef cell) { return parseCell(cell); })) {
      if (Error error = checkHeader(cells, forest, source))
        return error;
      continue;
    }
    for (StringRef cell : cells) {
      std::optional<float> value = parseCell(cell);
      if (!value)
        return createStringError(source + ":" + Twine(line) + ": \"" +
                                 cell.trim() + "\" is not a number");
      values.push_back(*value);
    }
  }
  return values;
}

Expected<std::vector<float>> parseRawRows(StringRef bytes, const Forest &forest,
                                          StringRef source) {
  size_t rowSize = forest.numFeatures * sizeof(float);
  if (rowSize == 0 || bytes.size() % rowSize)
    return createStringError(source + ": " + Twine(bytes.size()) +
                             " bytes are not whole rows of " + Twine(rowSize) +
                             " bytes");
  std::vector<float> values(bytes.size() / sizeof(float));
  if (!values.empty())
    std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

} // namespace gnomon
