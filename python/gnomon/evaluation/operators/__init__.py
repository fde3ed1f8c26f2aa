"""Latency models of single operators, judged on GPUs that they never saw."""
