// RUN: gnomon-opt %s --gnomon-build-space='space=ofa-mbv3 resolutions=160,224' | FileCheck %s
// RUN: gnomon-opt %s --gnomon-build-space='space=ofa-mbv3 resolutions=160' --gnomon-search-architecture='bundle=%gnomon_source/data/models/ort-cpu-1t-f32 accuracy=%gnomon_source/data/accuracy/ofa-mbv3-additive.json max-latency-us=9000' --gnomon-materialize-choices --gnomon-annotate-cost='bundle=%gnomon_source/data/models/ort-cpu-1t-f32' | FileCheck %s --check-prefix=FOUND

// CHECK: gnomon.space = "ofa-mbv3"
// CHECK: gnomon.decision @resolution ["160", "224"]
// CHECK: gnomon.decision @stage1_depth ["d2", "d3", "d4"]
// CHECK: gnomon.decision @stage1_block0 ["k3e3", "k3e4", "k3e6", "k5e3", "k5e4", "k5e6", "k7e3", "k7e4", "k7e6"]
// CHECK: func.func @ofa_mbv3_r160(%{{.*}}: tensor<1x3x160x160xf32>
// CHECK-SAME: gnomon.alternative = #gnomon.alternative<@resolution, "160">
// CHECK: gnomon.choice @stage1_block0
// CHECK: func.func @ofa_mbv3_r224(

// FOUND-NOT: gnomon.choice
// FOUND: func.func @ofa_mbv3_r160(
// FOUND: "onnx.Conv"{{.*}}gnomon.estimate = #gnomon.estimate<latency_us =
// FOUND-NOT: gnomon.decision
module {}
