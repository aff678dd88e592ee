"""The SageMaker API in memory: one module for the operations on each kind of resource, ``jobs`` on those that run.

``service`` takes each call: ``requests`` checks it by the API's model, ``access`` by the caller's permissions, and then its
operation answers, of ``records`` where nothing runs. ``cloudformation`` makes the resources of templates by the same calls.

It imports the kernel, ``aws``, ``host`` and ``jobs``, and knows no emulator. A newcomer begins in ``service``.
"""
