// SPDX-License-Identifier: Apache-2.0
// One linear scan over a JSON text for depth and duplicated members.
#include "JsonCheck.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/Twine.h"

#include <vector>

using namespace llvm;

namespace gnomon {
namespace {

class StructureScanner {
public:
  StructureScanner(StringRef text, unsigned maxDepth, StringRef source)
      : text(text), maxDepth(maxDepth), source(source) {}

  Error run() {
    for (size_t at = 0; at < text.size(); ++at) {
      switch (text[at]) {
      case '"': {
        size_t begin = at + 1;
        at = endOfString(begin);
        if (Error error = sawString(text.slice(begin, at)))
          return error;
        break;
      }
      case '{':
      case '[':
        if (levels.size() == maxDepth)
          return fail(at,
                      "objects and arrays nest deeper than " + Twine(maxDepth));
        levels.push_back({text[at] == '{', text[at] == '{', {}});
        break;
      case '}':
      case ']':
        if (!levels.empty())
          levels.pop_back();
        break;
      case ',':
        if (!levels.empty())
          levels.back().expectsKey = levels.back().isObject;
        break;
      default:
        break;
      }
    }
    return Error::success();
  }

private:
  struct Level {
    bool isObject;
    bool expectsKey;
    StringSet<> keys;
  };

  /// Position of the closing quote, or the end of the text.
  size_t endOfString(size_t at) const {
    while (at < text.size() && text[at] != '"')
      at += text[at] == '\\' ? 2 : 1;
    return std::min(at, text.size());
  }

  Error sawString(StringRef string) {
    if (levels.empty() || !levels.back().expectsKey)
      return Error::success();
    levels.back().expectsKey = false;
    if (levels.back().keys.insert(string).second)
      return Error::success();
    return fail(string.data() - text.data(),
                "member \"" + string.take_front(80) +
                    "\" appears twice in one object");
  }

  Error fail(size_t at, const Twine &message) const {
    StringRef before = text.take_front(at);
    size_t lineStart = before.rfind('\n');
    size_t column = lineStart == StringRef::npos ? at + 1 : at - lineStart;
    return createStringError(source + ":" + Twine(before.count('\n') + 1) +
                             ":" + Twine(column) + ": " + message);
  }

  StringRef text;
  unsigned maxDepth;
  StringRef source;
  std::vector<Level> levels;
};

} // namespace

Error checkJsonStructure(StringRef text, unsigned maxDepth, StringRef source) {
  return StructureScanner(text, maxDepth, source).run();
}

} // namespace gnomon
