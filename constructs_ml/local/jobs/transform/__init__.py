"""Batch transform: models that are served on this machine, and objects that are sent through them."""
