"""Batch transform: models served on this machine, and objects sent through them."""
