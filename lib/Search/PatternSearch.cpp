// SPDX-License-Identifier: Apache-2.0
// Local searches without derivatives.

#include "PatternSearch.h"

#include <algorithm>
#include <cmath>

namespace gnomon::search {

std::vector<PointValue> Field::ask(llvm::ArrayRef<Point> points) {
  if (isDone())
    return {};
  points = points.take_front(options.points - asked);
  asked += points.size();
  return function(points);
}

double Field::onto(size_t axis, double value) const {
  const auto &[lower, upper, step] = axes[axis];
  if (step > 0) {
    double last = std::floor((upper - lower) / step + 1e-9);
    double steps = std::round((value - lower) / step);
    return lower + std::clamp(steps, 0.0, last) * step;
  }
  return std::clamp(value, lower, upper);
}

namespace {
class PatternSearch {
public:
  PatternSearch(Field &field, Minimum &at, double share,
                const ShgoOptions &options)
      : field(field), at(at), options(options),
        last(field.points() + options.searchPoints) {
    for (size_t i = 0; i < field.axes.size(); ++i)
      steps.push_back(field.width(i) * share);
  }

  void run() {
    while (!isDone()) {
      while (advance())
        ;
      if (!halve() && !(options.exchange && exchange()))
        return;
    }
  }

private:
  bool isDone() const { return field.points() >= last || field.isDone(); }

  /// Whether the point is better than what is known, which it then is.
  bool improves(Minimum &known, Point point) {
    if (point == known.point)
      return false;
    std::vector<PointValue> value = field.ask(point);
    if (value.empty() || !(value[0] < known.value))
      return false;
    known = {std::move(point), value[0]};
    return true;
  }

  double stepOf(size_t axis) const {
    return std::max(steps[axis], field.axes[axis].step);
  }

  Point moved(const Point &from, size_t axis, double by) const {
    Point point = from;
    point[axis] = field.onto(axis, point[axis] + by);
    return point;
  }

  void explore(Minimum &from) {
    for (size_t i = 0; i < steps.size(); ++i)
      if (!improves(from, moved(from.point, i, stepOf(i))))
        improves(from, moved(from.point, i, -stepOf(i)));
  }

  /// Explores, and goes on in the direction that helped. False: none did.
  bool advance() {
    Minimum before = at;
    explore(at);
    bool any = at.value < before.value;
    while (at.value < before.value && !isDone()) {
      Point further = at.point;
      for (size_t i = 0; i < further.size(); ++i)
        further[i] = field.onto(i, 2 * further[i] - before.point[i]);
      std::vector<PointValue> value = field.ask(further);
      if (value.empty())
        break;
      Minimum next{std::move(further), value[0]};
      explore(next);
      before = at;
      if (next.value < at.value)
        at = std::move(next);
    }
    return any && !isDone();
  }

  /// False: the steps are as small as they get.
  bool halve() {
    bool any = false;
    for (size_t i = 0; i < steps.size(); ++i) {
      double least =
          std::max(field.axes[i].step, options.tolerance * field.width(i));
      any |= steps[i] > least;
      steps[i] = std::max(steps[i] / 2, least);
    }
    return any;
  }

  /// One axis up, another down. False: that never helps.
  bool exchange() {
    for (size_t up = 0; up < steps.size(); ++up)
      for (size_t down = 0; down < steps.size(); ++down) {
        Point raised = moved(at.point, up, stepOf(up));
        if (raised == at.point)
          break;
        if (up != down && improves(at, moved(raised, down, -stepOf(down))))
          return true;
      }
    return false;
  }

  Field &field;
  Minimum &at;
  const ShgoOptions &options;
  const uint64_t last;
  Point steps;
};
} // namespace

void searchPattern(Field &field, Minimum &at, double share,
                   const ShgoOptions &options) {
  PatternSearch(field, at, share, options).run();
}

} // namespace gnomon::search
