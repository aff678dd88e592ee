"""The jobs of SageMaker as processes of this machine: a module or a folder for each kind.

``base`` has the states of a job, ``job`` a job that runs containers; ``processing``, ``training``, ``transform``, ``tuning``
and ``labeling`` are kinds. ``services`` has the parts of the embedded AWS that a job needs, ``call`` the caller of a job and the
scope that stops it.

It imports the kernel, ``aws`` and ``host``. A newcomer begins in ``job``, and then in ``training``.
"""
