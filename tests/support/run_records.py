"""Records of runs, made up: one that succeeded, one that failed, a Map of 200, one that was refused, and a large one."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

from constructs_ml.run_record import (
    Asked,
    Attempt,
    Cached,
    Event,
    Job,
    Log,
    Place,
    Receiver,
    Role,
    RunRecord,
    Series,
    Statement,
    Visit,
)

_QUEUE = "arn:aws:sqs:us-east-1:111122223333:Results"
HOSTILE = (
    "\x1b[31mred\x1b[0m \x1b]8;;https://evil.example\x07link \x07 <script>alert(1)</script> </script> \ud800 \u202e"
)
TRACEBACK = [
    "Traceback (most recent call last):",
    '  File "/opt/ml/processing/input/code/evaluate.py", line 12, in <module>',
    "    load('/opt/ml/missing.csv')",
    "FileNotFoundError: [Errno 2] No such file or directory: '/opt/ml/missing.csv'",
]


def task(following: str = "", **fields: Any) -> dict[str, Any]:
    """A state that runs a processing job."""
    then = {"Next": following} if following else {"End": True}
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::sagemaker:createProcessingJob.sync",
        "Parameters": {"ProcessingJobName.$": "$.name", "AppSpecification": {"ImageUri": "my-repo:latest"}},
        **then,
        **fields,
    }


def visit(number: int, state: str, start: float, end: float, status: str = "succeeded", **fields: Any) -> Visit:
    """A visit with one attempt."""
    error = "States.TaskFailed" if status == "failed" else ""
    members = {"attempts": [Attempt(start, end, error)], "input": '{\n  "rows": 3\n}', "output": "{}", **fields}
    return Visit(number, state, status, start, end, **members)


def job(state: str, of: int, start: float, end: float, lines: list[str], **fields: Any) -> Job:
    """A processing job with a log."""
    log = Log(len(lines), end="\n".join(lines))
    members = {"log": log, "request": json.dumps({"ProcessingJobName": f"{state}-{of}"}, indent=2), **fields}
    status = members.pop("status", "Completed")
    return Job(f"{state.lower()}-{of}", "Processing", state, of, status, start, end, **members)


def success() -> RunRecord:
    """A run that succeeded, after a retry, with metrics, events, permissions and a cached job."""
    definition = {
        "StartAt": "Prepare",
        "States": {
            "Prepare": task("Train", Retry=[{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}]),
            "Train": task("Both"),
            "Both": {
                "Type": "Parallel",
                "Branches": [
                    {"StartAt": "Left", "States": {"Left": {"Type": "Pass", "End": True}}},
                    {"StartAt": "Right", "States": {"Right": {"Type": "Wait", "Seconds": 5, "End": True}}},
                ],
                "End": True,
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Never"}],
            },
            "Never": {"Type": "Fail", "Error": "NeverReached"},
        },
    }
    retried = [Attempt(0, 1, "States.TaskFailed", '{"FailureReason": "x"}'), Attempt(1, 2.5)]
    epochs = [float(at) for at in range(30)]
    return RunRecord(
        status="SUCCEEDED",
        name="Census",
        stack="CensusStack",
        definition=definition,
        started=1_780_000_000.0,
        seconds=9.0,
        reasons=["Prepare: Failed: ValueError: the first time"],
        input='{\n  "depth": 3\n}',
        output='{\n  "accuracy": 0.93\n}',
        visits=[
            visit(1, "Prepare", 0, 2.5, attempts=retried),
            visit(2, "Train", 2.5, 7, cached=False),
            visit(3, "Both", 7, 9),
            visit(4, "Left", 7, 7.001, outer=3),
            visit(5, "Right", 7, 8.9, outer=3),
        ],
        jobs=[
            job("Prepare", 1, 0.1, 0.9, ["ValueError: the first time"], status="Failed", failure="ValueError"),
            job(
                "Prepare",
                1,
                1.1,
                2.4,
                ["10%\r50%\r100%"],
                places=[Place("rows", "s3://bucket/rows/", "kept/Prepare/rows")],
            ),
            job(
                "Train",
                2,
                2.6,
                6.9,
                [f"epoch {at}" for at in range(30)],
                metrics=[
                    Series("loss", epochs, [1 / (at + 1) for at in epochs]),
                    Series("accuracy", epochs, [1 - 1 / (at + 2) for at in epochs]),
                    Series("rows", [5.0], [120.0]),
                ],
            ),
        ],
        events=[
            Event(
                0.9, "aws.sagemaker", "SageMaker Processing Job State Change", ["processing-job/prepare-1"], "Failed"
            ),
            Event(
                2.4,
                "aws.sagemaker",
                "SageMaker Processing Job State Change",
                ["processing-job/prepare-1"],
                "Completed",
                [Receiver("OnCompleted", _QUEUE)],
            ),
        ],
        roles=[
            Role(
                "CensusStack-JobRole-1",
                "JobRole",
                [
                    Statement("Allow", ["s3:GetObject", "s3:PutObject"], ["arn:aws:s3:::bucket/*"]),
                    Statement("Allow", ["kms:Decrypt"], ["*"], '{"StringEquals": {"kms:ViaService": "s3"}}'),
                ],
                [
                    Asked("s3:GetObject", ["arn:aws:s3:::bucket/rows/a.csv"]),
                    Asked("s3:DeleteObject", ["arn:aws:s3:::bucket/rows/a.csv"], allowed=False),
                ],
            ),
            Role("CensusStack-Idle-1", "Idle", [Statement("Allow", ["s3:*"], ["*"])]),
        ],
        simulated=["endpoint census is not served"],
        cached=[Cached("Train", 0, 1, ["Train ran in local-1", "  first run: no earlier marker"])],
        warnings=["CML306 Prepare: retries States.ALL"],
        outputs={"Bucket": "bucket"},
        tool="constructs-ml 0.1.0",
    )


def failure() -> RunRecord:
    """A run that failed in its second job, whose log is hostile."""
    definition = {
        "StartAt": "Prepare",
        "States": {"Prepare": task("Evaluate"), "Evaluate": task("After"), "After": {"Type": "Pass", "End": True}},
    }
    lines = [HOSTILE, *(f"line {at}" for at in range(400)), *TRACEBACK]
    reason = "AlgorithmError: FileNotFoundError: [Errno 2] No such file or directory: '/opt/ml/missing.csv'"
    return RunRecord(
        status="FAILED",
        name="Census",
        stack="CensusStack",
        definition=definition,
        started=1_780_000_000.0,
        seconds=2.0,
        error="States.TaskFailed",
        reasons=[f"Evaluate: Failed: {reason}"],
        input="{}",
        visits=[visit(1, "Prepare", 0, 0.8), visit(2, "Evaluate", 0.8, 1.9, "failed", output="")],
        jobs=[
            job("Prepare", 1, 0, 0.8, ["prepared"]),
            job("Evaluate", 2, 0.9, 1.8, lines, status="Failed", failure=reason),
        ],
    )


def many(count: int = 200) -> RunRecord:
    """A run of a Map with many iterations, of which three failed and were caught by nobody."""
    inner = {"StartAt": "Score", "States": {"Score": task()}}
    definition = {
        "StartAt": "Each",
        "States": {"Each": {"Type": "Map", "ItemProcessor": inner, "ItemsPath": "$.items", "End": True}},
    }
    failed = {7, 42, 150}
    visits = [visit(1, "Each", 0, count / 10 + 5, "failed")]
    jobs = []
    for at in range(count):
        start, took = at / 10, 5.0 if at == 99 else 0.5 + at % 7 / 10
        status = "failed" if at in failed else "succeeded"
        visits.append(visit(at + 2, "Score", start, start + took, status, outer=1, item=at))
        state = {"status": "Failed", "failure": f"ValueError: item {at}"} if at in failed else {}
        jobs.append(job("Score", at + 2, start, start + took, [f"scored {at}"], **state))
    return RunRecord(
        status="FAILED",
        name="Scores",
        definition=definition,
        started=1_780_000_000.0,
        seconds=count / 10 + 5,
        error="States.TaskFailed",
        reasons=["Score: Failed: ValueError: item 7"],
        visits=visits,
        jobs=jobs,
    )


def refused() -> RunRecord:
    """A run whose input was refused, so that no state ran."""
    return replace(
        failure(),
        status="REFUSED",
        visits=[],
        jobs=[],
        reasons=[],
        error="",
        seconds=0.0,
        refusal='the input is refused by Workflow: depth must be an integer from 1 to 32, got "deep"',
        input='{\n  "depth": "deep"\n}',
    )


def large(definition: dict[str, Any], names: list[str]) -> RunRecord:
    """A run of a large definition, each state of which ran a job with a log: as much as a recorder keeps.

    Args:
        definition: The definition.
        names: The names of its states.
    """
    chance = random.Random(1)  # noqa: S311 - no secret
    data = json.dumps({"rows": [f"{chance.random()}" for _ in range(50)]}, indent=2)[:1300]
    visits = [visit(at + 1, name, at, at + 1, input=data, output=data) for at, name in enumerate(names)]
    lines = [f"epoch {at}: loss={chance.random()} accuracy={chance.random()}" for at in range(60)]
    jobs = [job(name, at + 1, at, at + 0.9, lines) for at, name in enumerate(names)]
    return RunRecord(
        status="SUCCEEDED",
        name="Large",
        definition=definition,
        started=1_780_000_000.0,
        seconds=float(len(names)),
        visits=visits,
        jobs=jobs,
    )
