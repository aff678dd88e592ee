"""The calls of SageMaker as states of a workflow, a folder for each kind.

In each, ``job`` is the construct, or a module with the name of the state; the docstring of the folder names the parts of its request
beside it. ``training`` and ``tuning`` have a module ``request``, ``transform`` and ``tuning`` their closed choices in ``options``.
``pipelines`` is one module, as there is one state.

They import the kernel and ``core``, and of each other only what their docstrings say; ``workflow`` and ``sdk`` import them. A newcomer
begins in ``processing/job.py``.
"""
