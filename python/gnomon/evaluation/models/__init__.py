"""The latency models behind the methods: sums, networks, mixtures of devices, last layers."""
