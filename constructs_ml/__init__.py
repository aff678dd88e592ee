"""AWS CDK constructs for machine-learning workflows on Step Functions and SageMaker.

The names of a first workflow are here, the others in namespaces: ``ml.hosting.Variant``, ``ml.tuning.IntegerRange``. The
stub beside this module lists them; ``public_names`` says how they are imported.
"""

from constructs_ml.public_names import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
