// SPDX-License-Identifier: Apache-2.0
// Random networks of a space and what a bundle says that they take.

#include "SampleCalls.h"
#include "NamedSpace.h"
#include "gnomon/Analysis/SpaceAnalysis.h"
#include "gnomon/Dialect/Gnomon/GnomonDialect.h"
#include "gnomon/Search/Activity.h"
#include "gnomon/Support/Random.h"

using namespace gnomon;
using namespace gnomon::python;
using namespace mlir;

/// Names of decisions and options.
static void describe(const search::Problem &problem, Samples &into) {
  for (const search::Decision &decision : problem.decisions)
    if (decision.name != kResolutionDecision) {
      into.decisions.push_back(decision.name);
      into.options.push_back(decision.options);
    }
}

static void addNetwork(const search::Problem &problem,
                       const search::Assignment &network, bool hasSizes,
                       Samples &into) {
  int64_t resolution = 0;
  llvm::BitVector active = search::activeDecisions(problem, network);
  for (auto [index, decision] : llvm::enumerate(problem.decisions)) {
    if (decision.name != kResolutionDecision)
      into.choices.push_back(active[index] ? int64_t(network[index]) : -1);
    else if (hasSizes)
      StringRef(decision.options[network[index]]).getAsInteger(10, resolution);
  }
  into.resolutions.push_back(resolution);
  into.latencyMs.push_back(double(search::evaluate(problem, network).front()) /
                           1e6);
}

static llvm::Expected<Samples> samplesOf(const SampleRequest &request,
                                         Session &session) {
  auto space = spaceNamed(request.space);
  if (!space)
    return space.takeError();
  SpaceOptions options;
  options.resolutions.assign(request.resolutions.begin(),
                             request.resolutions.end());
  options.widthMult = request.widthMult;
  auto supernet = (*space)->build(session.context, options);
  if (!supernet)
    return supernet.takeError();
  auto setup = CostSetup::load(request.bundle, request.device, **supernet);
  if (!setup)
    return setup.takeError();
  const CostSetup *only = setup->get();
  SpaceAnalysisOptions analysis;
  analysis.counts = false;
  auto analyzed = analyzeSpace(**supernet, only, analysis);
  if (failed(analyzed))
    return llvm::createStringError(session.takeProblem());
  const search::Problem &problem = analyzed->problem;
  Samples samples;
  samples.space = (*space)->name().str();
  samples.device = only->deviceName().str();
  if (auto widths = (*space)->widthMultipliers(); widths.size() > 1)
    samples.widthMult =
        request.widthMult != 0 ? request.widthMult : widths.front();
  describe(problem, samples);
  const bool hasSizes = resolutionsOf(**space).size() > 1;
  Random random(request.seed);
  for (size_t i = 0; i < request.count; ++i) {
    search::Assignment network;
    for (const search::Decision &decision : problem.decisions)
      network.push_back(random.below(decision.options.size()));
    addNetwork(problem, search::canonical(problem, std::move(network)),
               hasSizes, samples);
  }
  return samples;
}

Answer<Samples> python::sampleSpace(const SampleRequest &request) {
  Session session;
  auto samples = samplesOf(request, session);
  if (!samples)
    return failure<Samples>(samples.takeError());
  return {std::move(*samples), ""};
}
