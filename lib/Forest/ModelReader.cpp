// SPDX-License-Identifier: Apache-2.0
// From a document of XGBoost's model schema to a forest.
#include "ModelReader.h"

#include "ModelSource.h"
#include "TreeBuilder.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

#include <limits>

using namespace llvm;

namespace gnomon {
namespace {

constexpr StringRef kModelPath = "learner.gradient_booster.model";
constexpr StringRef kParamPath = "learner.learner_model_param";

/// Classes or targets; bounds what a small file can make us allocate.
constexpr int64_t kMaxOutputs = 65536;

/// Reads the members in whatever order they come (UBJSON files are read
/// once, front to back) and joins them in `finish`.
class ModelReader {
public:
  explicit ModelReader(ModelSource &source) : source(source) {}

  Expected<Forest> run() {
    if (Error error =
            source.object([&](StringRef key) { return readTop(key); }))
      return error;
    if (Error error = finish())
      return error;
    return std::move(forest);
  }

private:
  Error readTop(StringRef key);
  Error readLearner(StringRef key);
  Error readBooster(StringRef key);
  Error readModel(StringRef key);
  Error readTree();
  Error readTreeMember(RawTree &tree, StringRef key);
  Error readTreeParameter(RawTree &tree, StringRef key);
  Error readParameter(StringRef key);
  Error readFeatureNames();
  Error readText(std::optional<std::string> &text);
  Expected<int64_t> wholeNumber(int64_t low, int64_t high);
  template <typename T>
  Error into(std::optional<std::vector<T>> &values,
             Error (ModelSource::*read)(std::vector<T> &));

  Error finish();
  Error checkPresence();
  Error checkCounts();
  Error checkTrees();
  Error assignOutputs();
  Error assignWeights();
  Error assignBase();
  Expected<float> parseScore(StringRef text);

