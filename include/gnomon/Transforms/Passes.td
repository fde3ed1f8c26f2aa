// SPDX-License-Identifier: Apache-2.0
// Gnomon's passes. This file is their manual.

#ifndef GNOMON_TRANSFORMS_PASSES_TD
#define GNOMON_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

class Gnomon_CostPass<string argument> : Pass<argument, "::mlir::ModuleOp"> {
  list<Option> costOptions = [
    Option<"bundle", "bundle", "std::string", "",
      "Folder of the bundle to estimate with: models of kernels, or tables of "
      "blocks">,
    Option<"device", "device", "std::string", "",
      "Name of a device, or path of its JSON file; wins over the module's "
      "target specification and the bundle's own device">
  ];
  let options = costOptions;
  let dependentDialects = ["::mlir::DLTIDialect"];
}

def RecordFeaturesPass : Gnomon_CostPass<"gnomon-record-features"> {
  let summary = "Write the features of every kernel as CSV";
  let description = [{
    One row a kernel: function, name, kind, the runtime's name for it, the
    operations in it and the tensors it yields (separated by blanks), its
    roofline time and every feature; a feature that does not apply is empty. The
    kernels are those that the bundle's runtime forms.

    Contract: the IR is left as it is. The file appears whole or not at all. A
    bundle of tables is refused: it knows no kernels.

    ```
    gnomon-opt net.mlir --gnomon-record-features='bundle=DIR output-file=-'
    ```
  }];
  let options = !listconcat(costOptions, [
    Option<"outputFile", "output-file", "std::string", "\"-\"",
      "Where the rows go; '-' is standard output">
  ]);
}

def AnnotateCostPass : Gnomon_CostPass<"gnomon-annotate-cost"> {
  let summary = "Write latency estimates onto the operations";
  let description = [{
    Sets `gnomon.estimate` on the operation that a kernel is named after, and
    `gnomon.kernel` on the others that run in it. Operations without run-time
    work get an estimate from the source `free`. What nobody can cost is a
    located warning, or an error under `fail-on-unsupported`. Every estimate is
    also an analysis remark of the category `gnomon`, so that the stock flags show
    them or write them down: `--remarks-filter=gnomon --remark-format=yaml
    --remarks-output-file=estimates.yaml`.

    With tables of blocks (docs/bundles.md) the blocks stand for kernels, of the
    kind `block`; the confidence is 0 where the tables have no intervals.

    Contract: only these two attributes change; old ones are replaced. Limits:
    kernels that the runtime inserts (changes of layout) belong to no operation
    and show up in `gnomon-print-cost` only.

    ```mlir
    %1 = "onnx.Relu"(%0) {gnomon.estimate = #gnomon.estimate<latency_us = 1.5,
      low_us = 1.0, high_us = 2.0, confidence = 0.9, source = roofline,
      kind = "elementwise", kernel = "relu">} : (tensor<8xf32>) -> tensor<8xf32>
    ```
  }];
  let options = !listconcat(costOptions, [
    Option<"failOnUnsupported", "fail-on-unsupported", "bool", "false",
      "Operations that nobody can cost are errors">
  ]);
  let dependentDialects = ["::gnomon::GnomonDialect", "::mlir::DLTIDialect"];
}

def PrintCostPass : Gnomon_CostPass<"gnomon-print-cost"> {
  let summary = "Report the latency of each function, kernel by kernel";
  let description = [{
    The network's latency with its interval, what share of operations, FLOPs
    and time each source of estimates covers, and the kernels, as text (dearest
    first) or as JSON (in program order, unless `top` asks for the dearest).
    Kernels whose source is neither `predicted` nor `free` are named with the
    reason. A module with several functions reports each; the entry function,
    whose numbers also stand at the top of the JSON, is `main` or else the first
    public one.

    Contract: the IR is left as it is. The file appears whole or not at all.

    ```
    gnomon-opt net.mlir --gnomon-print-cost='bundle=DIR format=json top=10'
    ```
  }];
  let options = !listconcat(costOptions, [
    Option<"format", "format", "std::string", "\"text\"", "'text' or 'json'">,
    Option<"outputFile", "output-file", "std::string", "\"-\"",
      "Where the report goes; '-' is standard output">,
    Option<"top", "top", "int64_t", "-1",
      "List only the N dearest kernels; -1 lists all">
  ]);
}

