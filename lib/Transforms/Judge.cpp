// SPDX-License-Identifier: Apache-2.0
// Accuracy networks as judges of the networks found.

#include "Judge.h"
#include "DegreeJudge.h"
#include "gnomon/Accuracy/MlpEvaluator.h"
#include "gnomon/Accuracy/ValueTables.h"
#include "gnomon/Support/Random.h"
#include <cmath>

using namespace gnomon;

/// Random networks on which judge and stand-in are compared.
constexpr size_t kCompared = 20000;

static llvm::Expected<std::unique_ptr<search::Evaluator>>
degreeJudge(mlir::ModuleOp module, const JsonView &json,
            const search::Problem &problem) {
  auto model = parseDegreeModel(json);
  if (!model)
    return model.takeError();
  auto judge =
      std::make_unique<DegreeJudge>(std::move(*model), module, problem);
  if (llvm::Error error = judge->check())
    return error;
  return judge;
}

/// What a file with a network judges; null for a file of another kind.
static llvm::Expected<std::unique_ptr<search::Evaluator>>
judgeOfFile(mlir::ModuleOp module, llvm::StringRef path,
            const search::Problem &problem) {
  auto document = JsonDocument::load(path);
  if (!document)
    return document.takeError();
  auto kind = document->root().stringOr("kind", "");
  if (!kind)
    return kind.takeError();
  if (*kind == "nn-degree")
    return degreeJudge(module, document->root(), problem);
  if (*kind != "mlp")
    return std::unique_ptr<search::Evaluator>();
  auto file = parseMlpFile(document->root(), path);
  if (!file)
    return file.takeError();
  auto encoder = ProblemEncoder::create(file->encoding, problem, path);
  if (!encoder)
    return encoder.takeError();
  auto evaluator = MlpEvaluator::create(file->network, std::move(*encoder),
                                        file->metric.sense, path);
  if (!evaluator)
    return evaluator.takeError();
  return std::make_unique<MlpEvaluator>(std::move(*evaluator));
}

llvm::Expected<std::unique_ptr<search::Evaluator>>
gnomon::makeJudge(mlir::ModuleOp module, const ArchitectureQuery &query,
                  const search::Problem &problem) {
  std::unique_ptr<search::Evaluator> judge;
  if (query.evaluator || !query.accuracy.empty()) {
    auto made = query.evaluator ? query.evaluator(problem)
                                : judgeOfFile(module, query.accuracy, problem);
    if (!made)
      return llvm::createStringError("accuracy: " +
                                     llvm::toString(made.takeError()));
    judge = std::move(*made);
  }
  if (judge && query.standIn.empty())
    return llvm::createStringError(
        "accuracy: a network needs a stand-in of kind additive, which says "
        "about the same as a sum");
  return judge;
}

static std::vector<search::Assignment>
randomNetworks(const search::Problem &problem, uint64_t seed) {
  Random random(seed);
  std::vector<search::Assignment> result(kCompared);
  for (search::Assignment &assignment : result) {
    for (const search::Decision &decision : problem.decisions)
      assignment.push_back(random.below(decision.options.size()));
    assignment = search::canonical(problem, std::move(assignment));
  }
  return result;
}

std::vector<double>
ComparedJudge::evaluate(llvm::ArrayRef<search::Assignment> assignments) {
  const search::Problem &problem = front.space.problem;
  const double sign =
      problem.metrics[front.objective].sense == search::Sense::Maximize ? 1
                                                                        : -1;
  std::vector<double> scores = judge.evaluate(assignments);
  double &error = front.assumedError.emplace(front.assumedError.value_or(0));
  for (auto [network, score] : llvm::zip(assignments, scores)) {
    double value = double(search::evaluate(problem, network)[front.objective]);
    error =
        std::max(error, std::abs(score - sign * value / ValueTables::kTicks));
  }
  return scores;
}

void gnomon::judgeFront(ComparedJudge &judge, uint64_t seed,
                        ArchitectureFront &front) {
  judge.evaluate(randomNetworks(front.space.problem, seed));
  std::vector<search::Assignment> networks;
  for (const FoundArchitecture &point : front.points)
    networks.push_back(point.solution.assignment);
  std::vector<double> scores = judge.evaluate(networks);
  std::vector<FoundArchitecture> kept;
  for (auto [point, score] : llvm::zip(front.points, scores)) {
    // Points ascend in latency; that of several devices orders them in part.
    if (point.latencies.size() == 1 && !kept.empty() &&
        score <= *kept.back().score)
      continue;
    point.score = score;
    kept.push_back(std::move(point));
  }
  front.points = std::move(kept);
  front.exactGap.reset();
}
