// Broken target specifications; the option wins over them too.
// RUN: gnomon-opt %s --split-input-file --verify-diagnostics --gnomon-annotate-cost='bundle=%gnomon_source/test/Inputs/toy-bundle'
// RUN: gnomon-opt %s --split-input-file --gnomon-annotate-cost='bundle=%gnomon_source/test/Inputs/toy-bundle device=toy-fast' -o /dev/null

// expected-error @below {{"gnomon.device" expected the name of a device as a string, found 5}}
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
    "CPU" = #dlti.target_device_spec<"gnomon.device" = 5 : i32>>} {
}

// -----

// expected-error @below {{names the devices 'toy-fast' and 'toy-cpu', expected one; the option device= chooses}}
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
    "CPU" = #dlti.target_device_spec<"gnomon.device" = "toy-fast">,
    "GPU" = #dlti.target_device_spec<"gnomon.device" = "toy-cpu">>} {
}

// -----

// expected-error @below {{device 'h9000': no such device}}
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
    "CPU" = #dlti.target_device_spec<"gnomon.device" = "h9000">>} {
}

// -----

// A specification that says nothing about Gnomon leaves the bundle's device.
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
    "CPU" = #dlti.target_device_spec<"L1_cache_size_in_bytes" = 4096 : i32>>} {
}