def CheckBudgetPass : Gnomon_CostPass<"gnomon-check-budget"> {
  let summary = "Fail on functions that may be slower than a budget";
  let description = [{
    An error at each function whose upper bound of the predicted latency, at the
    given confidence, is over the budget. Notes at their locations name the
    dearest kernels. A function with kernels that nobody can cost (a dynamic
    shape, an unknown operator) has no upper bound: that is an error too.

    Contract: the IR is left as it is. `max-latency-us` must be given, finite
    and greater than 0; `confidence` lies between 0 and 1. Limits: confidences
    between those that the bundle was calibrated for are interpolated, those
    beyond are refused, and any where tables have no intervals: there the bound
    is the latency itself.

    ```
    gnomon-opt net.mlir --gnomon-check-budget='bundle=DIR max-latency-us=5000'
    ```
  }];
  let options = !listconcat(costOptions, [
    Option<"maxLatencyUs", "max-latency-us", "double", "0",
      "The budget in microseconds">,
    Option<"confidence", "confidence", "double", "0",
      "How sure the answer must be; 0: 0.9, or as a bundle without intervals "
      "says it">
  ]);
}

def PrintTopologyPass : Pass<"gnomon-print-topology", "::mlir::ModuleOp"> {
  let summary = "Report NN-Degree and NN-Mass, cell by cell";
  let description = [{
    How the layers of each function are connected, as FLASH counts it: cells are
    layers between two changes of resolution, NN-Degree adds the mean width of
    each to the channels that pass layers by (operands of Add and Concat) over
    the sum of widths, NN-Mass multiplies the share of such channels that are
    there with what the layers read. docs/topology.md says which part of this is
    ours.

    Contract: the IR is left as it is. A layer without static sizes is an error.
    Of a supernet the network is that of `selected`.

    ```
    gnomon-opt net.mlir --gnomon-print-topology=format=json
    ```
  }];
  let options = [
    Option<"format", "format", "std::string", "\"text\"", "text or json">,
    Option<"outputFile", "output-file", "std::string", "\"-\"",
      "Where the report goes; '-' is standard output">
  ];
}

def BuildSpacePass : Pass<"gnomon-build-space", "::mlir::ModuleOp"> {
  let summary = "Make a search space: by name, from a file, from a network";
  let description = [{
    Decisions, and one function for each input resolution, whose choices they
    settle. docs/spaces.md describes the named spaces,
    docs/spaces-of-your-own.md the files.

    With `rules` (text, or a file that ends in .json) the module's network
    becomes a supernet: a decision for each match of each rule. Weights whose
    shape changes lose their source, others keep it. A remark for each rule
    lists its matches.

    Contract: the module must hold no operation, or with `rules` one function
    without decisions. An unknown space, or a resolution or width that the space
    lacks, is an error that names what there is. An error in a file names the
    field. A rule that matches nothing is a warning, rules that decide the same
    are an error.

    ```
    gnomon-opt empty.mlir --gnomon-build-space='space=ofa-mbv3 resolutions=224,192'
    gnomon-opt empty.mlir --gnomon-build-space='space-file=mine.json'
    gnomon-opt net.mlir --gnomon-build-space='rules=kernel:depthwise=3,5,7;drop-residual'
    ```
  }];
  let options = [
    Option<"space", "space", "std::string", "", "Name of the space">,
    Option<"spaceFile", "space-file", "std::string", "",
      "JSON file of a space of one's own">,
    Option<"rules", "rules", "std::string", "",
      "What may change about the module's network">,
    ListOption<"resolutions", "resolutions", "int64_t",
      "Sizes of the square input image; none: those the space was trained with">,
    Option<"widthMult", "width-mult", "double", "0",
      "Multiplier of channels; 0: the space's default">,
    Option<"batch", "batch", "int64_t", "1", "Images in a run">
  ];
  let dependentDialects = ["::gnomon::GnomonDialect", "::mlir::func::FuncDialect"];
}

