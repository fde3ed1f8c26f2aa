// SPDX-License-Identifier: Apache-2.0
// What no network within the limits can surpass by an evaluator.

#include "Proof.h"

#include "Scorer.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>

namespace gnomon::search {

namespace {
class BranchAndBound {
public:
  BranchAndBound(const Problem &problem, Evaluator &evaluator, double known,
                 uint64_t most)
      : problem(problem), boxes(problem), evaluator(evaluator), known(known),
        left(most) {}
  std::optional<double> run(std::optional<double> other);

private:
  struct Node {
    double bound;
    uint64_t number;
    Box box;
    bool operator<(const Node &other) const {
      return std::tie(bound, other.number) < std::tie(other.bound, number);
    }
  };
  /// Leaves decisions that cannot matter one option.
  void settle(Box &box) const;
  bool mayFit(const Box &box) const;
  /// The decision to split by; none: the box is one network.
  std::optional<uint32_t> openDecision(const Box &box) const;
  void split(const Node &node, uint32_t decision);
  /// `bound` is that of a box around it.
  void add(Box box, double bound);

  const Problem &problem;
  const Boxes boxes;
  Evaluator &evaluator;
  double known;
  uint64_t left, made = 0;
  std::vector<Node> heap;
};
} // namespace

void BranchAndBound::settle(Box &box) const {
  std::vector<Matters> matters = boxes.matters(box);
  for (uint32_t i = 0; i < box.size(); ++i)
    if (matters[i] == Matters::Never) {
      box[i].reset();
      box[i].set(0);
    }
}

bool BranchAndBound::mayFit(const Box &box) const {
  return llvm::all_of(problem.limits, [&](const Limit &limit) {
    return (!limit.atMost ||
            boxes.reach(box, limit.metric, false) <= *limit.atMost) &&
           (!limit.atLeast ||
            boxes.reach(box, limit.metric, true) >= *limit.atLeast);
  });
}

/// Decisions that decide about others go first.
std::optional<uint32_t> BranchAndBound::openDecision(const Box &box) const {
  llvm::BitVector decides(box.size());
  for (const Decision &decision : problem.decisions)
    for (const auto &row : decision.activeWhen)
      for (const Literal &literal : row)
        decides.set(literal.decision);
  for (bool first : {true, false})
    for (uint32_t i = 0; i < box.size(); ++i)
      if (decides[i] == first && box[i].count() > 1)
        return i;
  return std::nullopt;
}

void BranchAndBound::add(Box box, double bound) {
  settle(box);
  if (!mayFit(box))
    return;
  if (std::optional<double> own = evaluator.upperBound(box))
    bound = std::min(bound, *own);
  heap.push_back({bound, made++, std::move(box)});
  std::push_heap(heap.begin(), heap.end());
}

void BranchAndBound::split(const Node &node, uint32_t decision) {
  for (unsigned option : node.box[decision].set_bits()) {
    Box part = node.box;
    part[decision].reset();
    part[decision].set(option);
    add(std::move(part), node.bound);
  }
}

std::optional<double> BranchAndBound::run(std::optional<double> other) {
  std::optional<double> all;
  if (left > 0)
    all = evaluator.upperBound(wholeBox(problem));
  if (!all || (other && *all >= *other))
    return all;
  add(wholeBox(problem), *all);
  --left;
  while (!heap.empty() && heap.front().bound > known) {
    std::optional<uint32_t> open = openDecision(heap.front().box);
    // One network is bounded by its score; or no more boxes may be bounded.
    if (!open || left < heap.front().box[*open].count())
      return heap.front().bound;
    std::pop_heap(heap.begin(), heap.end());
    Node node = std::move(heap.back());
    heap.pop_back();
    left -= node.box[*open].count();
    split(node, *open);
  }
  return known;
}

std::optional<double> boundByBoxes(const Problem &problem, Evaluator &evaluator,
                                   double known, std::optional<double> other,
                                   uint64_t boxes) {
  return BranchAndBound(problem, evaluator, known, boxes).run(other);
}

std::optional<double> boundByStandIn(const Problem &problem,
                                     const Objective &objective,
                                     const CandidateOptions &options) {
  if (!objective.metric || !options.error ||
      problem.metrics[*objective.metric].combine != Combine::Sum)
    return std::nullopt;
  llvm::Expected<Front> front = exactOptimum(problem, *objective.metric);
  if (!front) {
    llvm::consumeError(front.takeError());
    return std::nullopt;
  }
  if (front->epsilon != 0 || front->points.empty())
    return std::nullopt;
  Cost optimum = scoreOf(problem, *objective.metric,
                         front->points[0].costs[*objective.metric]);
  return double(optimum) / options.ticksPerUnit + *options.error;
}

} // namespace gnomon::search
