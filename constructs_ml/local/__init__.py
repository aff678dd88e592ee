"""Runs a synthesized workflow on this machine: its very template in an embedded AWS, its jobs as real processes."""

from __future__ import annotations

from constructs_ml.local.runner.aws import LocalAws
from constructs_ml.local.runner.deployment import Deployment
from constructs_ml.local.runner.event_log import JobRecord, LogLine, StateEvent
from constructs_ml.local.runner.execution import Execution
from constructs_ml.local.runner.report import RunReport
from constructs_ml.local.runner.run import run

__all__ = ["Deployment", "Execution", "JobRecord", "LocalAws", "LogLine", "RunReport", "StateEvent", "run"]
