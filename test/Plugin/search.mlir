// A space built, searched, materialized and annotated in the stock mlir-opt.
// RUN: %mlir_opt --load-dialect-plugin=%gnomon_plugin --load-pass-plugin=%gnomon_plugin --pass-pipeline='builtin.module(gnomon-build-space{space=ofa-mbv3 resolutions=160,192},gnomon-search-architecture{bundle=%gnomon_source/data/models/ort-cpu-1t-f32 accuracy=%gnomon_source/data/accuracy/ofa-mbv3-additive.json max-latency-us=9000},gnomon-materialize-choices,gnomon-annotate-cost{bundle=%gnomon_source/data/models/ort-cpu-1t-f32},gnomon-check-budget{bundle=%gnomon_source/data/models/ort-cpu-1t-f32 max-latency-us=9000})' %s | FileCheck %s
// RUN: %mlir_opt --load-dialect-plugin=%gnomon_plugin --load-pass-plugin=%gnomon_plugin --pass-pipeline='builtin.module(gnomon-build-space{space=ofa-mbv3 resolutions=160},gnomon-search-architecture{bundle=%gnomon_source/data/models/ort-cpu-1t-f32 max-latency-us=9000 algorithm=ilp},gnomon-materialize-choices)' %s | FileCheck %s --check-prefix=ILP

// CHECK-NOT: gnomon.decision
// CHECK: func.func @ofa_mbv3_r{{160|192}}(
// CHECK-NOT: gnomon.alternative
// CHECK: "onnx.Conv"{{.*}}gnomon.estimate = #gnomon.estimate<latency_us =
// CHECK-NOT: gnomon.choice
// The solver of integer programs is loaded with the plugin.
// ILP-NOT: gnomon.choice
// ILP: func.func @ofa_mbv3_r160(
module {}
