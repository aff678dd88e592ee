"""Props that several kinds of states share, their value classes, and their defaults and policies."""

from constructs_ml.public_names import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
