// SPDX-License-Identifier: Apache-2.0
// Finds the contexts that shape the kernels of each place: networks that cover
// the known contexts are formed, random ones test them, and two networks that
// contradict each other show, by bisection, which decision was overlooked.

#include "SpaceTables.h"
#include "NetworkFormer.h"
#include "PlaceScope.h"
#include "gnomon/Support/Random.h"
#include <set>

using namespace gnomon;
using namespace mlir;
using search::Assignment;

std::vector<Place> gnomon::placesOf(const SpaceStructure &space,
                                    const SpaceFunction &function) {
  std::vector<Place> places;
  for (auto [index, site] : llvm::enumerate(function.sites)) {
    if (!site.choice) {
      places.push_back({index, std::nullopt, site.path});
    } else if (site.option == 0) {
      std::vector<search::Literal> path = site.path;
      path.pop_back();
      ChoiceOp choice = site.choice;
      places.push_back({index, space.decisionOf(choice), std::move(path)});
    }
  }
  return places;
}

namespace {

/// A network that was formed, and what its places consist of.
struct Observation {
  Assignment assignment;
  std::vector<size_t> contents; ///< by place; noContent: not there
};

class TableFinder {
public:
  TableFinder(const SpaceStructure &space, const SpaceFunction &function,
              const RuntimeRules &rules, const DeviceSpec &device,
              const ProbeOptions &options)
      : space(space), function(function), options(options),
        former(space, function, rules, device, options),
        places(placesOf(space, function)), contents(places.size()) {
    shell.decisions = space.decisions;
    for (const Place &place : places)
      scopes.emplace_back(space.decisions, place);
  }

  LogicalResult run(ArrayRef<PlaceTable> known) {
    for (auto [scope, table] : llvm::zip(scopes, known))
      for (auto [decision, classes] :
           llvm::zip_equal(table.scope, table.classes))
        scope.include(decision, classes);
    size_t agreed = 0;
    auto enough = [&] {
      bool shaped = llvm::any_of(
          scopes, [](const PlaceScope &scope) { return scope.isShaped(); });
      return agreed >= options.probes * (shaped ? options.probesIfShaped : 1);
    };
    while (!enough()) {
      FailureOr<bool> changed = cover();
      if (succeeded(changed) && !*changed)
        changed = probe();
      if (failed(changed))
        return failure();
      agreed = *changed ? 0 : agreed + 1;
    }
    return success();
  }

  FunctionTables take() {
    std::vector<PlaceTable> tables;
    for (size_t place = 0; place < places.size(); ++place)
      tables.push_back(tableOf(place));
    return {std::move(tables), former.takeContents(), former.rows().vec(),
            former.takeLocations(), former.networks()};
  }

private:
  Assignment settled(Assignment assignment) const {
    if (function.alternative)
      assignment[function.alternative->decision] = function.alternative->option;
    return search::canonical(shell, std::move(assignment));
  }

  //===- Covering the tables ----------------------------------------------===//

  /// Forms networks until every entry of every table is there. True: a scope
  /// has grown meanwhile.
  FailureOr<bool> cover() {
    std::vector<Entry> open;
    // Tied places have one table as far as what is missing goes.
    std::set<PlaceScope::Identity> seen;
    for (size_t place = 0; place < places.size(); ++place)
      if (seen.insert(scopes[place].identity()).second &&
          failed(listMissing(place, open)))
        return failure();
    // The longest first: what asks for less comes along.
    llvm::sort(open, [](const Entry &a, const Entry &b) {
      return a.size() != b.size() ? a.size() > b.size() : a < b;
    });
    open.erase(llvm::unique(open), open.end());
    while (!open.empty()) {
      Assignment network = merged(open);
      FailureOr<bool> changed = observe(network);
      if (failed(changed) || *changed)
        return changed;
      // The first entry is always among those that the network covers.
      open.erase(open.begin());
      llvm::erase_if(open, [&](const Entry &entry) {
        return llvm::all_of(entry, [&](const auto &literal) {
          return network[literal.first] == literal.second;
        });
      });
    }
    return false;
  }

  /// Appends the entries that are not known.
  LogicalResult listMissing(size_t place, std::vector<Entry> &open) const {
    const PlaceScope &scope = scopes[place];
    size_t entries = scope.entryCount(options.maxEntries);
    if (entries > options.maxEntries)
      return refuseSize(place);
    if (contents[place].size() == entries)
      return success();
    for (size_t number = 0; number < entries; ++number) {
      Entry entry = scope.entryOf(number);
      Assignment assignment = filled(entry);
      uint64_t key = scope.keyOf(assignment);
      if (!contents[place].count(key) &&
          key == scope.keyOf(settled(std::move(assignment))))
        open.push_back(std::move(entry));
    }
    return success();
  }

