"""Batch transform jobs, which run a model over a data set.

``job`` is the state, ``options`` its closed choices. Begin in ``job``.
"""
