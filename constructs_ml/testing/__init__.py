"""Tests of workflows: offline simulations of synthesized definitions, with faults that a test chooses, in no time.

::

    from constructs_ml.testing import simulate, throttled

    def test_a_throttled_job_is_tried_again(workflow):
        execution = simulate(workflow, {"Preprocess": throttled(2)})
        assert execution.attempts("Preprocess") == 3

It needs ``pip install 'constructs-ml[testing]'`` and ``constructs-ml emulator install``.

``definition`` fills a template's definition (``deployed_app``, ``template_values``, ``uses``); ``simulation`` runs it with the
interpreter; ``services`` answers its calls by ``script``, ``world``, ``responses`` and ``s3``; ``recorder`` records the data of
``execution``. It imports the kernel, ``interpreter`` and, from ``local``, the responses and errors of AWS. A newcomer begins in
``simulation``.
"""

from __future__ import annotations

from constructs_ml.errors import SimulationError
from constructs_ml.testing.execution import Execution
from constructs_ml.testing.objects import SimulatedObjects
from constructs_ml.testing.outcomes import (
    Outcome,
    aborts,
    capacity,
    fails,
    internal_error,
    quota_exceeded,
    raises,
    refused,
    reports,
    returns,
    stopped,
    throttled,
    times_out,
)
from constructs_ml.testing.simulate import simulate

__all__ = [
    "Execution",
    "Outcome",
    "SimulatedObjects",
    "SimulationError",
    "aborts",
    "capacity",
    "fails",
    "internal_error",
    "quota_exceeded",
    "raises",
    "refused",
    "reports",
    "returns",
    "simulate",
    "stopped",
    "throttled",
    "times_out",
]