  /// With the first option for what does not count.
  Assignment filled(const Entry &entry) const {
    Assignment assignment(space.decisions.size(), 0);
    for (auto [decision, option] : entry)
      assignment[decision] = option;
    return assignment;
  }

  /// Entries that differ in decisions that are not active have one content.
  PlaceTable tableOf(size_t place) const {
    const PlaceScope &scope = scopes[place];
    PlaceTable table{scope.scope().vec(), scope.classes(), {}};
    size_t entries = scope.entryCount(options.maxEntries);
    for (size_t number = 0; number < entries; ++number) {
      Assignment assignment = filled(scope.entryOf(number));
      auto known = contents[place].find(scope.keyOf(assignment));
      size_t &content = table.contents[scope.classesOf(assignment)];
      content =
          known != contents[place].end()
              ? known->second
              : contents[place].at(scope.keyOf(settled(std::move(assignment))));
    }
    return table;
  }

  /// One network for as many of the open entries as go together; what none of
  /// them asks for is drawn, so that networks differ in it.
  Assignment merged(ArrayRef<Entry> open) {
    Assignment network(space.decisions.size(), unset);
    size_t free = network.size();
    for (const Entry &entry : open) {
      if (free == 0)
        break;
      bool fits = llvm::all_of(entry, [&](const auto &literal) {
        uint32_t option = network[literal.first];
        return option == unset || option == literal.second;
      });
      if (!fits)
        continue;
      for (auto [decision, option] : entry) {
        free -= network[decision] == unset;
        network[decision] = option;
      }
    }
    for (auto [option, decision] : llvm::zip(network, space.decisions))
      if (option == unset)
        option = random.below(decision.options.size());
    return settled(std::move(network));
  }

  FailureOr<bool> probe() {
    Assignment network;
    for (const search::Decision &decision : space.decisions)
      network.push_back(random.below(decision.options.size()));
    return observe(settled(std::move(network)));
  }

  //===- Contradictions ---------------------------------------------------===//

  FailureOr<std::vector<size_t>> form(const Assignment &assignment) {
    auto bySite = former.form(assignment);
    if (failed(bySite))
      return failure();
    std::vector<size_t> result;
    for (const Place &place : places) {
      bool there =
          llvm::all_of(place.path, [&](const search::Literal &literal) {
            return assignment[literal.decision] == literal.option;
          });
      result.push_back(there ? (*bySite)[siteOf(place, assignment)]
                             : NetworkFormer::noContent);
    }
    return result;
  }

  /// Sites of one choice need not be neighbours: others may be nested.
  size_t siteOf(const Place &place, const Assignment &assignment) const {
    if (!place.decision)
      return place.firstSite;
    ChoiceOp choice = function.sites[place.firstSite].choice;
    return function.siteOf.lookup(
        &choice.getAlternatives()[assignment[*place.decision]]);
  }

  /// Forms a network and enters it. True: a scope has grown.
  FailureOr<bool> observe(const Assignment &assignment) {
    auto formed = form(assignment);
    if (failed(formed))
      return failure();
    observations.push_back({assignment, std::move(*formed)});
    return enter(observations.size() - 1);
  }

  FailureOr<bool> enter(size_t number) {
    bool grown = false;
    for (size_t place = 0; place < places.size(); ++place) {
      size_t content = observations[number].contents[place];
      if (content == NetworkFormer::noContent)
        continue;
      auto [entry, inserted] = contents[place].try_emplace(
          scopes[place].keyOf(observations[number].assignment), content);
      if (inserted || entry->second == content)
        continue;
      if (failed(resolveContradictions(place)))
        return failure();
      grown = true;
    }
    return grown;
  }

  /// Enters all observations of a place anew, and a decision into its scope
  /// for each two that have one key and different contents.
  LogicalResult resolveContradictions(size_t place) {
    llvm::DenseMap<uint64_t, size_t> first;
    contents[place].clear();
    for (size_t number = 0; number < observations.size(); ++number) {
      const auto &[assignment, found] = observations[number];
      if (found[place] == NetworkFormer::noContent)
        continue;
      auto [entry, inserted] =
          first.try_emplace(scopes[place].keyOf(assignment), number);
      const Observation &earlier = observations[entry->second];
      contents[place][entry->first] = earlier.contents[place];
      if (inserted || earlier.contents[place] == found[place])
        continue;
      if (failed(learnFrom(place, earlier, observations[number])))
        return failure();
      return resolveContradictions(place);
    }
    return success();
  }