def PruneSpacePass : Gnomon_CostPass<"gnomon-prune-space"> {
  let summary = "Keep the operators of each layer that suit a device";
  let description = [{
    Ranks the options of each choice by capacity a latency on the device, and
    keeps the best `keep`, as HURRICANE does (arXiv:1910.11609, which ranks by
    FLOPs or parameters a measured latency). The capacity is that of the option's
    operations: multiply-accumulates, or with `capacity=params` parameters. The
    latency is predicted: the mean over all contexts that the option may stand
    in. Choices of one decision are tied: they are ranked by their sums, and lose
    the same options.

    An option without capacity and latency, such as the identity that leaves a
    layer out, is no operator: it stays, and does not count. So do all options
    of a decision that other decisions depend on (a depth), and of one that
    picks functions (a resolution). A `selected` option that goes is selected no
    more.

    Contract: the decisions, names and inputs stay; every decision keeps an
    option. A `keep` of 0, a module without choices, and an option with a
    capacity that costs nothing are errors. Limits: small options often have the
    least capacity a latency, so that the fastest network of the space may go.

    ```
    gnomon-opt space.mlir --gnomon-prune-space='bundle=DIR device=NAME keep=4'
    ```
  }];
  let options = !listconcat(costOptions, [
    Option<"keep", "keep", "unsigned", "0",
      "Options a choice that are kept; at least 1">,
    Option<"capacity", "capacity", "std::string", "\"macs\"",
      "What an option is good for: macs or params">
  ]);
  let dependentDialects = ["::gnomon::GnomonDialect", "::mlir::DLTIDialect"];
}

def SearchArchitecturePass : Gnomon_CostPass<"gnomon-search-architecture"> {
  let summary = "Select the best network of a supernet under a latency budget";
  let description = [{
    Costs every option of every choice in every context, as the bundle's runtime
    would run it, and finds the networks that no other beats in predicted latency
    and objective: with the algorithm `exact` all of them, proven. The best one
    whose latency bound (at `confidence`) keeps `max-latency-us`, or without a
    budget the best of all, is recorded as `selected` on the decisions. A budget
    that no network keeps is an error that names the least there is. With `sure`
    the budget is kept with at least that probability instead, by the errors
    that the bundle knows of.

    The objective is a metric to be as good as possible: `macs` or `params` (as
    many as possible), or that of the file `accuracy` (see
    docs/accuracy-models.md), which is the default if the file is there: values
    for options, or a network that judges whole architectures. A network needs
    `stand-in`, values for options that are near it; then the budget is answered
    by judging all networks whose stand-in is near the best. Other algorithms
    (docs/search.md) answer the budget only.

    The form says how the budget enters: `hard` keeps it; the others weigh it
    against the metric, as MnasNet and ProxylessNAS do (docs/search.md), need an
    algorithm that weighs networks, and may select one that passes the budget.
    `flash-quotient` keeps it, and divides the metric by latency, as FLASH does.

    With tables of blocks, options cost what the tables say of their keys, in
    every context.

    The algorithm `hao` asks no bundle: it makes accelerators for the FPGA of
    the file `fpga` at the word lengths `bits` (docs/fpga.md), and selects the
    network that is best on one of them within `max-latency-us`; where networks
    are equally good, the fastest. It refuses `bundle`, `device`, `confidence`
    and `sure`.

    Contract: only `selected` changes. `output-file` receives the front as JSON,
    whole or not at all. Limits: latency is a sum over kernels or blocks, see
    docs/search.md.

    ```
    gnomon-opt space.mlir --gnomon-search-architecture='bundle=DIR objective=macs max-latency-us=9000 output-file=front.json'
    ```
  }];
  let options = !listconcat(costOptions, [
    Option<"algorithm", "algorithm", "std::string", "\"exact\"",
      "How to search">,
    Option<"objective", "objective", "std::string", "",
      "[METRIC:]FORM or either: the metric to be as good as possible (macs, "
      "params or that of `accuracy`), and how the budget enters (hard, mnasnet, "
      "mnasnet-hard, mul-log, add-linear, flash-quotient)">,
    Option<"constraint", "constraint", "std::string", "\"repair\"",
      "What becomes of draws that break the budget: repair or reject">,
    Option<"maxLatencyUs", "max-latency-us", "double", "0",
      "The budget in microseconds; 0: none">,
    Option<"confidence", "confidence", "double", "0",
      "Of the interval whose upper end keeps the budget; 0: 0.9, or as a "
      "bundle without intervals says it">,
    Option<"sure", "sure", "double", "0",
      "How likely the budget must be kept, at least 0.5; 0: `confidence` says">,
    Option<"accuracy", "accuracy", "std::string", "",
      "File with an accuracy model">,
    Option<"standIn", "stand-in", "std::string", "",
      "File with values for options that are near an accuracy network">,
    Option<"latencyModel", "latency-model", "std::string", "",
      "With la-dnas: file of a dense network whose latency gradients it follows">,
    Option<"proxy", "proxy", "std::string", "",
      "With one-proxy: bundle of the device to search on; `bundle` stands for "
      "measuring">,
    Option<"evaluations", "evaluations", "uint64_t", "100000",
      "Most networks to evaluate, if not exact">,
    Option<"seed", "seed", "uint64_t", "0", "Of algorithms that draw">,
    Option<"fpga", "fpga", "std::string", "",
      "For hao: the JSON file of an FPGA">,
    ListOption<"bits", "bits", "int64_t",
      "For hao: word lengths of the accelerator; without them 4,8">,
    Option<"outputFile", "output-file", "std::string", "",
      "Where the front goes as JSON; '-' is standard output, none: nowhere">
  ]);
  let dependentDialects = ["::gnomon::GnomonDialect", "::mlir::DLTIDialect"];
}

