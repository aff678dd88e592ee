"""Local runs of a synthesized workflow: its unchanged template in an embedded AWS, its jobs as real processes.

Its folders, each of which may import those before it: ``aws`` (clients, ARNs, faults), ``host`` (processes and files of this
machine), ``jobs`` (SageMaker's jobs), ``api`` (SageMaker's operations), ``emulator`` (the process of the embedded AWS),
``runner`` (the user's side: deploy, execute, report). All of them may import the kernel and ``interpreter``. A newcomer begins
in ``runner/run.py``.
"""

from __future__ import annotations

from constructs_ml.local.runner.aws import LocalAws
from constructs_ml.local.runner.deployment import Deployment
from constructs_ml.local.runner.event_log import JobRecord, LogLine, StateEvent
from constructs_ml.local.runner.execution import Execution
from constructs_ml.local.runner.report import RunReport
from constructs_ml.local.runner.run import run

__all__ = ["Deployment", "Execution", "JobRecord", "LocalAws", "LogLine", "RunReport", "StateEvent", "run"]
