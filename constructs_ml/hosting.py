"""Models, endpoint configurations and endpoints, with the parts of their requests."""

from constructs_ml.public_names import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
