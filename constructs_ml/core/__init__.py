"""The way from props to a state: what the states of ``tasks`` are made of.

A spec collects a state's request and its faults (``spec``; ``job_spec`` and ``resource_spec`` for jobs and resources), and ``task``
makes the state of it; ``job_task``, ``resource_task`` and ``polling_task`` are the bases of ``tasks``, all on ``native_task``.
``props`` has the props that they share, ``defaults`` the organisation's. ``image``, ``code``, ``s3_data``, ``network`` and
``execution_role`` are what a job runs with, ``result`` what it passes on. ``app_context`` and ``context`` keep what is
shared.

It imports the kernel only: neither ``tasks``, ``workflow`` and ``sdk``, which import it, nor another wing. A newcomer begins in
``spec`` and goes on to ``task``.
"""
