// RUN: gnomon-opt %s --split-input-file --verify-diagnostics

// expected-error @below {{'gnomon.estimate' expected a #gnomon.estimate, found 1 : i64}}
func.func private @no_estimate() attributes {gnomon.estimate = 1}

// -----

// expected-error @below {{'gnomon.kernel' expected a string, found 1 : i64}}
func.func private @no_name() attributes {gnomon.kernel = 1}

// -----

// expected-error @below {{'gnomon.cost' is no attribute of the gnomon dialect; expected gnomon.estimate, gnomon.alternative, gnomon.latency_gradient_us, gnomon.kernel, gnomon.block, gnomon.init, gnomon.space or gnomon.architecture}}
func.func private @unknown() attributes {gnomon.cost = 1}

// -----

// expected-error @below {{expected low_us <= high_us}}
func.func private @crossed() attributes {gnomon.estimate = #gnomon.estimate<latency_us = 1.0, low_us = 2.0, high_us = 1.0, confidence = 0.9, source = free, kind = "conv", kernel = "a">}

// -----

// expected-error @below {{expected a confidence between 0 and 1}}
func.func private @too_sure() attributes {gnomon.estimate = #gnomon.estimate<latency_us = 1.0, low_us = 1.0, high_us = 1.0, confidence = 1.0, source = free, kind = "conv", kernel = "a">}

// -----

// expected-error @below {{expected finite times of at least 0}}
func.func private @negative() attributes {gnomon.estimate = #gnomon.estimate<latency_us = -1.0, low_us = 1.0, high_us = 1.0, confidence = 0.9, source = free, kind = "conv", kernel = "a">}

// -----

// expected-error @below {{expected predicted, extrapolated, roofline, free or unsupported, found guessed}}
func.func private @guessed() attributes {gnomon.estimate = #gnomon.estimate<latency_us = 1.0, low_us = 1.0, high_us = 1.0, confidence = 0.9, source = guessed, kind = "conv", kernel = "a">}
