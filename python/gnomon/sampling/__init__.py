"""Seeded random networks and kernels, built directly as ONNX graphs."""
