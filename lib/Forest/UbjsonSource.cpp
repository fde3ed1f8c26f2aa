// SPDX-License-Identifier: Apache-2.0
// XGBoost models as UBJSON: one linear pass over the bytes.
//
// The subset that XGBoost writes: objects `{ length key value ... }` without a
// count; arrays `[$type#count elements` of numbers, `[#count values` and
// `[ values ]`; strings `S length bytes`; numbers i U I l L d D, big-endian;
// truth values T F; Z. A length or count is any of the integer types. Every
// count is compared with the bytes that are left before memory is taken.
#include "ModelReader.h"
#include "ModelSource.h"

#include "gnomon/Forest/Load.h"

#include "llvm/ADT/SmallSet.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/Endian.h"

#include <cmath>
#include <limits>
#include <optional>

using namespace llvm;

namespace gnomon {
namespace {

constexpr unsigned kMaxDepth = 64;

/// A number of any type; integers are kept whole.
struct Number {
  bool isInteger;
  int64_t integer;
  double real;
};

/// What stands before the elements of an array.
struct ArrayHead {
  std::optional<char> type;
  std::optional<uint64_t> count;
};

class UbjsonSource : public ModelSource {
public:
  UbjsonSource(StringRef bytes, StringRef name)
      : ModelSource(name), next(bytes.begin()), begin(bytes.begin()),
        end(bytes.end()) {}

  Error object(function_ref<Error(StringRef)> member) override;
  Error array(function_ref<Error(size_t)> element) override;
  Expected<std::string> string() override;
  Error integers(std::vector<int32_t> &values) override;
  Error floats(std::vector<float> &values) override;
  Error skip() override;

  /// An error unless all bytes were read.
  Error finish() const {
    return next == end ? Error::success()
                       : fail(Twine(end - next) + " bytes follow the model");
  }

private:
  Error fail(const Twine &message) const {
    return error(message + " (at byte " + Twine(next - begin) + ")");
  }
  uint64_t left() const { return end - next; }

  /// Bytes of a number of this type; 0 for everything else.
  static unsigned sizeOf(char type);
  static Number decode(char type, const char *bytes);

  Expected<char> marker();
  Expected<uint64_t> length();
  Expected<StringRef> bytes();
  Expected<ArrayHead> arrayHead();
  Error elements(const ArrayHead &head, function_ref<Error(size_t)> element);
  Error skipNumber(char type);
  template <typename T, typename Convert>
  Error numbers(std::vector<T> &values, StringRef expected, Convert convert);
  template <typename T, typename Convert>
  Error typedNumbers(char type, uint64_t count, std::vector<T> &values,
                     Convert convert);
  template <typename T, typename Convert>
  Error append(char type, const char *from, std::vector<T> &values,
               Convert convert);

