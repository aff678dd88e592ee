"""Labeling jobs of SageMaker Ground Truth, which have people label data.

``job`` is the state, ``task`` what people are asked to do. Begin in ``job``.
"""
