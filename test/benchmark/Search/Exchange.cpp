// SPDX-License-Identifier: Apache-2.0
// What a peer in another language needs to search the same table.

#include "Exchange.h"

#include "PeerMlp.h"
#include "gnomon/Support/Random.h"

#include "llvm/Support/Base64.h"

namespace gnomon::search::test {

namespace {
using llvm::json::Array;
using llvm::json::Object;

Array termTables(const Problem &problem) {
  Array terms;
  for (const Term &term : problem.terms)
    terms.push_back(
        Object{{"scope", Array(term.scope)}, {"costs", Array(term.costs)}});
  return terms;
}

std::string packed(llvm::ArrayRef<float> values) {
  return llvm::encodeBase64(
      llvm::StringRef(reinterpret_cast<const char *>(values.data()),
                      values.size() * sizeof(float)));
}

Array mlpLayers() {
  Array layers;
  for (const DenseLayer &layer : peerLayers())
    layers.push_back(Object{{"inputs", layer.inputs},
                            {"outputs", layer.outputs},
                            {"weights", packed(layer.weights)},
                            {"bias", packed(layer.bias)},
                            {"relu", layer.relu}});
  return layers;
}

Array samples(const Problem &problem) {
  Random random(5);
  std::vector<Assignment> networks;
  for (int i = 0; i < 1000; ++i) {
    Assignment network;
    for (const Decision &decision : problem.decisions)
      network.push_back(random.below(decision.options.size()));
    networks.push_back(canonical(problem, network));
  }
  std::vector<double> scores = PeerMlp().evaluate(networks);
  Array samples;
  for (auto [network, score] : llvm::zip(networks, scores))
    samples.push_back(Object{{"network", Array(network)},
                             {"costs", Array(evaluate(problem, network))},
                             {"score", score}});
  return samples;
}

Array budgets(const Problem &problem) {
  Front front = llvm::cantFail(paretoFront(problem));
  Cost low = front.points.front().costs[0], high = front.points.back().costs[0];
  Array answers;
  for (int i = 1; i <= 20; ++i) {
    Cost budget = low + (high - low) * i / 21;
    Problem limited = problem;
    limited.limits = {{0, budget, std::nullopt}};
    SearchOptions options;
    options.seed = i;
    SearchResult found = llvm::cantFail(searchEvolution(limited, {1}, options));
    answers.push_back(
        Object{{"budget", budget},
               {"exact", bestUnder(problem, front, 0, budget, 1)->costs[1]},
               {"evolution", found.best->costs[1]},
               {"evaluations", found.evaluations}});
  }
  return answers;
}
} // namespace

llvm::json::Value exchange(const Problem &problem) {
  return Object{{"terms", termTables(problem)},
                {"layers", mlpLayers()},
                {"samples", samples(problem)},
                {"budgets", budgets(problem)}};
}

} // namespace gnomon::search::test
