// A named space costed by tables: built, searched, materialized, held against
// its budget in one pipeline.
// RUN: rm -rf %t && mkdir -p %t && cd %t
// RUN: gnomon-opt %s --gnomon-build-space='space=ofa-mbv3 resolutions=32' -o space.mlir
// RUN: %python %S/Inputs/key_table.py space.mlir made
// RUN: gnomon-opt %s --pass-pipeline='builtin.module(gnomon-build-space{space=ofa-mbv3 resolutions=32},gnomon-search-architecture{bundle=made max-latency-us=15000},gnomon-materialize-choices,gnomon-check-budget{bundle=made max-latency-us=15000},gnomon-print-cost{bundle=made output-file=cost.txt})' | FileCheck %s
// RUN: FileCheck %s --check-prefix=COST < cost.txt
// RUN: not gnomon-opt %s --pass-pipeline='builtin.module(gnomon-build-space{space=ofa-mbv3 resolutions=32},gnomon-search-architecture{bundle=made max-latency-us=6000})' 2>&1 | FileCheck %s --check-prefix=LEAST

// CHECK-NOT: gnomon.choice
// CHECK: func.func @ofa_mbv3_r32
// COST: device made, bundle made
// COST-NEXT: @ofa_mbv3_r32: 1{{[45]}}.{{[0-9]+}} ms, no interval known
// COST: predicted block expanded_conv-input:
// The sum over the smallest blocks, channels inside times kernel, and five parts.
// LEAST: error: no network keeps 6000.000 us: the least reachable bound is 6245.000 us (predicted 6245.000 us)
module {}
