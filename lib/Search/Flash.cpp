// SPDX-License-Identifier: Apache-2.0
// FLASH: Li, Mandal, Ogras, Marculescu, "FLASH: Fast Neural Architecture Search
// with Hardware Optimization", ACM Transactions on Embedded Computing Systems
// 2021.
//
// Simplicial homology global optimisation (Shgo.cpp) over networks, in two
// levels: first the few variables of cells, coarsely, then everything in the
// neighbourhood of what that found; values are rounded to integers.
//
// Ours: all but the two levels and the optimiser, which the paper applies to a
// space of three cells. A decision's options stand in the order of what they
// add to the first limited metric in the mean over the problem's tables (no
// limits: to the objective), so that neighbours cost about the same. Variables
// of the first level are the decisions that others depend on (depths) or that
// share terms with more than half of all others (resolution), and one for each
// run of at most 4 others, a cell. The second level moves every decision by up
// to 2 places, begins again from where it ended as long as that is better, and
// does so for each of the 4 best ends of the first level, which may use a
// quarter of the evaluations. Both levels run again with cells half as long,
// down to single decisions, and all of it up to 8 times from other samples, as
// long as evaluations are left. Networks that break limits are compared by how
// far they do, and are not evaluated. The paper's objective theta / (L E A) is
// not there: an objective and limits are.

#include "gnomon/Search/Shgo.h"

#include "Scorer.h"
#include "Shrinking.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVectorExtras.h"

#include <cmath>
#include <numeric>

namespace gnomon::search {

namespace {
/// What stands for a network: the places of its options, by decision.
using Places = std::vector<uint32_t>;

class Flash {
public:
  Flash(const Problem &problem, const Objective &objective,
        const SearchOptions &options, Compiled &compiled, Scorer &scorer);

  void run(const std::optional<Assignment> &anchor);
  uint64_t drawn() const { return numDrawn; }

private:
  /// Decisions that one variable of the first level moves.
  using Cell = llvm::SmallVector<uint32_t, 4>;

  void orderOptions(std::optional<uint32_t> metric);
  void formCells(uint32_t most);
  bool isLeader(uint32_t decision) const;
  /// Where a variable of a cell puts one of its decisions.
  uint32_t placeIn(const Cell &cell, uint32_t decision, double value) const;
  uint32_t width(const Cell &cell) const;
  std::vector<PointValue> judge(llvm::ArrayRef<Places> networks);
  std::vector<Places> searchCells();
  /// The neighbourhood; true: that is better.
  bool refine(Places &network, std::optional<PointValue> &value,
              uint64_t evaluations);
  void searchLevels();
  ShgoOptions shgoOptions(uint64_t evaluations) const;

