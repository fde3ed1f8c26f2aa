// SPDX-License-Identifier: Apache-2.0
// Simplicial homology global optimisation: textbook functions, and grids held
// against all their points.

#include "gnomon/Search/Shgo.h"
#include "gtest/gtest.h"

#include <chrono>
#include <cmath>
#include <numbers>

using namespace gnomon::search;

namespace {

using Plain = double (*)(const Point &);

double ackley(const Point &x) {
  double squares = 0, cosines = 0;
  for (double value : x) {
    squares += value * value / double(x.size());
    cosines += std::cos(2 * std::numbers::pi * value) / double(x.size());
  }
  return -20 * std::exp(-0.2 * std::sqrt(squares)) - std::exp(cosines) + 20 +
         std::numbers::e;
}

double eggholder(const Point &x) {
  double a = x[0], b = x[1] + 47;
  return -b * std::sin(std::sqrt(std::abs(a / 2 + b))) -
         a * std::sin(std::sqrt(std::abs(a - b)));
}

double rosenbrock(const Point &x) {
  double sum = 0;
  for (size_t i = 0; i + 1 < x.size(); ++i)
    sum += 100 * std::pow(x[i + 1] - x[i] * x[i], 2) + std::pow(1 - x[i], 2);
  return sum;
}

double rastrigin(const Point &x) {
  double sum = 10 * double(x.size());
  for (double value : x)
    sum += value * value - 10 * std::cos(2 * std::numbers::pi * value);
  return sum;
}

ShgoResult minimize(llvm::ArrayRef<Axis> axes, Plain plain,
                    const ShgoOptions &options = {}) {
  return minimizeShgo(
      axes,
      [&](llvm::ArrayRef<Point> points) {
        std::vector<PointValue> values;
        for (const Point &point : points)
          values.push_back({0, plain(point)});
        return values;
      },
      options);
}

struct Textbook {
  const char *name;
  Plain plain;
  std::vector<Axis> axes;
  double value;
  Point point;
};

TEST(Shgo, FindsTheMinimaOfTextbookFunctions) {
  const Textbook all[] = {
      {"Ackley", ackley, {{-30, 30}, {-30, 30}}, 0, {0, 0}},
      {"Ackley", ackley, {{-20, 30}, {-30, 25}, {-30, 30}}, 0, {0, 0, 0}},
      {"Eggholder",
       eggholder,
       {{-512, 512}, {-512, 512}},
       -959.6407,
       {512, 404.2319}},
      {"Rosenbrock", rosenbrock, {{-5, 10}, {-5, 10}}, 0, {1, 1}},
      {"Rosenbrock", rosenbrock, {{-2, 2}, {-2, 2}, {-2, 2}}, 0, {1, 1, 1}},
      {"Rastrigin", rastrigin, {{-4, 5}, {-5, 4.5}}, 0, {0, 0}}};
  for (const Textbook &one : all) {
    SCOPED_TRACE(one.name);
    ShgoResult found = minimize(one.axes, one.plain);
    ASSERT_FALSE(found.minima.empty());
    EXPECT_NEAR(found.minima[0].value.value, one.value, 1e-4);
    for (size_t i = 0; i < one.point.size(); ++i)
      EXPECT_NEAR(found.minima[0].point[i], one.point[i], 1e-2);
    EXPECT_LE(found.points, 50000u);
  }
}

TEST(Shgo, CountsTheMinimisersOfAFunctionWithFour) {
  ShgoOptions options;
  options.samples = options.mostSamples = 256;
  // One in each quarter.
  ShgoResult found = minimize(
      {{-1, 1}, {-1, 1}},
      [](const Point &x) {
        return std::pow(x[0] * x[0] - 0.25, 2) +
               std::pow(x[1] * x[1] - 0.25, 2);
      },
      options);
  EXPECT_EQ(found.minimisers, 4u);
  ASSERT_EQ(found.minima.size(), 4u);
  for (const Minimum &minimum : found.minima)
    for (double value : minimum.point)
      EXPECT_NEAR(std::abs(value), 0.5, 1e-3);
}

/// Cells of a network, a width each: how good it is saturates with the sum of
/// widths, weighted, and the work between neighbours is limited.
PointValue widths(const Point &x) {
  double good = 0, work = 0, before = 3;
  for (size_t i = 0; i < x.size(); ++i) {
    good += x[i] + 4 * std::sin(double(i + 1) * x[i]);
    work += before * x[i];
    before = x[i];
  }
  return {std::max(work - 400, 0.0), -1 / (1 + std::exp(20 / (good + 30) - 1))};
}

TEST(Shgo, FindsTheBestOfAHundredThousandWidths) {
  const std::vector<Axis> axes(5, Axis{4, 40, 4});
  auto all = [](llvm::ArrayRef<Point> points) {
    std::vector<PointValue> values;
    for (const Point &point : points)
      values.push_back(widths(point));
    return values;
  };
  PointValue best{1e300, 0};
  Point point(5);
  for (int index = 0; index < 100000; ++index) {
    for (int i = 0, rest = index; i < 5; ++i, rest /= 10)
      point[i] = 4 + 4 * (rest % 10);
    best = std::min(best, widths(point));
  }
  ASSERT_EQ(best.violation, 0);
  ShgoOptions options;
  options.exchange = true;
  auto start = std::chrono::steady_clock::now();
  ShgoResult found = minimizeShgo(axes, all, options);
  std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  ASSERT_FALSE(found.minima.empty());
  EXPECT_EQ(found.minima[0].value.violation, 0);
  EXPECT_EQ(found.minima[0].value.value, best.value);
  EXPECT_LT(found.points, 20000u);
  EXPECT_LT(time.count(), 1);
  for (double width : found.minima[0].point)
    EXPECT_EQ(std::fmod(width, 4), 0);
  options.seed = 7;
  ShgoResult again = minimizeShgo(axes, all, options);
  ShgoResult same = minimizeShgo(axes, all, options);
  EXPECT_EQ(again.points, same.points);
  EXPECT_EQ(again.minima[0].point, same.minima[0].point);
}

TEST(Shgo, KeepsItsLimitOfPointsAndStopsWhenTold) {
  for (uint64_t points : {0, 1, 100, 3000}) {
    ShgoOptions options;
    options.points = points;
    ShgoResult found = minimize({{-512, 512}, {-512, 512}}, eggholder, options);
    EXPECT_LE(found.points, points);
    EXPECT_EQ(found.minima.empty(), points == 0);
  }
  ShgoOptions options;
  options.stop = [] { return true; };
  EXPECT_EQ(minimize({{0, 1}}, ackley, options).points, 0u);
}

TEST(Shgo, TakesBoxesWithoutAnExtent) {
  EXPECT_EQ(minimize({}, rastrigin).minima[0].point, Point());
  ShgoResult found = minimize({{2, 2}, {0, 0.5, 1}}, rastrigin);
  EXPECT_EQ(found.minima[0].point, (Point{2, 0}));
  EXPECT_EQ(found.samples, 1u);
}

} // namespace
