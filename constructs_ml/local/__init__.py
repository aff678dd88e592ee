"""Runs a synthesized workflow on this machine: its very template in an embedded AWS, its jobs as real processes."""

from __future__ import annotations

from constructs_ml.local.aws import LocalAws
from constructs_ml.local.deployment import Deployment
from constructs_ml.local.execution import Execution
from constructs_ml.local.feed import JobRecord, LogLine, StateEvent
from constructs_ml.local.run import RunReport, run

__all__ = ["Deployment", "Execution", "JobRecord", "LocalAws", "LogLine", "RunReport", "StateEvent", "run"]
