// SPDX-License-Identifier: Apache-2.0
// Simplicial homology global optimisation: Endres, Sandrock, Focke, "A
// simplicial homology algorithm for Lipschitz optimisation", Journal of Global
// Optimization 2018.
//
// Sampled points become the vertices of a complex whose edges point from the
// lower to the higher value. A vertex from which all edges point away is a
// minimiser; their number is the rank of a homology group, and more samples are
// taken while it grows. A local search starts from each.
//
// Ours: the edges are those of the Gabriel graph (Gabriel and Sokal, 1969): two
// points are neighbours when no third lies in the ball over the line between
// them. They are all edges of the Delaunay triangulation, which the paper uses
// and which cannot be formed in many dimensions, so no minimiser of that is
// missed. Local searches are pattern searches and may leave the star of their
// vertex. Points that break limits stay in the complex, as worse than others.

#include "gnomon/Search/Shgo.h"

#include "PatternSearch.h"
#include "Sobol.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>
#include <set>

namespace gnomon::search {

namespace {
class Shgo {
public:
  Shgo(Field &field, const ShgoOptions &options)
      : field(field), options(options), sobol(field.axes.size(), options.seed) {
  }

  ShgoResult run();

private:
  /// Until there are this many samples.
  void sample(uint32_t count);
  void add(std::vector<Point> points);
  Point onLattice(Point share) const;
  /// Squared, in widths of the axes.
  double distance(size_t a, size_t b) const;
  bool isBetter(size_t a, size_t b) const;
  /// The way from a vertex to another; `length` is squared.
  struct Ray {
    double length;
    size_t to;
    bool operator<(const Ray &other) const {
      return std::tie(length, to) < std::tie(other.length, other.to);
    }
  };
  /// Whether no third point, of those nearer to the vertex, lies between.
  bool isNeighbour(const Ray &ray, llvm::ArrayRef<Ray> nearer) const;
  bool isMinimiser(size_t vertex) const;
  /// The best first.
  std::vector<size_t> minimisers() const;

  Field &field;
  const ShgoOptions &options;
  Sobol sobol;
  std::vector<Minimum> samples;
  std::set<Point> known;
};
} // namespace

Point Shgo::onLattice(Point share) const {
  for (size_t i = 0; i < share.size(); ++i) {
    const auto &[lower, upper, step] = field.axes[i];
    // Every value of a lattice has the same share.
    double first = step > 0 ? lower - step / 2 : lower;
    double width = step > 0 ? upper - lower + step : upper - lower;
    share[i] = field.onto(i, first + share[i] * width);
  }
  return share;
}

void Shgo::add(std::vector<Point> points) {
  std::vector<PointValue> values = field.ask(points);
  for (size_t i = 0; i < values.size(); ++i)
    samples.push_back({std::move(points[i]), values[i]});
}

void Shgo::sample(uint32_t count) {
  std::vector<Point> fresh;
  // A lattice may have fewer points than that.
  for (uint32_t i = 0; i < 2 * count && samples.size() + fresh.size() < count;
       ++i) {
    Point point = onLattice(sobol.next());
    if (known.insert(point).second)
      fresh.push_back(std::move(point));
  }
  add(std::move(fresh));
}

double Shgo::distance(size_t a, size_t b) const {
  double sum = 0;
  for (size_t i = 0; i < field.axes.size(); ++i)
    if (double width = field.width(i); width > 0) {
      double part = (samples[a].point[i] - samples[b].point[i]) / width;
      sum += part * part;
    }
  return sum;
}

bool Shgo::isBetter(size_t a, size_t b) const {
  if (samples[a].value < samples[b].value)
    return true;
  return !(samples[b].value < samples[a].value) && a < b;
}

bool Shgo::isNeighbour(const Ray &ray, llvm::ArrayRef<Ray> nearer) const {
  return llvm::none_of(nearer, [&](const Ray &other) {
    return other.length < ray.length &&
           other.length + distance(other.to, ray.to) < ray.length;
  });
}

bool Shgo::isMinimiser(size_t vertex) const {
  std::vector<Ray> rays;
  const Ray *first = nullptr;
  rays.reserve(samples.size());
  for (size_t i = 0; i < samples.size(); ++i)
    if (i != vertex) {
      rays.push_back({distance(vertex, i), i});
      if (isBetter(i, vertex) && (!first || rays.back() < *first))
        first = &rays.back();
    }
  if (!first)
    return true;
  // Mostly the nearest better point is a neighbour.
  if (isNeighbour(*first, rays))
    return false;
  llvm::sort(rays);
  for (size_t i = 0; i < rays.size(); ++i)
    if (isBetter(rays[i].to, vertex) &&
        isNeighbour(rays[i], llvm::ArrayRef(rays).take_front(i)))
      return false;
  return true;
}

std::vector<size_t> Shgo::minimisers() const {
  std::vector<size_t> found;
  for (size_t i = 0; i < samples.size(); ++i)
    if (isMinimiser(i))
      found.push_back(i);
  llvm::sort(found, [&](size_t a, size_t b) { return isBetter(a, b); });
  return found;
}

ShgoResult Shgo::run() {
  std::vector<Point> given;
  for (const Point &point : options.known)
    if (known.insert(point).second)
      given.push_back(point);
  add(std::move(given));
  std::vector<size_t> pool;
  for (uint64_t count =
           std::max(std::min(options.samples, options.mostSamples), 1u);
       count <= std::max(options.mostSamples, 1u); count *= 2) {
    size_t rank = pool.size(), before = samples.size();
    sample(count);
    pool = minimisers();
    if (samples.size() == before || pool.size() <= rank || field.isDone())
      break;
  }
  ShgoResult result;
  result.minimisers = pool.size();
  result.samples = samples.size();
  // The mean distance of the samples.
  double share =
      std::pow(double(samples.size() + 1), -1.0 / double(field.axes.size()));
  std::set<Point> ends;
  for (size_t vertex : llvm::ArrayRef(pool).take_front(options.searches)) {
    Minimum end = samples[vertex];
    searchPattern(field, end, share / 2, options);
    if (ends.insert(end.point).second)
      result.minima.push_back(std::move(end));
  }
  llvm::sort(result.minima, [](const Minimum &a, const Minimum &b) {
    return a.value < b.value || (!(b.value < a.value) && a.point < b.point);
  });
  result.points = field.points();
  return result;
}

ShgoResult minimizeShgo(llvm::ArrayRef<Axis> axes, PointFunction function,
                        const ShgoOptions &options) {
  Field field(axes, function, options);
  return Shgo(field, options).run();
}

} // namespace gnomon::search
