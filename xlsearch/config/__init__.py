"""Typed settings: learning rates, search spaces, training, and the configuration of one run."""
