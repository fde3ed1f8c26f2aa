// SPDX-License-Identifier: Apache-2.0
// The solver of integer programs against all assignments.

#include "gnomon/IntegerProgram/IntegerProgram.h"
#include "gtest/gtest.h"

#include <random>
#include <thread>

using namespace gnomon;

namespace {

/// A knapsack of several resources with small numbers, so that sums are exact.
IntegerProgram randomProgram(uint64_t seed) {
  std::mt19937_64 random(seed);
  auto between = [&](int low, int high) {
    return double(low + int(random() % uint64_t(high - low + 1)));
  };
  IntegerProgram program;
  size_t variables = 1 + random() % 8;
  for (size_t i = 0; i < variables; ++i)
    program.addVariable({between(-1, 0), between(0, 2), between(-9, 9), true,
                         int(between(0, 2))});
  for (uint64_t rows = random() % 4; rows-- > 0;) {
    IntegerProgram::Row row;
    for (uint32_t i = 0; i < variables; ++i)
      if (random() % 3)
        row.entries.push_back({i, between(-5, 5)});
    double low = between(-20, 4);
    if (random() % 2)
      row.low = low;
    if (random() % 3)
      row.high = low + between(0, 12);
    program.addRow(row);
  }
  return program;
}

bool holds(const IntegerProgram &program, const std::vector<double> &values) {
  for (const IntegerProgram::Row &row : program.rows) {
    double sum = 0;
    for (auto [variable, factor] : row.entries)
      sum += factor * values[variable];
    if (sum < row.low - 1e-6 || sum > row.high + 1e-6)
      return false;
  }
  return true;
}

/// The least objective of all assignments.
std::optional<double> bruteForce(const IntegerProgram &program,
                                 std::vector<double> values = {}) {
  size_t i = values.size();
  std::optional<double> best;
  if (i == program.variables.size()) {
    if (!holds(program, values))
      return best;
    best = 0;
    for (size_t j = 0; j < i; ++j)
      *best += values[j] * program.variables[j].cost;
    return best;
  }
  values.push_back(0);
  for (double value = program.variables[i].low;
       value <= program.variables[i].high; ++value) {
    values[i] = value;
    std::optional<double> found = bruteForce(program, values);
    if (found && (!best || *found < *best))
      best = found;
  }
  return best;
}

IntegerProgram knapsack(size_t items, double room) {
  std::mt19937_64 random(7);
  IntegerProgram program;
  IntegerProgram::Row weight;
  for (size_t i = 0; i < items; ++i) {
    double size = 100 + double(random() % 900);
    weight.entries.push_back(
        {program.addVariable({0, 1, -size - 10, true, 0}), size});
  }
  weight.high = room;
  program.addRow(weight);
  return program;
}

std::string refusal(const IntegerProgram &program) {
  auto result = solve(program);
  return result ? "none" : llvm::toString(result.takeError());
}

TEST(IntegerProgram, EqualsAllAssignments) {
  int solved = 0, hopeless = 0;
  for (int seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    IntegerProgram program = randomProgram(seed);
    IntegerProgramResult found = llvm::cantFail(solve(program));
    std::optional<double> best = bruteForce(program);
    EXPECT_TRUE(found.isComplete);
    ASSERT_EQ(found.values.has_value(), best.has_value());
    ++(best ? solved : hopeless);
    if (!best)
      continue;
    EXPECT_TRUE(holds(program, *found.values));
    EXPECT_NEAR(found.objective, *best, 1e-6);
    EXPECT_NEAR(found.bound, *best, 1e-6);
  }
  EXPECT_GT(solved, 200);
  EXPECT_GT(hopeless, 10);
}

TEST(IntegerProgram, SaysNothingAndRepeatsInEveryThread) {
  IntegerProgram program = knapsack(40, 7777);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  std::vector<double> values[4];
  std::vector<std::thread> threads;
  for (std::vector<double> &mine : values)
    threads.emplace_back(
        [&] { mine = *llvm::cantFail(solve(program)).values; });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  for (std::vector<double> &mine : values)
    EXPECT_EQ(mine, values[0]);
}

/// Even sizes never fill odd room, which bounds do not see: billions of nodes.
IntegerProgram oddRoom() {
  IntegerProgram program;
  IntegerProgram::Row row{{}, 31, 31};
  for (int i = 0; i < 60; ++i)
    row.entries.push_back(
        {program.addVariable({0, 1, double(i % 7), true, 0}), 2});
  program.addRow(row);
  program.variables[0].high = 2;
  return program;
}

TEST(IntegerProgram, StopsWhereItIsTold) {
  IntegerProgramOptions options;
  options.nodes = 100;
  IntegerProgramResult few = llvm::cantFail(solve(oddRoom(), options));
  EXPECT_LE(few.nodes, 110u);
  EXPECT_FALSE(few.isComplete || few.values);
  options.nodes = 1000000;
  uint64_t calls = 0;
  options.progress = [&](uint64_t, std::optional<double>) {
    return ++calls < 20;
  };
  IntegerProgramResult stopped = llvm::cantFail(solve(oddRoom(), options));
  EXPECT_LE(calls, 30u);
  EXPECT_FALSE(stopped.isComplete || stopped.values);
}

TEST(IntegerProgram, NeedsNoVariablesAndNoRows) {
  IntegerProgram program;
  IntegerProgramResult empty = llvm::cantFail(solve(program));
  EXPECT_TRUE(empty.values && empty.values->empty() && empty.isComplete);
  program.addRow({{}, 1, 2});
  EXPECT_FALSE(llvm::cantFail(solve(program)).values);
  program.rows.clear();
  program.addVariable({-2, 3, 1, true, 0});
  EXPECT_EQ(llvm::cantFail(solve(program)).objective, -2);
}

TEST(IntegerProgram, RefusesWhatIsNoProgram) {
  IntegerProgram program;
  program.addVariable({1, 0, 0, true, 0});
  EXPECT_NE(refusal(program).find("variable 0"), std::string::npos);
  program.variables[0] = {0, 1, std::nan(""), true, 0};
  EXPECT_NE(refusal(program).find("variable 0"), std::string::npos);
  program.variables[0] = {0, IntegerProgram::kInfinity, -1, false, 0};
  EXPECT_NE(refusal(program).find("no bound"), std::string::npos);
  program.variables[0] = {0, 1, 0, true, 0};
  program.addRow({{{3, 1.0}}, 0, 1});
  EXPECT_NE(refusal(program).find("a factor of 3"), std::string::npos);
  program.rows[0] = {{{0, 1.0}}, 2, 1};
  EXPECT_NE(refusal(program).find("row 0"), std::string::npos);
}

} // namespace
