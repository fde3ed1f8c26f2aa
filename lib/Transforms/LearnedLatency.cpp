// SPDX-License-Identifier: Apache-2.0
// Dense networks that say what the networks of a space take.

#include "LearnedLatency.h"
#include "gnomon/Dialect/Gnomon/GnomonDialect.h"

using namespace gnomon;

/// Nanoseconds in one of the file's unit.
static llvm::Expected<double> scaleOf(const MlpFile &file) {
  const search::Metric &metric = file.metric;
  bool isLatency =
      metric.name == "latency" && metric.sense == search::Sense::Minimize;
  if (isLatency && metric.unit == "ms")
    return 1e6;
  if (isLatency && metric.unit == "us")
    return 1e3;
  return llvm::createStringError(
      file.source + ": expected a latency in ms or us to be minimized, found " +
      metric.name + " in " + metric.unit +
      (metric.sense == search::Sense::Minimize ? " to be minimized"
                                               : " to be maximized"));
}

static llvm::Error checkSpace(const MlpFile &file, mlir::ModuleOp module) {
  auto space = module->getAttrOfType<mlir::StringAttr>(spaceAttrName);
  if (!space || space == file.space)
    return llvm::Error::success();
  return llvm::createStringError(file.source + ": is about " + file.space +
                                 ", expected " + space.getValue());
}

llvm::Expected<std::unique_ptr<LearnedLatency>>
LearnedLatency::load(llvm::StringRef path, mlir::ModuleOp module,
                     const search::Problem &problem) {
  auto file = loadMlpFile(path);
  if (!file)
    return file.takeError();
  auto scale = scaleOf(*file);
  if (!scale)
    return scale.takeError();
  if (llvm::Error error = checkSpace(*file, module))
    return error;
  auto encoder = ProblemEncoder::create(file->encoding, problem, path);
  if (!encoder)
    return encoder.takeError();
  auto network = MlpEvaluator::create(file->network, std::move(*encoder),
                                      file->metric.sense, path);
  if (!network)
    return network.takeError();
  return std::unique_ptr<LearnedLatency>(
      new LearnedLatency(std::move(*network), file->name, *scale));
}

std::vector<double>
LearnedLatency::evaluate(llvm::ArrayRef<search::Assignment> assignments) {
  std::vector<double> answers = network.evaluate(assignments);
  for (double &answer : answers)
    answer *= scale;
  return answers;
}

double LearnedLatency::us(const search::Assignment &assignment) {
  return -evaluate({assignment}).front() / 1e3;
}
