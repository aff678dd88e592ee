"""Data in S3, and the ways in which jobs read and write it."""

from constructs_ml.public_names import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
