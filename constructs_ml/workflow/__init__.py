"""Workflows: the state machine, with what one in production needs, and Maps whose iterations share no places.

``workflow`` is a ``sfn.StateMachine`` that logs, is traced, and brings the checks; ``map`` has the Maps, ``log_group`` the log.
``events`` has rules on state changes, ``patterns`` whole workflows.

It imports the kernel, ``core``, ``tasks`` and, to bring the checks, ``lint.cdk``. A newcomer begins in ``workflow``.
"""
