"""The model registry: groups of model packages, their registration, their approval.

``group`` is a resource; ``register``, ``approval`` and ``gate`` are states. ``inference``, ``sources`` and ``validation`` are parts of
a package's request. Begin in ``register``.
"""
