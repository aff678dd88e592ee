"""Checks of workflows, definitions and templates, and their findings."""

from constructs_ml.public_names import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
