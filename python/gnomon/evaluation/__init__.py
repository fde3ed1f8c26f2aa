"""Judging latency models on tables of measurements: who may see what, and how right they are."""
