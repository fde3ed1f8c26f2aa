"""Collects per-kernel times of sampled networks: visits, records, resuming."""
