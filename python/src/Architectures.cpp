// SPDX-License-Identifier: Apache-2.0
// Architectures of a space, as JSON texts, as selections and as assignments.

#include "Architectures.h"
#include "llvm/ADT/STLExtras.h"

using namespace gnomon;

search::Assignment
python::assignmentOf(llvm::ArrayRef<search::Decision> decisions,
                     const Selection &selection) {
  search::Assignment result(decisions.size());
  for (auto [decision, option] : llvm::zip(decisions, result))
    if (auto found = selection.find(decision.name); found != selection.end())
      option = llvm::find(decision.options, found->second) -
               decision.options.begin();
  return result;
}

llvm::Expected<std::vector<Selection>>
python::selectAll(const Space &space,
                  const std::vector<std::string> &architectures) {
  std::vector<Selection> result;
  for (auto [index, text] : llvm::enumerate(architectures)) {
    auto where = [&](llvm::Error problem) {
      return llvm::createStringError("architecture " + llvm::Twine(index) +
                                     ": " + llvm::toString(std::move(problem)));
    };
    llvm::Expected<llvm::json::Value> value = llvm::json::parse(text);
    if (!value)
      return where(value.takeError());
    const llvm::json::Object *object = value->getAsObject();
    if (!object)
      return where(llvm::createStringError("expected a JSON object"));
    llvm::Expected<Selection> selection = space.select(*object);
    if (!selection)
      return where(selection.takeError());
    result.push_back(std::move(*selection));
  }
  return result;
}

int64_t python::imageSize(const Selection &selection) {
  int64_t resolution = 0;
  auto found = selection.find(kResolutionDecision.str());
  if (found == selection.end() ||
      llvm::StringRef(found->second).getAsInteger(10, resolution))
    return 0;
  return resolution;
}

SpaceOptions python::optionsFor(llvm::ArrayRef<Selection> selections,
                                double widthMult) {
  SpaceOptions options;
  options.widthMult = widthMult;
  for (const Selection &selection : selections)
    if (int64_t resolution = imageSize(selection))
      options.resolutions.push_back(resolution);
  llvm::sort(options.resolutions);
  options.resolutions.erase(llvm::unique(options.resolutions),
                            options.resolutions.end());
  return options;
}
