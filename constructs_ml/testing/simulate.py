"""Simulations of a definition: offline, with scripted outcomes, in simulated time."""

from __future__ import annotations

import contextvars
import random
import uuid
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import SimulationError
from constructs_ml.testing.objects import START, SimulatedObjects

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from aws_cdk import Stack
    from aws_cdk import aws_stepfunctions as sfn

    from constructs_ml.testing.execution import Execution
    from constructs_ml.testing.script import Outcomes, Script

_FIX = 'write SimulatedObjects({"s3://bucket/key": "content"})'


def simulate(
    workflow: sfn.StateMachine | Stack | Mapping[str, Any],
    script: Mapping[str, Outcomes] | None = None,
    *,
    input: Any = None,  # noqa: A002, ANN401 - AWS's word, any JSON
    logical_id: str | None = None,
    objects: SimulatedObjects | None = None,
    name: str | None = None,
    seed: int = 0,
    start: datetime = START,
    strict: bool = True,
) -> Execution:
    """Simulate a state machine's definition offline: AWS is not called, and no time passes.

    ::

        execution = simulate(workflow, {"Train": [capacity(2), fails("AlgorithmError: bad data")]})
        assert execution.path == ("Prepare", "Train", "Failed")

    MiniStack's interpreter executes the synthesized definition: choices, retries, catches, branches and iterations are real.
    The calls of states end as the script says; calls of SageMaker without a script succeed, and so do jobs. Each request is
    checked as SageMaker checks it, and a job's name can be used once.

    A failed execution raises no exception: the result has its error and cause. Values that only a deployment knows are
    generated, in the form that AWS gives them.

    Args:
        workflow: A ``Workflow`` or any ``sfn.StateMachine``, whose stack is synthesized; a stack, a template, or a
            definition in the Amazon States Language.
        script: Outcomes by the names of states: one outcome for every attempt; a list with those of the first attempts,
            counted over branches and iterations; or a function of the request and the number of the attempt, from 1, that
            returns an outcome or None.
        input: The execution's input. Default: an empty object.
        logical_id: The logical id of the state machine in the stack or the template, or its beginning. Default: the only one.
        objects: The objects in S3, which states without an outcome read, write and list. Pass them to several simulations, and the
            cached jobs of one find what those before it recorded. Default: none at first, for cached jobs only.
        name: The execution's name. Default: a UUID.
        seed: The seed of the jitter of retries.
        start: The time at which the execution starts. Default: the beginning of 2026.
        strict: True to make unused outcomes an error; False to list them in ``Execution.unused``.

    Raises:
        SimulationError: If the script does not fit the definition, the definition has an unknown value or a request that
            SageMaker refuses in every execution, or the execution has more events than are allowed.
        MissingRequirementError: If MiniStack is not installed.
    """
    from constructs_ml.interpreter.environment import load

    load("constructs_ml.testing")
    from constructs_ml.interpreter.clock import Clock
    from constructs_ml.testing.definition import read
    from constructs_ml.testing.machine import Machine
    from constructs_ml.testing.script import Script
    from constructs_ml.testing.simulation import Simulation

    if objects is not None and not isinstance(objects, SimulatedObjects):
        raise SimulationError(f"objects must be SimulatedObjects, got {type(objects).__name__}; {_FIX}")
    deployed = read(workflow, logical_id)
    machine = Machine(deployed.body, deployed.made)
    simulation = Simulation(
        machine=machine,
        script=Script(script or {}, machine),
        clock=Clock(start, machine.definition.get("TimeoutSeconds")),
        chance=random.Random(seed),  # noqa: S311 - no secret
        objects=objects,
    )
    given = {} if input is None else input
    execution = contextvars.copy_context().run(simulation.run, given, name or str(uuid.uuid4()))
    if strict and execution.unused:
        raise SimulationError("\n".join(_left_over(simulation.script, execution)))
    return execution


def _left_over(script: Script, execution: Execution) -> list[str]:
    path = " -> ".join(execution.path)
    faults = []
    for name, count in execution.unused.items():
        if script.never_asked(name):
            faults.append(f"{name} is scripted, but the execution never ran it: {path} ({execution.status})")
        else:
            outcomes = "1 outcome is" if count == 1 else f"{count} outcomes are"
            tried = execution.attempts(name)
            times = "once" if tried == 1 else f"{tried} times"
            faults.append(f"{name}: {outcomes} left over, as it was attempted {times}; remove the unused ones")
    return faults
