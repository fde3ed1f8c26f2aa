// SPDX-License-Identifier: Apache-2.0
// A search with a decision that another one decides about.
#include "SmallProblem.h"

namespace gnomon {

search::Problem smallProblem() {
  search::Problem problem;
  problem.name = "small";
  problem.metrics = {{"latency", "ns"}};
  problem.decisions = {{"resolution", {"128", "160"}, {}},
                       {"depth", {"d1", "d2"}, {}},
                       {"last", {"a", "b", "c"}, {{{1, 1}}}}};
  problem.terms = {{{0}, {10, 10}}, {{}, {10}}};
  return problem;
}

search::Problem mobileNetV3Problem(llvm::ArrayRef<unsigned> resolutions) {
  search::Problem problem;
  problem.name = "ofa-mbv3";
  problem.metrics = {{"latency", "ns"}};
  problem.decisions.push_back({"resolution", {}, {}});
  for (unsigned resolution : resolutions)
    problem.decisions[0].options.push_back(std::to_string(resolution));
  for (unsigned stage = 1; stage <= 5; ++stage) {
    const std::string name = "stage" + std::to_string(stage);
    const uint32_t depth = problem.decisions.size();
    problem.decisions.push_back({name + "_depth", {"d2", "d3", "d4"}, {}});
    for (unsigned slot = 0; slot < 4; ++slot) {
      search::Decision block{name + "_block" + std::to_string(slot), {}, {}};
      for (const char *kernel : {"k3", "k5", "k7"})
        for (const char *ratio : {"e3", "e4", "e6"})
          block.options.push_back(std::string(kernel) + ratio);
      if (slot == 2)
        block.activeWhen = {{{depth, 1}}, {{depth, 2}}};
      if (slot == 3)
        block.activeWhen = {{{depth, 2}}};
      problem.decisions.push_back(std::move(block));
    }
  }
  problem.terms = {{{}, {0}}};
  return problem;
}

} // namespace gnomon