def AnnotateLatencyGradientPass
    : Gnomon_CostPass<"gnomon-annotate-latency-gradient"> {
  let summary = "Say how the latency of a supernet changes with its choices";
  let description = [{
    Attaches `gnomon.latency_gradient_us` to every decision and every choice: for
    each option the derivative of the expected latency, in microseconds, by the
    probability of that option. The expectation is over decisions that are drawn
    independently: a decision with `selected` takes that option for certain, the
    others take each of their options alike.

    A decision's value for an option is what the parts of the network take, in
    the mean, in whose latency the decision has a say, if it takes the option:
    differences between options are what changing it costs, and options of a
    decision that cannot matter have equal values. Choices of one decision are
    tied and carry the same numbers; those of a decision of resolutions stand
    on the decision alone.

    With `latency-model` instead of `bundle` the values are the derivatives of a
    dense network (kind mlp, as `gnomon fit-latency` writes it) by the shares
    that these probabilities are: an option adds to the network's inputs by its
    probability times that of the decision being asked. Such a network has only
    seen whole networks; what it says near one (`selected` everywhere) is nearer
    to what it has learned than what it says between all of them.

    Contract: only these attributes change; old ones are replaced. Limits: those
    of gnomon-search-architecture.

    ```
    gnomon-opt space.mlir --gnomon-annotate-latency-gradient='bundle=DIR'
    ```
  }];
  let options = !listconcat(costOptions, [
    Option<"latencyModel", "latency-model", "std::string", "",
      "File of a dense network whose derivatives are taken, instead of a bundle">
  ]);
  let dependentDialects = ["::gnomon::GnomonDialect", "::mlir::DLTIDialect"];
}

def MaterializeChoicesPass
    : Pass<"gnomon-materialize-choices", "::mlir::ModuleOp"> {
  let summary = "Make the selected network of a supernet";
  let description = [{
    Puts the selected option in the place of each choice, keeps the function
    that the selection names among alternatives, and removes the decisions and
    the constants that nothing reads. What is selected is what `selection` says,
    else the decision's `selected`.

    Contract: the result has no decision, choice or alternative left. A decision
    that matters and that nothing settles is an error, with a note where it
    matters; one that only options not taken refer to need not be settled. So is
    a selected option whose arguments do not fit what the options before it
    yield. Limits: results of plain operations that read a value of inexact type
    keep their types.

    ```
    gnomon-opt space.mlir --gnomon-materialize-choices='selection=stage1_block0=k3e3,resolution=224'
    ```
  }];
  let options = [
    ListOption<"selection", "selection", "std::string",
      "decision=option, separated by commas; wins over `selected`">
  ];
  let dependentDialects = ["::gnomon::GnomonDialect"];
}

#endif // GNOMON_TRANSFORMS_PASSES_TD
