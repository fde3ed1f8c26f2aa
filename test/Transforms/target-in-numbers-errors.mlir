// Devices in numbers that are none.
// RUN: gnomon-opt %s --split-input-file --verify-diagnostics --gnomon-annotate-cost='bundle=%gnomon_source/test/Inputs/toy-gpu-bundle'

// expected-error @below {{dlti.target_system_spec: member "memory_bandwidth_bytes_per_s" is missing}}
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
    "GPU" = #dlti.target_device_spec<"gnomon.peak_flops.f32" = 1.0e12 : f64>>} {
}

// -----

// expected-error @below {{peak_flops.f32: expected a number greater than 0}}
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
    "GPU" = #dlti.target_device_spec<"gnomon.peak_flops.f32" = -1.0 : f64,
      "gnomon.memory_bandwidth_bytes_per_s" = 1.0e11 : f64>>} {
}

// -----

// expected-error @below {{moon_phase}}
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
    "GPU" = #dlti.target_device_spec<"gnomon.moon_phase" = 1 : i32>>} {
}

// -----

// expected-error @below {{names the device 'small-gpu' and gives numbers ("gnomon.sm_count"), expected one of the two}}
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
    "GPU" = #dlti.target_device_spec<"gnomon.device" = "small-gpu", "gnomon.sm_count" = 3 : i32>>} {
}

// -----

// expected-error @below {{"gnomon.peak_flops.f32" does not fit the other entries}}
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
    "GPU" = #dlti.target_device_spec<"gnomon.peak_flops" = 1.0e12 : f64, "gnomon.peak_flops.f32" = 1.0e12 : f64>>} {
}

// -----

// expected-error @below {{device 'CPU' is of kind 'cpu'; bundle 'toy-gpu' knows devices of kind 'gpu' only}}
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
    "CPU" = #dlti.target_device_spec<"gnomon.peak_flops.f32" = 1.0e12 : f64,
      "gnomon.memory_bandwidth_bytes_per_s" = 1.0e11 : f64>>} {
}
