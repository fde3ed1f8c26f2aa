// SPDX-License-Identifier: Apache-2.0
// The network of NAS-Bench-201: stem, fifteen cells, two reductions, head.

#include "NasBench201Network.h"

using namespace mlir;

namespace gnomon::nasbench201 {

static constexpr double epsilon = 1e-5;

static Value reluConvNorm(NetworkBuilder &network, Value x,
                          const ConvShape &shape) {
  x = network.conv(network.relu(x), shape);
  return network.batchNorm(x, epsilon);
}

namespace {

/// Emits one cell so that no selection leaves an operation that nobody reads: a
/// node that nobody reads stands for the cell's input, as does an edge that is
/// none; neither is ever used. Every node's choices are nested in the order
/// edge_1_3, edge_2_3, edge_1_2, edge_0_*.
class Cell {
public:
  Cell(NetworkBuilder &network, Value input) : network(network), input(input) {}

  Value emit() {
    Value node1 = first();
    return third(node1, second(node1));
  }

private:
  using Then = llvm::function_ref<Value()>;

  /// Asks an edge whether it is none.
  Value ask(StringRef edge, Then none, Then some) {
    return network.choice(edge, {}, [&](StringRef option, ValueRange) {
      return option == operators[0] ? none() : some();
    });
  }

  /// What a node holds that gets nothing.
  Value nothing() {
    auto scalar = DenseElementsAttr::get(network.tensor({}), 0.0f);
    return network.mul(input, network.constant("zero", scalar));
  }

  /// What the edge makes of a node; `none` where it is none.
  Value follow(StringRef edge, Value node, Then none) {
    NetworkBuilder::Scope scope(network, edge);
    int64_t channels = NetworkBuilder::channelsOf(node);
    return network.choice(edge, node, [&](StringRef option, ValueRange in) {
      if (option == "nor_conv_1x1")
        return reluConvNorm(network, in[0], {.channels = channels});
      if (option == "nor_conv_3x3")
        return reluConvNorm(network, in[0],
                            {.channels = channels, .kernel = 3});
      if (option == "avg_pool_3x3")
        return network.averagePool(in[0],
                                   {.kernel = 3, .stride = 1, .padding = 1});
      return option == "none" ? none() : Value(in[0]);
    });
  }

  Value follow(StringRef edge, Value node) {
    return follow(edge, node, [&] { return node; });
  }

  /// Node 1 is read over edge 1-3, or over 1-2 where node 2 is read.
  Value first() {
    auto dead = [&] { return input; };
    auto alive = [&] {
      return follow("edge_0_1", input, [&] { return nothing(); });
    };
    auto throughSecond = [&] { return ask("edge_1_2", dead, alive); };
    auto withoutThird = [&] { return ask("edge_2_3", dead, throughSecond); };
    return ask("edge_1_3", withoutThird, alive);
  }

  Value second(Value node1) {
    auto alive = [&] {
      Value a = follow("edge_0_2", input);
      Value b = follow("edge_1_2", node1);
      auto onlyFirst = [&] {
        return ask("edge_0_2", [&] { return nothing(); }, [&] { return a; });
      };
      auto withSecond = [&] {
        return ask(
            "edge_0_2", [&] { return b; },
            [&] { return network.add(a, b, "node2"); });
      };
      return ask("edge_1_2", onlyFirst, withSecond);
    };
    return ask("edge_2_3", [&] { return input; }, alive);
  }

  /// (a + b) + c, without what is none.
  Value third(Value node1, Value node2) {
    Value a = follow("edge_0_3", input);
    Value b = follow("edge_1_3", node1);
    Value c = follow("edge_2_3", node2);
    Value ab = ask(
        "edge_1_3", [&] { return a; },
        [&] {
          return ask(
              "edge_0_3", [&] { return b; },
              [&] { return network.add(a, b, "sum"); });
        });
    auto plus = [&] { return network.add(ab, c, "node3"); };
    auto withoutSecond = [&] {
      return ask(
          "edge_2_3",
          [&] {
            return ask(
                "edge_0_3", [&] { return nothing(); }, [&] { return ab; });
          },
          [&] { return ask("edge_0_3", [&] { return c; }, plus); });
    };
    auto withSecond = [&] { return ask("edge_2_3", [&] { return ab; }, plus); };
    return ask("edge_1_3", withoutSecond, withSecond);
  }

  NetworkBuilder &network;
  Value input;
};

} // namespace

/// Halves the image and doubles the channels.
static Value reduce(NetworkBuilder &network, Value x, int64_t channels) {
  Value main = x;
  for (auto [name, stride] : {std::pair("a", 2), std::pair("b", 1)}) {
    NetworkBuilder::Scope scope(network, name);
    main = reluConvNorm(network, main,
                        {.channels = channels, .kernel = 3, .stride = stride});
  }
  NetworkBuilder::Scope scope(network, "shortcut");
  Value shortcut = network.averagePool(x, {.kernel = 2, .stride = 2});
  shortcut = network.conv(shortcut, {.channels = channels});
  return network.add(shortcut, main);
}

Value emitNetwork(NetworkBuilder &network, Value image, int64_t classes) {
  Value x;
  {
    NetworkBuilder::Scope scope(network, "stem");
    x = network.conv(image, {.channels = 16, .kernel = 3});
    x = network.batchNorm(x, epsilon);
  }
  for (unsigned stage = 1; stage <= 3; ++stage) {
    if (stage > 1) {
      NetworkBuilder::Scope scope(network, "reduction" + Twine(stage - 1));
      x = reduce(network, x, NetworkBuilder::channelsOf(x) * 2);
    }
    for (unsigned cell = 0; cell < 5; ++cell) {
      NetworkBuilder::Scope scope(network, "stage" + Twine(stage) + ".cell" +
                                               Twine(cell));
      x = Cell(network, x).emit();
    }
  }
  x = network.relu(network.batchNorm(x, epsilon));
  return network.linear(network.flatten(network.globalAveragePool(x)), classes);
}

} // namespace gnomon::nasbench201