  const Problem &problem;
  const SearchOptions &options;
  Compiled &compiled;
  Scorer &scorer;
  Shrinking limits;
  /// Options of each decision, the cheapest first.
  std::vector<std::vector<uint32_t>> order;
  std::vector<Cell> cells;
  uint64_t seed = 0; ///< of the round
  uint64_t numDrawn = 0;
};
} // namespace

Flash::Flash(const Problem &problem, const Objective &objective,
             const SearchOptions &options, Compiled &compiled, Scorer &scorer)
    : problem(problem), options(options), compiled(compiled), scorer(scorer),
      limits(problem, compiled) {
  for (size_t i = 0; i < limits.bounds(); ++i)
    limits.setScale(i, std::max(std::abs(double(limits.bound(i))), 1.0));
  orderOptions(problem.limits.empty() ? objective.metric
                                      : problem.limits[0].metric);
}

void Flash::orderOptions(std::optional<uint32_t> metric) {
  std::vector<std::vector<double>> means;
  means.reserve(problem.decisions.size());
  for (const Decision &decision : problem.decisions)
    means.emplace_back(decision.options.size(), 0);
  const size_t metrics = problem.metrics.size();
  for (const Term &term : problem.terms) {
    size_t after = tableSize(problem, term), entries = after;
    for (size_t place = 0; metric && place < term.scope.size(); ++place) {
      size_t count = classCount(problem, term, place);
      after /= count;
      std::vector<double> sums(count, 0);
      for (size_t entry = 0; entry < entries; ++entry)
        sums[entry / after % count] +=
            double(term.costs[entry * metrics + *metric]);
      std::vector<double> &mean = means[term.scope[place]];
      for (uint32_t option = 0; option < mean.size(); ++option)
        mean[option] +=
            sums[term.classOf(place, option)] * double(count) / double(entries);
    }
  }
  for (const std::vector<double> &mean : means) {
    std::vector<uint32_t> &sorted = order.emplace_back(mean.size());
    std::iota(sorted.begin(), sorted.end(), 0);
    llvm::sort(sorted, [&](uint32_t a, uint32_t b) {
      return std::tie(mean[a], a) < std::tie(mean[b], b);
    });
  }
}

bool Flash::isLeader(uint32_t decision) const {
  llvm::BitVector partners(problem.decisions.size());
  for (const Term &term : problem.terms)
    if (llvm::is_contained(term.scope, decision))
      for (uint32_t other : term.scope)
        partners.set(other);
  if (partners.count() > problem.decisions.size() / 2 + 1)
    return true;
  return llvm::any_of(problem.decisions, [&](const Decision &other) {
    return llvm::any_of(other.activeWhen, [&](const auto &row) {
      return llvm::any_of(row, [&](const Literal &literal) {
        return literal.decision == decision;
      });
    });
  });
}

void Flash::formCells(uint32_t most) {
  cells.clear();
  bool isOpen = false;
  for (uint32_t i = 0; i < problem.decisions.size(); ++i) {
    bool leads = isLeader(i);
    if (leads || !isOpen || cells.back().size() == most)
      cells.emplace_back();
    cells.back().push_back(i);
    isOpen = !leads;
  }
}

uint32_t Flash::width(const Cell &cell) const {
  uint32_t most = 0;
  for (uint32_t decision : cell)
    most = std::max(most, compiled.options(decision) - 1);
  return most;
}

uint32_t Flash::placeIn(const Cell &cell, uint32_t decision,
                        double value) const {
  uint32_t most = width(cell), last = compiled.options(decision) - 1;
  return most == 0 ? 0 : uint32_t(std::lround(value * last / most));
}

std::vector<PointValue> Flash::judge(llvm::ArrayRef<Places> networks) {
  numDrawn += networks.size();
  std::vector<PointValue> values;
  std::vector<Assignment> within;
  for (const Places &places : networks) {
    Assignment network;
    for (uint32_t i = 0; i < places.size(); ++i)
      network.push_back(order[i][places[i]]);
    compiled.canonicalize(network);
    values.push_back({limits.excess(network), 0});
    if (values.back().violation == 0)
      within.push_back(std::move(network));
  }
  size_t next = 0;
  std::vector<double> scores = scorer.score(within);
  for (PointValue &value : values)
    if (value.violation == 0)
      value.value = -scores[next++];
  return values;
}

ShgoOptions Flash::shgoOptions(uint64_t evaluations) const {
  ShgoOptions made;
  made.seed = seed;
  made.exchange = true;
  uint64_t rest = scorer.remaining();
  uint64_t end = rest - std::min(rest, evaluations);
  made.stop = [this, end] { return scorer.remaining() <= end; };
  // Points that break limits cost no evaluation; they must end, too.
  made.points = 16 * std::min(evaluations, uint64_t(1) << 32) + 256;
  return made;
}

std::vector<Places> Flash::searchCells() {
  std::vector<Axis> axes;
  axes.reserve(cells.size());
  for (const Cell &cell : cells)
    axes.push_back({0, double(width(cell)), 1});
  auto placesOf = [&](const Point &point) {
    Places places(problem.decisions.size(), 0);
    for (size_t i = 0; i < cells.size(); ++i)
      for (uint32_t decision : cells[i])
        places[decision] = placeIn(cells[i], decision, point[i]);
    return places;
  };
  ShgoOptions shgo = shgoOptions(
      uint64_t(options.flash.coarse * double(scorer.remaining())) + 1);
  ShgoResult found = minimizeShgo(
      axes,
      [&](llvm::ArrayRef<Point> points) {
        return judge(llvm::map_to_vector(points, placesOf));
      },
      shgo);
  std::vector<Places> ends;
  ends.reserve(found.minima.size());
  for (const Minimum &minimum : found.minima)
    ends.push_back(placesOf(minimum.point));
  return ends;
}

bool Flash::refine(Places &network, std::optional<PointValue> &value,
                   uint64_t evaluations) {
  std::vector<Axis> axes;
  for (uint32_t i = 0; i < network.size(); ++i) {
    double place = network[i], reach = options.flash.radius;
    axes.push_back({std::max(place - reach, 0.0),
                    std::min(place + reach, compiled.options(i) - 1.0), 1});
  }
  ShgoOptions shgo = shgoOptions(evaluations);
  shgo.samples = options.flash.samples;
  shgo.mostSamples = 4 * options.flash.samples;
  shgo.searches = 4;
  shgo.known = {Point(network.begin(), network.end())};
  ShgoResult found = minimizeShgo(
      axes,
      [&](llvm::ArrayRef<Point> points) {
        return judge(llvm::map_to_vector(points, [](const Point &point) {
          return Places(point.begin(), point.end());
        }));
      },
      shgo);
  if (found.minima.empty() || (value && !(found.minima[0].value < *value)))
    return false;
  value = found.minima[0].value;
  network.assign(found.minima[0].point.begin(), found.minima[0].point.end());
  return true;
}

void Flash::searchLevels() {
  std::vector<Places> ends = searchCells();
  size_t count = std::min<size_t>(ends.size(), options.flash.refined);
  for (size_t i = 0; i < count; ++i) {
    uint64_t share = scorer.remaining() / (count - i);
    uint64_t end = scorer.remaining() - share;
    std::optional<PointValue> value;
    while (scorer.remaining() > end &&
           refine(ends[i], value, scorer.remaining() - end))
      ;
  }
}

void Flash::run(const std::optional<Assignment> &anchor) {
  if (anchor) {
    ++numDrawn;
    scorer.score({*anchor});
  }
  for (uint32_t i = 0; i < options.flash.rounds && !scorer.isDone(); ++i) {
    seed = options.seed + (uint64_t(i) << 32);
    for (uint32_t most = options.flash.cell; most > 0 && !scorer.isDone();
         most /= 2) {
      formCells(most);
      searchLevels();
    }
  }
}

namespace {
llvm::Error checkOptions(const FlashOptions &options) {
  if (options.cell > 0 && options.coarse > 0 && options.coarse <= 1 &&
      options.refined > 0 && options.radius > 0 && options.samples > 0 &&
      options.samples <= 10000)
    return llvm::Error::success();
  return llvm::createStringError(
      "flash: expected cells, a radius, refined ends and samples above 0, at "
      "most 10,000 samples, and a share of evaluations above 0 and at most 1");
}
} // namespace

llvm::Expected<SearchResult> searchFlash(const Problem &problem,
                                         const Objective &objective,
                                         const SearchOptions &options) {
  if (llvm::Error error = checkOptions(options.flash))
    return error;
  auto run = [&](Compiled &compiled, Scorer &scorer,
                 const std::optional<Assignment> &anchor) {
    Flash search(problem, objective, options, compiled, scorer);
    search.run(anchor);
    return search.drawn();
  };
  return searchFromAnchor("flash", problem, objective, options, run);
}

} // namespace gnomon::search