  /// Two networks differ in a place although their keys are equal: finds a
  /// decision on the way from one to the other that matters, and which of its
  /// options matter alike there.
  LogicalResult learnFrom(size_t place, const Observation &from,
                          const Observation &to) {
    std::vector<uint32_t> steps = stepsBetween(from.assignment, to.assignment);
    if (steps.empty())
      return refuseUnsteady();
    size_t same = 0, other = steps.size();
    while (other - same > 1) {
      size_t middle = (same + other) / 2;
      auto formed =
          form(settled(mixed(from, to, ArrayRef(steps).take_front(middle))));
      if (failed(formed))
        return failure();
      ((*formed)[place] == from.contents[place] ? same : other) = middle;
    }
    uint32_t decision = steps[other - 1];
    Assignment network = mixed(from, to, ArrayRef(steps).take_front(other - 1));
    std::vector<size_t> byOption;
    for (uint32_t option = 0; option < space.decisions[decision].options.size();
         ++option) {
      network[decision] = option;
      auto formed = form(settled(network));
      if (failed(formed))
        return failure();
      byOption.push_back((*formed)[place]);
    }
    Classes classes = numbered(byOption);
    scopes[place].include(decision, classes);
    if (scopes[place].keyOf(from.assignment) ==
        scopes[place].keyOf(to.assignment))
      return refuseUnsteady();
    // Places of one decision (the cells of a tied one) are shaped alike.
    for (size_t alike = 0; alike < places.size(); ++alike) {
      bool tied = places[alike].decision &&
                  places[alike].decision == places[place].decision;
      if (alike == place || !tied || decision == places[alike].decision)
        continue;
      scopes[alike].include(decision, classes);
      if (failed(resolveContradictions(alike)))
        return failure();
    }
    return success();
  }

  LogicalResult refuseUnsteady() const {
    return emitError(func::FuncOp(function.op)->getLoc())
           << "one network was found to have different kernels each time";
  }

  /// Not settled: a decision that is not active here may be so again after
  /// another step, and takes its option then.
  Assignment mixed(const Observation &from, const Observation &to,
                   ArrayRef<uint32_t> steps) const {
    Assignment network = from.assignment;
    for (uint32_t decision : steps)
      network[decision] = to.assignment[decision];
    return network;
  }

  /// Decisions in which the networks differ. Those that are always active go
  /// first: others change nothing before.
  std::vector<uint32_t> stepsBetween(const Assignment &from,
                                     const Assignment &to) const {
    std::vector<uint32_t> steps;
    for (uint32_t decision = 0; decision < from.size(); ++decision)
      if (from[decision] != to[decision])
        steps.push_back(decision);
    llvm::stable_sort(steps, [&](uint32_t a, uint32_t b) {
      return space.decisions[a].activeWhen.empty() >
             space.decisions[b].activeWhen.empty();
    });
    return steps;
  }

  LogicalResult refuseSize(size_t place) const {
    ChoiceOp choice = function.sites[places[place].firstSite].choice;
    func::FuncOp outside = function.op;
    InFlightDiagnostic diagnostic =
        emitError(choice ? choice.getLoc() : outside.getLoc())
        << "the kernels here depend on too many decisions together, in more "
           "than "
        << options.maxEntries << " cases:";
    for (uint32_t decision : scopes[place].scope())
      diagnostic << " @" << space.decisions[decision].name;
    return diagnostic;
  }

  static constexpr uint32_t unset = ~uint32_t(0);

  const SpaceStructure &space;
  const SpaceFunction &function;
  const ProbeOptions &options;
  NetworkFormer former;
  search::Problem shell; ///< decisions only, to make assignments canonical
  std::vector<Place> places;
  std::vector<PlaceScope> scopes; ///< by place
  /// By place: key -> index of a content.
  std::vector<llvm::DenseMap<uint64_t, size_t>> contents;
  std::vector<Observation> observations;
  Random random{20};
};

} // namespace

FailureOr<FunctionTables> gnomon::formSpaceTables(const SpaceStructure &space,
                                                  const SpaceFunction &function,
                                                  const RuntimeRules &rules,
                                                  const DeviceSpec &device,
                                                  ArrayRef<PlaceTable> known,
                                                  const ProbeOptions &options) {
  TableFinder finder(space, function, rules, device, options);
  if (failed(finder.run(known)))
    return failure();
  return finder.take();
}
