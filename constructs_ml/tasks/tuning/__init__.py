"""Tuning jobs, which search for hyperparameters by training.

``job`` is the state; ``request`` says how it searches, ``ranges`` where, ``options`` by which strategy. ``training_definition`` and
``trials`` are the training jobs that it starts, made of parts of ``training``. Begin in ``job``.
"""