  ModelSource &source;
  Forest forest;
  bool hasTrees = false, hasBooster = false, hasParameters = false;
  std::string treesPath = kModelPath.str();
  std::optional<std::string> booster, baseScore, objective;
  std::optional<int64_t> numTrees, numFeature;
  int64_t numClass = 0, numTarget = 1;
  std::optional<std::vector<int32_t>> treeInfo;
  std::optional<std::vector<float>> weightDrop;
  std::vector<LargestFeature> largestOfTree;
  std::optional<int64_t> leafSize;
};

Error ModelReader::readText(std::optional<std::string> &text) {
  Expected<std::string> found = source.string();
  if (!found)
    return found.takeError();
  text = std::move(*found);
  return Error::success();
}

/// XGBoost writes its parameters as strings.
Expected<int64_t> ModelReader::wholeNumber(int64_t low, int64_t high) {
  Expected<std::string> text = source.string();
  if (!text)
    return text.takeError();
  int64_t value;
  if (StringRef(*text).getAsInteger(10, value) || value < low || value > high)
    return source.error("expected a whole number from " + Twine(low) + " to " +
                        Twine(high) + " in a string, found \"" +
                        StringRef(*text).take_front(40) + "\"");
  return value;
}

template <typename T>
Error ModelReader::into(std::optional<std::vector<T>> &values,
                        Error (ModelSource::*read)(std::vector<T> &)) {
  values.emplace();
  return (source.*read)(*values);
}

Error ModelReader::readTop(StringRef key) {
  if (key == "learner")
    return source.object([&](StringRef inner) { return readLearner(inner); });
  return source.skip();
}

Error ModelReader::readLearner(StringRef key) {
  if (key == "feature_names")
    return readFeatureNames();
  if (key == "gradient_booster") {
    hasBooster = true;
    return source.object([&](StringRef inner) { return readBooster(inner); });
  }
  if (key == "learner_model_param") {
    hasParameters = true;
    return source.object([&](StringRef inner) { return readParameter(inner); });
  }
  if (key == "objective")
    return source.object([&](StringRef inner) {
      return inner == "name" ? readText(objective) : source.skip();
    });
  return source.skip();
}

/// gbtree holds its model at once, dart one level deeper with the weights
/// beside it.
Error ModelReader::readBooster(StringRef key) {
  auto model = [&](StringRef inner) { return readModel(inner); };
  if (key == "name")
    return readText(booster);
  if (key == "weight_drop")
    return into(weightDrop, &ModelSource::floats);
  if (key == "model")
    return source.object(model);
  if (key == "gbtree")
    return source.object([&](StringRef inner) {
      return inner == "model" ? source.object(model) : source.skip();
    });
  return source.skip();
}

Error ModelReader::readModel(StringRef key) {
  if (key == "gbtree_model_param")
    return source.object([&](StringRef inner) -> Error {
      if (inner != "num_trees")
        return source.skip();
      Expected<int64_t> count =
          wholeNumber(0, std::numeric_limits<int32_t>::max());
      if (!count)
        return count.takeError();
      numTrees = *count;
      return Error::success();
    });
  if (key == "tree_info")
    return into(treeInfo, &ModelSource::integers);
  if (key != "trees")
    return source.skip();
  if (hasTrees)
    return source.error("the model holds its trees twice");
  hasTrees = true;
  treesPath =
      StringRef(source.path()).drop_back(StringRef(".trees").size()).str();
  return source.array([&](size_t) { return readTree(); });
}

Error ModelReader::readTree() {
  RawTree tree;
  if (Error error = source.object(
          [&](StringRef key) { return readTreeMember(tree, key); }))
    return error;
  if (leafSize && *leafSize != tree.leafSize)
    return source.errorAt(source.path() + ".tree_param.size_leaf_vector",
                          "found " + Twine(tree.leafSize) +
                              ", the trees before have " + Twine(*leafSize));
  leafSize = tree.leafSize;
  Expected<LargestFeature> largest = appendTree(tree, source, forest);
  if (!largest)
    return largest.takeError();
  largestOfTree.push_back(*largest);
  return Error::success();
}

Error ModelReader::readTreeMember(RawTree &tree, StringRef key) {
  if (key == "left_children")
    return into(tree.leftChildren, &ModelSource::integers);
  if (key == "right_children")
    return into(tree.rightChildren, &ModelSource::integers);
  if (key == "split_indices")
    return into(tree.splitIndices, &ModelSource::integers);
  if (key == "split_conditions")
    return into(tree.splitConditions, &ModelSource::floats);
  if (key == "default_left")
    return into(tree.defaultLeft, &ModelSource::integers);
  if (key == "split_type")
    return into(tree.splitType, &ModelSource::integers);
  if (key == "leaf_weights")
    return into(tree.leafWeights, &ModelSource::floats);
  if (key == "categories")
    return source.integers(tree.categories);
  if (key == "categories_nodes")
    return source.integers(tree.categoriesNodes);
  if (key == "categories_segments")
    return source.integers(tree.categoriesSegments);
  if (key == "categories_sizes")
    return source.integers(tree.categoriesSizes);
  if (key == "tree_param")
    return source.object(
        [&](StringRef inner) { return readTreeParameter(tree, inner); });
  return source.skip();
}

Error ModelReader::readTreeParameter(RawTree &tree, StringRef key) {
  if (key != "num_nodes" && key != "num_deleted" && key != "size_leaf_vector")
    return source.skip();
  Expected<int64_t> value = wholeNumber(0, std::numeric_limits<int32_t>::max());
  if (!value)
    return value.takeError();
  if (key == "num_nodes")
    tree.numNodes = *value;
  else if (key == "num_deleted")
    tree.numDeleted = *value;
  else
    tree.leafSize =
        std::max<int64_t>(*value, 1); // Old files say 0 for plain leaves.
  return Error::success();
}

Error ModelReader::readParameter(StringRef key) {
  if (key == "base_score")
    return readText(baseScore);
  if (key != "num_class" && key != "num_feature" && key != "num_target")
    return source.skip();
  Expected<int64_t> value = wholeNumber(
      0, key == "num_feature" ? ForestNode::kFeatureMask : kMaxOutputs);
  if (!value)
    return value.takeError();
  if (key == "num_class")
    numClass = *value;
  else if (key == "num_feature")
    numFeature = *value;
  else
    numTarget = *value;
  return Error::success();
}

Error ModelReader::readFeatureNames() {
  return source.array([&](size_t) -> Error {
    Expected<std::string> name = source.string();
    if (!name)
      return name.takeError();
    forest.featureNames.push_back(std::move(*name));
    return Error::success();
  });
}

Error ModelReader::checkPresence() {
  auto missing = [&](StringRef path, StringRef member) {
    return source.errorAt(path, "member \"" + member + "\" is missing");
  };
  if (!hasBooster)
    return missing("learner", "gradient_booster");
  if (!booster)
    return missing("learner.gradient_booster", "name");
  if (*booster != "gbtree" && *booster != "dart")
    return source.errorAt("learner.gradient_booster.name",
                          "booster \"" + StringRef(*booster).take_front(40) +
                              "\" is not supported, expected gbtree or dart");
  if (!hasParameters)
    return missing("learner", "learner_model_param");
  if (!numFeature)
    return missing(kParamPath, "num_feature");
  if (!baseScore)
    return missing(kParamPath, "base_score");
  if (!objective)
    return missing("learner", "objective");
  if (!hasTrees)
    return missing(treesPath, "trees");
  if (!treeInfo)
    return missing(treesPath, "tree_info");
  return Error::success();
}

Error ModelReader::checkCounts() {
  int64_t trees = forest.trees.size();
  if (numTrees.value_or(trees) != trees)
    return source.errorAt(treesPath + ".gbtree_model_param.num_trees",
                          "found " + Twine(*numTrees) + ", the model has " +
                              Twine(trees) + " trees");
  if (treeInfo->size() != forest.trees.size())
    return source.errorAt(treesPath + ".tree_info",
                          Twine(treeInfo->size()) + " entries, the model has " +
                              Twine(trees) + " trees");
  if (numClass > 1 && numTarget > 1)
    return source.errorAt(kParamPath, Twine(numClass) + " classes and " +
                                          Twine(numTarget) +
                                          " targets exclude each other");
  if (!forest.featureNames.empty() &&
      forest.featureNames.size() != static_cast<uint64_t>(*numFeature))
    return source.errorAt("learner.feature_names",
                          Twine(forest.featureNames.size()) +
                              " names, num_feature is " + Twine(*numFeature));
  return Error::success();
}

Error ModelReader::checkTrees() {
  for (auto [index, largest] : enumerate(largestOfTree))
    if (largest.feature >= *numFeature)
      return source.errorAt(treesPath + ".trees[" + Twine(index) +
                                "].split_indices[" + Twine(largest.node) + "]",
                            "feature " + Twine(largest.feature) +
                                " is out of range, num_feature is " +
                                Twine(*numFeature));
  return Error::success();
}

Error ModelReader::assignOutputs() {
  int64_t margins = std::max<int64_t>({numClass, numTarget, 1});
  forest.vectorLeaves = leafSize.value_or(1) > 1;
  if (forest.vectorLeaves && *leafSize != margins)
    return source.errorAt(treesPath + ".trees[0].tree_param.size_leaf_vector",
                          "found " + Twine(*leafSize) + ", the model has " +
                              Twine(margins) + " outputs");
  forest.numMargins = margins;
  for (auto [index, output] : enumerate(*treeInfo)) {
    if (output < 0 || output >= margins)
      return source.errorAt(treesPath + ".tree_info[" + Twine(index) + "]",
                            "output " + Twine(output) +
                                " is out of range, the model has " +
                                Twine(margins));
    forest.trees[index].output = output;
  }
  return Error::success();
}

Error ModelReader::assignWeights() {
  forest.weighted = *booster == "dart";
  if (!forest.weighted)
    return Error::success();
  if (!weightDrop)
    return source.errorAt("learner.gradient_booster",
                          "member \"weight_drop\" is missing");
  if (weightDrop->size() != forest.trees.size())
    return source.errorAt("learner.gradient_booster.weight_drop",
                          Twine(weightDrop->size()) +
                              " entries, the model has " +
                              Twine(forest.trees.size()) + " trees");
  for (auto [tree, weight] : zip(forest.trees, *weightDrop))
    tree.weight = weight;
  return Error::success();
}

Expected<float> ModelReader::parseScore(StringRef text) {
  APFloat score(APFloat::IEEEsingle());
  Expected<APFloat::opStatus> status =
      score.convertFromString(text.trim(), APFloat::rmNearestTiesToEven);
  bool valid = status && score.isFinite();
  consumeError(status.takeError());
  if (!valid)
    return source.errorAt(kParamPath + ".base_score",
                          "expected a finite number, found \"" +
                              text.take_front(40) + "\"");
  return score.convertToFloat();
}

/// One number, or `[n, n ...]` with one number for all outputs or for each.
Error ModelReader::assignBase() {
  StringRef text = StringRef(*baseScore).trim();
  if (text.consume_front("["))
    if (!text.consume_back("]"))
      return source.errorAt(kParamPath + ".base_score",
                            "the closing bracket is missing");
  SmallVector<StringRef> parts;
  text.split(parts, ',');
  uint64_t margins = std::max<int64_t>({numClass, numTarget, 1});
  if (parts.size() != 1 && parts.size() != margins)
    return source.errorAt(kParamPath + ".base_score",
                          Twine(parts.size()) + " numbers, the model has " +
                              Twine(margins) + " outputs");
  for (StringRef part : parts) {
    Expected<float> score = parseScore(part);
    if (!score)
      return score.takeError();
    std::optional<float> margin =
        baseScoreToMargin(forest.objective.baseLink, *score);
    if (!margin)
      return source.errorAt(kParamPath + ".base_score",
                            part.trim().take_front(40) +
                                " is outside the range of " +
                                forest.objective.name);
    forest.baseMargins.push_back(*margin);
  }
  forest.baseMargins.resize(margins, forest.baseMargins.front());
  return Error::success();
}

Error ModelReader::finish() {
  if (Error error = checkPresence())
    return error;
  std::optional<Objective> known = findObjective(*objective);
  if (!known)
    return source.errorAt("learner.objective.name",
                          "objective \"" +
                              StringRef(*objective).take_front(40) +
                              "\" is not known");
  forest.objective = std::move(*known);
  forest.numFeatures = *numFeature;
  if (Error error = checkCounts())
    return error;
  if (Error error = checkTrees())
    return error;
  if (Error error = assignOutputs())
    return error;
  if (Error error = assignWeights())
    return error;
  return assignBase();
}

} // namespace

Expected<Forest> readModel(ModelSource &source) {
  return ModelReader(source).run();
}

} // namespace gnomon
