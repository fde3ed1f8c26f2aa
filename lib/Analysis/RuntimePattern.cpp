// SPDX-License-Identifier: Apache-2.0
// Reads the text form of a sub-graph pattern.

#include "gnomon/Analysis/RuntimeRules.h"

#include "llvm/ADT/StringExtras.h"

using namespace gnomon;

namespace {

/// Recursive descent over the text; depth is bounded, so that no file can
/// exhaust the stack.
class PatternReader {
public:
  explicit PatternReader(llvm::StringRef text) : text(text) {}

  llvm::Expected<Pattern> read() {
    llvm::Expected<Pattern> pattern = readPattern(0);
    if (!pattern)
      return pattern.takeError();
    if (pattern->kind != Pattern::Operation)
      return fail("an operation at the root");
    skipBlanks();
    if (at != text.size())
      return fail("the end");
    return pattern;
  }

private:
  static constexpr unsigned maxDepth = 32;

  llvm::Error fail(llvm::StringRef expected) const {
    return llvm::createStringError("pattern \"" + text + "\": expected " +
                                   expected + " at column " +
                                   llvm::Twine(at + 1));
  }

  void skipBlanks() {
    while (at < text.size() && text[at] == ' ')
      ++at;
  }

  bool take(llvm::StringRef token) {
    skipBlanks();
    if (!text.substr(at).starts_with(token))
      return false;
    at += token.size();
    return true;
  }

  llvm::StringRef takeWhile(llvm::function_ref<bool(char)> keep) {
    llvm::StringRef word = text.substr(at).take_while(keep);
    at += word.size();
    return word;
  }

  llvm::StringRef takeName() {
    return takeWhile([](char c) { return llvm::isAlnum(c) || c == '_'; });
  }

  llvm::Expected<Pattern> readPattern(unsigned depth) {
    if (depth > maxDepth)
      return fail("fewer nested operations");
    Pattern pattern;
    if (take("#"))
      return readScalar();
    if (take("%")) {
      pattern.kind = Pattern::Constant;
      return pattern;
    }
    if (take("?")) {
      pattern.name = takeName().str();
      if (pattern.name.empty())
        return fail("a name after '?'");
      if (!take("="))
        return pattern;
    } else if (take("_")) {
      return pattern;
    }
    return readOperation(std::move(pattern), depth);
  }

  llvm::Expected<Pattern> readScalar() {
    Pattern pattern;
    pattern.kind = Pattern::Scalar;
    llvm::StringRef digits = takeWhile(
        [](char c) { return llvm::isDigit(c) || c == '.' || c == '-'; });
    double value = 0;
    if (digits.empty())
      return pattern;
    if (digits.getAsDouble(value))
      return fail("a number after '#'");
    pattern.value = value;
    return pattern;
  }

  llvm::Expected<Pattern> readOperation(Pattern pattern, unsigned depth) {
    pattern.kind = Pattern::Operation;
    skipBlanks();
    pattern.op = takeName().str();
    if (pattern.op.empty())
      return fail("an operation, '?', '#', '%' or '_'");
    if (take("["))
      if (llvm::Error error = readConditions(pattern))
        return std::move(error);
    if (!take("("))
      return fail("'('");
    if (take(")"))
      return pattern;
    do {
      if (take("...")) {
        pattern.open = true;
        break;
      }
      llvm::Expected<Pattern> operand = readPattern(depth + 1);
      if (!operand)
        return operand.takeError();
      pattern.operands.push_back(std::move(*operand));
    } while (take(","));
    if (!take(")"))
      return fail("',' or ')'");
    return pattern;
  }

  llvm::Error readConditions(Pattern &pattern) {
    do {
      skipBlanks();
      std::string key = takeName().str(), value;
      if (key.empty())
        return fail("a condition");
      if (take("="))
        value =
            takeWhile([](char c) { return c != ',' && c != ']'; }).trim().str();
      else if (key != "swaps_last" && key != "swaps_batch" &&
               key != "last_axis")
        return fail("'=' or a known predicate before it");
      pattern.conditions.emplace_back(std::move(key), std::move(value));
    } while (take(","));
    if (!take("]"))
      return fail("',' or ']'");
    return llvm::Error::success();
  }

  llvm::StringRef text;
  size_t at = 0;
};

} // namespace

llvm::Expected<Pattern> gnomon::parsePattern(llvm::StringRef text) {
  return PatternReader(text).read();
}
