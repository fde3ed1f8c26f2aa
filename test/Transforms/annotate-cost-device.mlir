// The device is what the module's target specification names; the option wins.
// RUN: gnomon-opt %s --gnomon-print-cost='bundle=%gnomon_source/test/Inputs/toy-bundle' -o /dev/null | FileCheck %s --check-prefix=MODULE
// RUN: gnomon-opt %s --gnomon-print-cost='bundle=%gnomon_source/test/Inputs/toy-bundle device=toy-cpu' -o /dev/null | FileCheck %s --check-prefix=OPTION

// MODULE: device toy-fast, bundle toy
// OPTION: device toy-cpu, bundle toy
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
    "CPU" = #dlti.target_device_spec<"gnomon.device" = "toy-fast">>} {
  func.func @net(%x: tensor<256xf32>) -> tensor<256xf32> {
    %0 = "onnx.Relu"(%x) : (tensor<256xf32>) -> tensor<256xf32>
    return %0 : tensor<256xf32>
  }
}
