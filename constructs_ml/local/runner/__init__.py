"""A run: synthesized, deployed, executed, reported."""
