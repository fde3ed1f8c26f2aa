"""Measurements of ONNX Runtime on the CPU: sessions, inputs, calibration, separated rounds."""
