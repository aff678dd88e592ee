"""Metrics of jobs, files of metrics, and conditions on both."""

from constructs_ml.public_names import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
