"""The SageMaker API in memory: a module for the operations on each kind of resource; those that run are in ``jobs``.

``service`` takes each call: ``requests`` checks it against the API's model, ``access`` against the caller's permissions, and then
the operation responds, from ``records`` if nothing runs. ``cloudformation`` creates template resources by the same calls.

It imports the kernel, ``aws``, ``host`` and ``jobs``, and knows no emulator. A newcomer begins in ``service``.
"""
