"""The calls of SageMaker as states of a workflow, a folder for each kind.

Each has the same names: ``job`` or the name of the state is the construct, ``request`` what it sends, ``options`` its closed choices,
``props`` what few of them need. ``pipelines`` is one module, as there is one state.

They import the kernel and ``core``, and of each other only what their docstrings say; ``workflow`` and ``sdk`` import them. A newcomer
begins in ``processing/job.py``.
"""
