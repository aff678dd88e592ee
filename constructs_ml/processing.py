"""Processing jobs, their inputs and outputs, and those for Spark, Clarify and Model Monitor."""

from constructs_ml.public_names import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
