"""Gnomon: how long a neural network takes on a device, before anything runs."""
