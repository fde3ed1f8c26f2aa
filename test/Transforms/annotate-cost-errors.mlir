// RUN: gnomon-opt %s --verify-diagnostics --gnomon-annotate-cost='bundle=%gnomon_source/test/Inputs/toy-bundle fail-on-unsupported'
// RUN: not gnomon-opt %s --gnomon-annotate-cost=bundle=/no/such/folder 2>&1 | FileCheck %s --check-prefix=BUNDLE
// RUN: not gnomon-opt %s --gnomon-annotate-cost='bundle=%gnomon_source/test/Inputs/toy-bundle device=h9000' 2>&1 | FileCheck %s --check-prefix=DEVICE
// RUN: not gnomon-opt %s --gnomon-annotate-cost 2>&1 | FileCheck %s --check-prefix=NONE

// BUNDLE: error: /no/such/folder/bundle.json: No such file or directory
// DEVICE: error: device 'h9000': no such device; looked in {{.*}}toy-bundle/devices
// NONE: error: bundle: expected the folder of a bundle, found nothing

func.func @nobody_can_cost_it(%x: tensor<256xf32>) -> tensor<256xf32> {
  // expected-error @below {{no cost for kernel}}
  %0 = "onnx.NoSuchOperator"(%x) : (tensor<256xf32>) -> tensor<256xf32>
  return %0 : tensor<256xf32>
}