  const char *next, *begin, *end;
  unsigned depth = 0;
};

unsigned UbjsonSource::sizeOf(char type) {
  switch (type) {
  case 'i':
  case 'U':
    return 1;
  case 'I':
    return 2;
  case 'l':
  case 'd':
    return 4;
  case 'L':
  case 'D':
    return 8;
  default:
    return 0;
  }
}

Number UbjsonSource::decode(char type, const char *bytes) {
  auto whole = [](int64_t value) {
    return Number{true, value, static_cast<double>(value)};
  };
  switch (type) {
  case 'i':
    return whole(static_cast<int8_t>(*bytes));
  case 'U':
    return whole(static_cast<uint8_t>(*bytes));
  case 'I':
    return whole(static_cast<int16_t>(support::endian::read16be(bytes)));
  case 'l':
    return whole(static_cast<int32_t>(support::endian::read32be(bytes)));
  case 'L':
    return whole(static_cast<int64_t>(support::endian::read64be(bytes)));
  case 'd':
    return {false, 0, llvm::bit_cast<float>(support::endian::read32be(bytes))};
  default:
    return {false, 0, llvm::bit_cast<double>(support::endian::read64be(bytes))};
  }
}

Expected<char> UbjsonSource::marker() {
  if (next == end)
    return fail("the file ends where a value should begin");
  return *next++;
}

Expected<uint64_t> UbjsonSource::length() {
  Expected<char> type = marker();
  if (!type)
    return type.takeError();
  unsigned size = *type == 'd' || *type == 'D' ? 0 : sizeOf(*type);
  if (!size)
    return fail("expected a length");
  if (left() < size)
    return fail("the file ends inside a length");
  int64_t value = decode(*type, next).integer;
  next += size;
  if (value < 0 || static_cast<uint64_t>(value) > left())
    return fail("length " + Twine(value) + ", but " + Twine(left()) +
                " bytes are left");
  return value;
}

Expected<StringRef> UbjsonSource::bytes() {
  Expected<uint64_t> size = length();
  if (!size)
    return size.takeError();
  next += *size;
  return StringRef(next - *size, *size);
}

Error UbjsonSource::object(function_ref<Error(StringRef)> member) {
  Expected<char> opening = marker();
  if (!opening)
    return opening.takeError();
  if (*opening != '{')
    return fail("expected an object");
  if (++depth > kMaxDepth)
    return fail("objects and arrays nest deeper than " + Twine(kMaxDepth));
  SmallSet<StringRef, 32> seen; // keys stay where they are in the file
  while (next != end && *next != '}') {
    Expected<StringRef> key = bytes();
    if (!key)
      return key.takeError();
    if (!seen.insert(*key).second)
      return fail("member \"" + key->take_front(80) + "\" appears twice");
    if (Error error = inMember(*key, [&] { return member(*key); }))
      return error;
  }
  if (next == end)
    return fail("the file ends inside an object");
  ++next;
  --depth;
  return Error::success();
}

Expected<ArrayHead> UbjsonSource::arrayHead() {
  Expected<char> opening = marker();
  if (!opening)
    return opening.takeError();
  if (*opening != '[')
    return fail("expected an array");
  ArrayHead head;
  if (next != end && *next == '$') {
    ++next;
    Expected<char> type = marker();
    if (!type)
      return type.takeError();
    if (!sizeOf(*type))
      return fail("arrays of one type hold numbers only");
    head.type = *type;
    if (next == end || *next != '#')
      return fail("expected the number of elements");
  }
  if (next != end && *next == '#') {
    ++next;
    Expected<uint64_t> count = length();
    if (!count)
      return count.takeError();
    head.count = *count;
  }
  if (head.type && *head.count > left() / sizeOf(*head.type))
    return fail(Twine(*head.count) + " elements, but " + Twine(left()) +
                " bytes are left");
  return head;
}

Error UbjsonSource::array(function_ref<Error(size_t)> element) {
  Expected<ArrayHead> head = arrayHead();
  if (!head)
    return head.takeError();
  if (head->type)
    return fail("expected an array of values, found one of numbers");
  return elements(*head, [&](size_t index) {
    return inElement(index, [&] { return element(index); });
  });
}

Error UbjsonSource::elements(const ArrayHead &head,
                             function_ref<Error(size_t)> element) {
  if (++depth > kMaxDepth)
    return fail("objects and arrays nest deeper than " + Twine(kMaxDepth));
  auto more = [&](size_t index) {
    return head.count ? index < *head.count : next != end && *next != ']';
  };
  for (size_t index = 0; more(index); ++index)
    if (Error error = element(index))
      return error;
  if (!head.count) {
    if (next == end)
      return fail("the file ends inside an array");
    ++next;
  }
  --depth;
  return Error::success();
}

Expected<std::string> UbjsonSource::string() {
  Expected<char> type = marker();
  if (!type)
    return type.takeError();
  if (*type != 'S')
    return fail("expected a string");
  Expected<StringRef> value = bytes();
  if (!value)
    return value.takeError();
  return value->str();
}

template <typename T, typename Convert>
Error UbjsonSource::append(char type, const char *from, std::vector<T> &values,
                           Convert convert) {
  std::optional<T> value = convert(decode(type, from));
  if (!value)
    return inElement(values.size(),
                     [&] { return error("expected an integer of 32 bits"); });
  values.push_back(*value);
  return Error::success();
}

/// Copies the types that XGBoost writes, whose every value fits; false for
/// others.
static bool copyPlain(char type, const char *from,
                      MutableArrayRef<int32_t> to) {
  if (type == 'l')
    for (auto [index, value] : llvm::enumerate(to))
      value = support::endian::read32be(from + 4 * index);
  else if (type == 'U')
    for (auto [index, value] : llvm::enumerate(to))
      value = static_cast<uint8_t>(from[index]);
  return type == 'l' || type == 'U';
}

static bool copyPlain(char type, const char *from, MutableArrayRef<float> to) {
  if (type == 'd')
    for (auto [index, value] : llvm::enumerate(to))
      value =
          llvm::bit_cast<float>(support::endian::read32be(from + 4 * index));
  return type == 'd';
}

template <typename T, typename Convert>
Error UbjsonSource::typedNumbers(char type, uint64_t count,
                                 std::vector<T> &values, Convert convert) {
  unsigned size = sizeOf(type);
  values.resize(count);
  if (copyPlain(type, next, values)) {
    next += count * size;
    return Error::success();
  }
  values.clear();
  for (uint64_t index = 0; index < count; ++index, next += size)
    if (Error error = append(type, next, values, convert))
      return error;
  return Error::success();
}

template <typename T, typename Convert>
Error UbjsonSource::numbers(std::vector<T> &values, StringRef expected,
                            Convert convert) {
  Expected<ArrayHead> head = arrayHead();
  if (!head)
    return head.takeError();
  values.clear();
  if (head->type)
    return typedNumbers(*head->type, *head->count, values, convert);
  auto more = [&] {
    return head->count ? values.size() < *head->count
                       : next != end && *next != ']';
  };
  while (more()) {
    Expected<char> type = marker();
    if (!type)
      return type.takeError();
    unsigned size = sizeOf(*type);
    if (*type == 'T' || *type == 'F') {
      values.push_back(*type == 'T');
      continue;
    }
    if (!size)
      return inElement(values.size(),
                       [&] { return fail("expected " + expected); });
    if (left() < size)
      return fail("the file ends inside a number");
    if (Error error = append(*type, next, values, convert))
      return error;
    next += size;
  }
  if (head->count)
    return Error::success();
  if (next == end)
    return fail("the file ends inside an array");
  ++next;
  return Error::success();
}

Error UbjsonSource::integers(std::vector<int32_t> &values) {
  return numbers(values, "an integer of 32 bits",
                 [](const Number &number) -> std::optional<int32_t> {
                   if (!number.isInteger ||
                       number.integer != static_cast<int32_t>(number.integer))
                     return std::nullopt;
                   return static_cast<int32_t>(number.integer);
                 });
}

Error UbjsonSource::floats(std::vector<float> &values) {
  return numbers(
      values, "a number", [](const Number &number) -> std::optional<float> {
        constexpr double largest = std::numeric_limits<float>::max();
        if (std::fabs(number.real) > largest)
          return std::copysign(std::numeric_limits<float>::infinity(),
                               static_cast<float>(number.real > 0 ? 1 : -1));
        return static_cast<float>(number.real);
      });
}

Error UbjsonSource::skipNumber(char type) {
  unsigned size = sizeOf(type);
  if (!size)
    return fail("unknown type of value");
  if (left() < size)
    return fail("the file ends inside a number");
  next += size;
  return Error::success();
}

Error UbjsonSource::skip() {
  if (next == end)
    return fail("the file ends where a value should begin");
  switch (*next) {
  case '{':
    return object([&](StringRef) { return skip(); });
  case '[': {
    Expected<ArrayHead> head = arrayHead();
    if (!head)
      return head.takeError();
    if (head->type) {
      next += *head->count * sizeOf(*head->type);
      return Error::success();
    }
    return elements(*head, [&](size_t) { return skip(); });
  }
  case 'S':
    ++next;
    return bytes().takeError();
  case 'T':
  case 'F':
  case 'Z':
    ++next;
    return Error::success();
  default:
    return skipNumber(*next++);
  }
}

} // namespace

Expected<Forest> parseForestUbjson(StringRef bytes, StringRef source) {
  UbjsonSource reader(bytes, source);
  Expected<Forest> forest = readModel(reader);
  if (!forest)
    return forest.takeError();
  if (Error error = reader.finish())
    return error;
  return forest;
}

} // namespace gnomon
