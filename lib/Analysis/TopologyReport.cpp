// SPDX-License-Identifier: Apache-2.0
// NN-Degree and NN-Mass of cells, as numbers and as text.

#include "gnomon/Analysis/Topology.h"
#include "llvm/Support/FormatVariadic.h"

#include <numeric>

using namespace gnomon;

static double sum(llvm::ArrayRef<int64_t> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

double TopologyCell::width() const {
  return sum(llvm::ArrayRef(widths).drop_front()) / double(layers());
}

double TopologyCell::degree() const {
  double all = sum(llvm::ArrayRef(widths).drop_front());
  return width() + (all > 0 ? double(skipChannels) / all : 0);
}

double TopologyCell::density() const {
  double joined = 0, possible = 0, available = 0;
  for (size_t i = 2; i < widths.size(); ++i) {
    available += double(widths[i - 2]);
    possible += available;
    joined += std::min(double(joining[i]), available);
  }
  return possible > 0 ? joined / possible : 0;
}

double TopologyCell::mass() const {
  return density() * sum(llvm::ArrayRef(widths).drop_back());
}

double Topology::degree() const {
  double total = 0;
  for (const TopologyCell &cell : cells)
    total += cell.degree();
  return total;
}

double Topology::mass() const {
  double total = 0;
  for (const TopologyCell &cell : cells)
    total += cell.mass();
  return total;
}

llvm::json::Object gnomon::topologyReport(const Topology &topology) {
  llvm::json::Array cells;
  for (const TopologyCell &cell : topology.cells)
    cells.push_back(llvm::json::Object{{"points", cell.points},
                                       {"layers", int64_t(cell.layers())},
                                       {"width", cell.width()},
                                       {"skips", cell.skips},
                                       {"skip_channels", cell.skipChannels},
                                       {"degree", cell.degree()},
                                       {"density", cell.density()},
                                       {"mass", cell.mass()}});
  return llvm::json::Object{{"nn_degree", topology.degree()},
                            {"nn_mass", topology.mass()},
                            {"cells", std::move(cells)}};
}

void gnomon::printTopology(llvm::StringRef name, const Topology &topology,
                           llvm::raw_ostream &os) {
  os << llvm::formatv("{0}: NN-Degree {1:F3}, NN-Mass {2:F3}, {3} cells\n",
                      name, topology.degree(), topology.mass(),
                      topology.cells.size());
  for (const TopologyCell &cell : topology.cells)
    os << llvm::formatv("  {0} points: {1} layers, width {2:F3}, {3} skips of "
                        "{4} channels, degree {5:F3}, density {6:F4}, mass "
                        "{7:F3}\n",
                        cell.points, cell.layers(), cell.width(), cell.skips,
                        cell.skipChannels, cell.degree(), cell.density(),
                        cell.mass());
}
