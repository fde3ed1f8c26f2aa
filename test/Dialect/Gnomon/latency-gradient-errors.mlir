// RUN: gnomon-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{'gnomon.latency_gradient_us' expected a decision or a choice, found 'builtin.module'}}
module attributes {gnomon.latency_gradient_us = array<f64: 1.0>} {}

// -----

module {
// expected-error @below {{'gnomon.latency_gradient_us' expected an array of 2 f64, one for each option, found array<f64: 1.000000e+00>}}
gnomon.decision @first ["a", "b"] {gnomon.latency_gradient_us = array<f64: 1.0>}
}
