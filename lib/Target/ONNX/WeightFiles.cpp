// SPDX-License-Identifier: Apache-2.0
// Finds and maps the files that weight references name.

#include "WeightFiles.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace gnomon {

static std::string folderOf(StringRef modelPath) {
  StringRef folder = sys::path::parent_path(modelPath);
  return folder.empty() ? "." : folder.str();
}

/// Whether `path`, links followed, lies below `folder`. A file that does not
/// exist leads nowhere.
static bool staysInside(StringRef folder, StringRef path) {
  SmallString<256> realFolder, realPath;
  if (sys::fs::real_path(path, realPath))
    return true;
  if (sys::fs::real_path(folder, realFolder))
    return false;
  StringRef rest = realPath;
  return rest.consume_front(realFolder) &&
         (rest.starts_with("/") || realFolder.ends_with("/"));
}

Expected<std::string> resolveLocation(StringRef modelPath, StringRef location) {
  auto refuse = [&](const char *why) {
    return createStringError("the location '%s' of external weights %s; only "
                             "files within the model's folder are read",
                             location.str().c_str(), why);
  };
  if (location.contains('\0'))
    return refuse("holds a zero byte");
  if (sys::path::is_absolute(location))
    return refuse("is absolute");
  if (location.contains('\\'))
    return refuse("holds a backslash");
  for (StringRef part :
       make_range(sys::path::begin(location), sys::path::end(location)))
    if (part == "..")
      return refuse("holds '..'");
  SmallString<256> path(folderOf(modelPath));
  sys::path::append(path, location);
  if (!staysInside(folderOf(modelPath), path))
    return refuse("leads out through a link");
  return path.str().str();
}

Expected<StringRef> WeightFiles::open(StringRef path) {
  std::unique_ptr<MemoryBuffer> &file = files[path];
  if (!file) {
    ErrorOr<std::unique_ptr<MemoryBuffer>> opened = MemoryBuffer::getFile(
        path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
    if (!opened)
      return createStringError("the weights' file '%s' cannot be read: %s",
                               path.str().c_str(),
                               opened.getError().message().c_str());
    file = std::move(*opened);
  }
  return file->getBuffer();
}

Expected<StringRef> WeightFiles::read(const WeightReference &reference) {
  std::string path = modelPath;
  if (!reference.location.empty()) {
    Expected<std::string> resolved =
        resolveLocation(modelPath, reference.location);
    if (!resolved)
      return resolved.takeError();
    path = *resolved;
  }
  Expected<StringRef> bytes = open(path);
  if (!bytes)
    return bytes.takeError();
  uint64_t size = bytes->size();
  uint64_t wanted =
      divideCeil(static_cast<uint64_t>(reference.type.getNumElements()) *
                     packedBits(reference.type.getElementType()),
                 8);
  uint64_t length = reference.length.value_or(wanted);
  if (reference.offset > size || length > size - reference.offset)
    return createStringError("weights at byte %llu, %llu bytes long, lie "
                             "beyond the end of '%s', which holds %llu",
                             static_cast<unsigned long long>(reference.offset),
                             static_cast<unsigned long long>(length),
                             path.c_str(),
                             static_cast<unsigned long long>(size));
  return bytes->substr(reference.offset, length);
}

} // namespace gnomon
