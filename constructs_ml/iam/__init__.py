"""The permissions of jobs and state machines: facts, grants derived from them, and checks of roles; plain Python.

``facts`` says what each call needs. Constructs grant by ``resources`` (a state machine's role) and ``job_role`` (a job's own),
with ``statements``; rules ask ``required_by_state`` for needs, and ``policy``, ``wildcards`` and ``trust`` whether a role has them.
``assembly_roles`` reads what each role of an assembly must be allowed, for who grants it.

It imports ``asl``, ``sagemaker`` and ``cfn``. A newcomer begins in ``facts``.
"""
