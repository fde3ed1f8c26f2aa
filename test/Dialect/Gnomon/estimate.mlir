// RUN: gnomon-opt %s | gnomon-opt | FileCheck %s

// CHECK: gnomon.estimate = #gnomon.estimate<latency_us = 1.5, low_us = 1.0, high_us = 1.0e+20, confidence = 0.9, source = free, kind = "conv", kernel = "a \22quoted\22 name">
func.func private @round_trip() attributes {gnomon.estimate = #gnomon.estimate<latency_us = 1.5, low_us = 1.0, high_us = 1.0e20, confidence = 0.9, source = free, kind = "conv", kernel = "a \22quoted\22 name">}
