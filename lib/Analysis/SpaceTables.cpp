// SPDX-License-Identifier: Apache-2.0
// Finds the contexts that shape the kernels of each site: networks that cover
// the known contexts are formed, random ones test them, and two networks that
// contradict each other show, by bisection, which decision was overlooked.

#include "SpaceTables.h"
#include "NetworkFormer.h"

using namespace gnomon;
using namespace mlir;
using search::Assignment;

namespace {

/// A generator that gives the same numbers everywhere (splitmix64).
class Random {
public:
  uint32_t below(size_t bound) { return uint32_t(next() % bound); }

private:
  uint64_t next() {
    uint64_t z = state += 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  uint64_t state = 20;
};

/// A network that was formed, and what its sites consist of.
struct Observation {
  Assignment assignment;
  std::vector<size_t> contents;
};

class TableFinder {
public:
  TableFinder(const SpaceStructure &space, const SpaceFunction &function,
              const RuntimeRules &rules, const DeviceSpec &device,
              const ProbeOptions &options)
      : space(space), function(function), options(options),
        former(space, function, rules, device) {
    shell.decisions = space.decisions;
    tables.resize(function.sites.size());
  }

  LogicalResult run(ArrayRef<std::vector<uint32_t>> scopes) {
    for (auto [index, site] : llvm::enumerate(function.sites)) {
      for (const search::Literal &literal : site.path)
        include(index, literal.decision);
      if (!scopes.empty())
        for (uint32_t decision : scopes[index])
          include(index, decision);
    }
    size_t agreed = 0;
    while (agreed < options.probes) {
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
    for (size_t site = 0; site < tables.size(); ++site)
      fillIdleEntries(site);
    return {std::move(tables), former.takeContents(), former.rows().vec(),
            former.takeLocations(), former.networks()};
  }

private:
  /// Adds a decision to a scope, and those that say whether it is active.
  void include(size_t site, uint32_t decision) {
    std::vector<uint32_t> &scope = tables[site].scope;
    auto place = llvm::lower_bound(scope, decision);
    if (place != scope.end() && *place == decision)
      return;
    scope.insert(place, decision);
    for (const auto &row : space.decisions[decision].activeWhen)
      for (const search::Literal &literal : row)
        include(site, literal.decision);
  }

  std::vector<uint32_t> keyOf(size_t site, const Assignment &assignment) const {
    std::vector<uint32_t> key;
    for (uint32_t decision : tables[site].scope)
      key.push_back(assignment[decision]);
    return key;
  }

  Assignment settled(Assignment assignment) const {
    if (function.alternative)
      assignment[function.alternative->decision] = function.alternative->option;
    return search::canonical(shell, std::move(assignment));
  }

  //===- Covering the tables ----------------------------------------------===//

  /// Forms networks until every entry of every table is there. True: a scope
  /// has grown meanwhile.
  FailureOr<bool> cover() {
    std::vector<std::pair<size_t, Assignment>> open;
    for (size_t site = 0; site < tables.size(); ++site)
      if (failed(listMissing(site, open)))
        return failure();
    while (!open.empty()) {
      FailureOr<bool> changed = observe(merged(open));
      if (failed(changed) || *changed)
        return changed;
      // The first entry is always among those that the network covers.
      open.erase(open.begin());
      llvm::erase_if(open, [&](const auto &entry) {
        return tables[entry.first].contents.count(
            keyOf(entry.first, entry.second));
      });
    }
    return false;
  }

  /// Appends a network, with `unset` for what does not count, for each entry
  /// that is not known.
  LogicalResult
  listMissing(size_t site,
              std::vector<std::pair<size_t, Assignment>> &open) const {
    size_t entries = entryCount(site);
    if (entries > options.maxEntries)
      return refuseSize(site);
    for (size_t entry = 0; entry < entries; ++entry) {
      Assignment assignment = entryOf(site, entry);
      std::vector<uint32_t> key = keyOf(site, assignment);
      if (key == activeKey(site, assignment) &&
          !tables[site].contents.count(key))
        open.emplace_back(site, std::move(assignment));
    }
    return success();
  }

  /// Entries that differ in decisions that are not active have one content.
  void fillIdleEntries(size_t site) {
    for (size_t entry = 0; entry < entryCount(site); ++entry) {
      Assignment assignment = entryOf(site, entry);
      tables[site].contents.try_emplace(
          keyOf(site, assignment),
          tables[site].contents.at(activeKey(site, assignment)));
    }
  }

  size_t entryCount(size_t site) const {
    size_t entries = 1;
    for (uint32_t decision : tables[site].scope)
      if (!fixedOption(site, decision))
        entries = std::min(entries * space.decisions[decision].options.size(),
                           options.maxEntries + 1);
    return entries;
  }

  /// The key with 0 for decisions that are not active.
  std::vector<uint32_t> activeKey(size_t site, Assignment assignment) const {
    for (uint32_t &option : assignment)
      option = option == unset ? 0 : option;
    return keyOf(site, settled(std::move(assignment)));
  }

  std::optional<uint32_t> fixedOption(size_t site, uint32_t decision) const {
    for (const search::Literal &literal : function.sites[site].path)
      if (literal.decision == decision)
        return literal.option;
    return std::nullopt;
  }

  Assignment entryOf(size_t site, size_t entry) const {
    Assignment assignment(space.decisions.size(), unset);
    for (uint32_t decision : llvm::reverse(tables[site].scope)) {
      if (auto option = fixedOption(site, decision)) {
        assignment[decision] = *option;
        continue;
      }
      size_t count = space.decisions[decision].options.size();
      assignment[decision] = uint32_t(entry % count);
      entry /= count;
    }
    return assignment;
  }

  /// One network for as many of the open entries as go together; what none of
  /// them asks for is drawn, so that networks differ in it.
  Assignment merged(ArrayRef<std::pair<size_t, Assignment>> open) {
    Assignment network(space.decisions.size(), unset);
    for (const auto &[site, entry] : open) {
      bool fits = llvm::all_of(llvm::zip(network, entry), [](auto options) {
        auto [ours, theirs] = options;
        return ours == unset || theirs == unset || ours == theirs;
      });
      if (fits)
        for (auto [ours, theirs] : llvm::zip(network, entry))
          ours = theirs == unset ? ours : theirs;
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

  /// Forms a network and enters it. True: a scope has grown.
  FailureOr<bool> observe(const Assignment &assignment) {
    auto contents = former.form(assignment);
    if (failed(contents))
      return failure();
    observations.push_back({assignment, std::move(*contents)});
    return enter(observations.size() - 1);
  }

  FailureOr<bool> enter(size_t number) {
    bool grown = false;
    for (size_t site = 0; site < tables.size(); ++site) {
      size_t content = observations[number].contents[site];
      if (content == NetworkFormer::noContent)
        continue;
      std::vector<uint32_t> key = keyOf(site, observations[number].assignment);
      auto [entry, inserted] = tables[site].contents.try_emplace(key, content);
      if (inserted || entry->second == content)
        continue;
      if (failed(resolveContradictions(site)))
        return failure();
      grown = true;
    }
    return grown;
  }

  /// Enters all observations of a site anew, and a decision into its scope for
  /// each two that have one key and different contents.
  LogicalResult resolveContradictions(size_t site) {
    std::map<std::vector<uint32_t>, size_t> first;
    tables[site].contents.clear();
    for (size_t number = 0; number < observations.size(); ++number) {
      const auto &[assignment, contents] = observations[number];
      if (contents[site] == NetworkFormer::noContent)
        continue;
      auto [entry, inserted] =
          first.try_emplace(keyOf(site, assignment), number);
      const Observation &earlier = observations[entry->second];
      tables[site].contents[entry->first] = earlier.contents[site];
      if (inserted || earlier.contents[site] == contents[site])
        continue;
      FailureOr<uint32_t> overlooked =
          bisect(site, earlier.assignment, assignment, earlier.contents[site]);
      if (failed(overlooked))
        return failure();
      include(site, *overlooked);
      return resolveContradictions(site);
    }
    return success();
  }

  /// Walks from one network to another, decision by decision, and finds one
  /// step that changes the content of the site.
  FailureOr<uint32_t> bisect(size_t site, const Assignment &from,
                             const Assignment &to, size_t content) {
    std::vector<uint32_t> steps = stepsFrom(site, from, to);
    if (steps.empty())
      return refuse(site, "the same network has different kernels each time");
    size_t same = 0, other = steps.size();
    while (other - same > 1) {
      size_t middle = (same + other) / 2;
      Assignment network = from;
      for (uint32_t decision : ArrayRef(steps).take_front(middle))
        network[decision] = to[decision];
      auto contents = former.form(settled(network));
      if (failed(contents))
        return failure();
      ((*contents)[site] == content ? same : other) = middle;
    }
    return steps[other - 1];
  }

  /// Decisions outside the scope in which the networks differ. Those that say
  /// whether others are active go first: the others change nothing before.
  std::vector<uint32_t> stepsFrom(size_t site, const Assignment &from,
                                  const Assignment &to) const {
    std::vector<uint32_t> steps;
    for (uint32_t decision = 0; decision < from.size(); ++decision)
      if (from[decision] != to[decision] &&
          !llvm::is_contained(tables[site].scope, decision))
        steps.push_back(decision);
    llvm::stable_sort(steps, [&](uint32_t a, uint32_t b) {
      return space.decisions[a].activeWhen.empty() >
             space.decisions[b].activeWhen.empty();
    });
    return steps;
  }

  LogicalResult refuse(size_t site, const llvm::Twine &why) const {
    Operation *choice = function.sites[site].choice;
    func::FuncOp outside = function.op;
    return emitError(choice ? choice->getLoc() : outside.getLoc()) << why;
  }

  LogicalResult refuseSize(size_t site) const {
    std::string names;
    for (uint32_t decision : tables[site].scope)
      names += (names.empty() ? "@" : ", @") + space.decisions[decision].name;
    return refuse(site, "the kernels here depend on " + names +
                            " together, in more than " +
                            llvm::Twine(options.maxEntries) + " cases");
  }

  static constexpr uint32_t unset = ~uint32_t(0);

  const SpaceStructure &space;
  const SpaceFunction &function;
  const ProbeOptions &options;
  NetworkFormer former;
  search::Problem shell; ///< decisions only, to make assignments canonical
  std::vector<SiteTable> tables;
  std::vector<Observation> observations;
  Random random;
};

} // namespace

FailureOr<FunctionTables> gnomon::formSpaceTables(
    const SpaceStructure &space, const SpaceFunction &function,
    const RuntimeRules &rules, const DeviceSpec &device,
    ArrayRef<std::vector<uint32_t>> scopes, const ProbeOptions &options) {
  TableFinder finder(space, function, rules, device, options);
  if (failed(finder.run(scopes)))
    return failure();
  return finder.take();
}
