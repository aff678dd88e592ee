"""Whole pipelines that are meant to be subclassed, and stacks that hold one.

``training_pipeline`` trains and serves a model, ``inference_pipeline`` a preprocessor and a model as one; ``pipeline`` is what both
share. Their methods are the seams. It imports ``tasks`` and ``workflow``. Begin in ``training_pipeline``.
"""
