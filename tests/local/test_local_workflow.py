"""What a state machine sees of its jobs: permissions, events, stopping, branches."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from local_bench import (
    STUBBORN,
    Bench,
    Workflow,
    alive,
    job_name,
    machine,
    machine_statements,
    processing,
    statement,
    stubborn,
    task,
    until,
)

from constructs_ml.errors import LocalRunError
from constructs_ml.local import LocalAws

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_ml.local import Execution

pytestmark = pytest.mark.local


def test_the_time_limit_ends_the_whole_process_group(bench: Bench) -> None:
    workflow = Workflow(machine(Run=task("Processing", stubborn("301.5", seconds=1))))
    _, execution = bench.run(workflow, code__stubborn_py=STUBBORN)
    assert execution.error == "States.TaskFailed"
    assert json.loads(execution.cause or "")["ProcessingJobStatus"] == "Stopped"
    assert alive("301.5") == []


def test_stopping_the_execution_stops_its_job(bench: Bench) -> None:
    workflow = Workflow(machine(Run=task("Processing", stubborn("302.5"))))
    execution = bench.deploy(workflow, code__stubborn_py=STUBBORN).start()
    assert until(lambda: alive("302.5"))
    execution.stop()
    assert until(lambda: not alive("302.5"))
    assert until(lambda: execution.jobs[0].status == "Stopped")
    time.sleep(0.2)
    assert execution.status == "ABORTED"


def test_the_tasks_timeout_stops_its_job(bench: Bench) -> None:
    state = task("Processing", stubborn("303.5"), TimeoutSeconds=2)
    _, execution = bench.run(Workflow(machine(Run=state)), code__stubborn_py=STUBBORN)
    assert execution.error == "States.Timeout"
    assert until(lambda: not alive("303.5"))


def test_a_failed_branch_stops_its_siblings_and_names_its_error(bench: Bench) -> None:
    branches = [
        machine(Long=task("Processing", stubborn("304.5"))),
        machine(Bad=task("Processing", processing("bad.py"))),
    ]
    both = {"Type": "Parallel", "Branches": branches, "End": True}
    started = time.monotonic()
    _, execution = bench.run(
        Workflow(machine(Both=both)), code__stubborn_py=STUBBORN, code__bad_py="raise ValueError('bad')"
    )
    assert time.monotonic() - started < 20
    assert execution.error == "States.TaskFailed"
    assert "ValueError: bad" in (execution.cause or "")
    assert until(lambda: not alive("304.5"))
    assert set(execution.states_passed) == {"Both", "Long", "Bad"}


@pytest.mark.parametrize(
    ("without", "named"),
    [
        ("sagemaker:CreateProcessingJob", "sagemaker:CreateProcessingJob on resource: arn:aws:sagemaker:"),
        ("sagemaker:AddTags", "sagemaker:AddTags"),
        ("sagemaker:StopProcessingJob", "sagemaker:StopProcessingJob"),
        ("events:PutRule", "events:PutRule on resource: arn:aws:events:"),
        ("iam:PassRole", "iam:PassRole on resource: arn:aws:iam:"),
    ],
)
def test_a_permission_that_the_state_machine_lacks_is_named(bench: Bench, without: str, named: str) -> None:
    statements = machine_statements()
    for found in statements:
        found["Action"] = [action for action in found["Action"] if action != without]
    statements = [found for found in statements if found["Action"]]
    workflow = Workflow(machine(Run=task("Processing", processing("x.py"))), machine=statements)
    _, execution = bench.run(workflow, code__x_py="")
    assert execution.error == "SageMaker.AmazonSageMakerException"
    assert (execution.cause or "").startswith("User: arn:aws:sts::111122223333:assumed-role/")
    assert named in (execution.cause or "")
    assert "Error Code: AccessDeniedException" in (execution.cause or "")
    assert execution.jobs == []


def test_without_sync_fewer_permissions_do_and_the_arn_comes_back(bench: Bench) -> None:
    statements = [
        statement("sagemaker:CreateProcessingJob"),
        *[found for found in machine_statements() if "iam:PassRole" in found["Action"]],
    ]
    state = task("Processing", processing("x.py"), sync=False)
    _, execution = bench.run(Workflow(machine(Run=state), machine=statements), code__x_py="")
    assert execution.status == "SUCCEEDED", execution.cause
    assert list(execution.output) == ["ProcessingJobArn"]
    assert until(lambda: execution.jobs[0].status == "Completed")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ProcessingJobName": "not_valid", "ProcessingJobName.$": None}, "ProcessingJobName must match"),
        ({"ProcessingResources": {"ClusterConfig": {}}}, "VolumeSizeInGB"),
        ({"Colour": "red"}, "Colour"),
        ({"RoleArn": "arn:aws:iam::111122223333:role/nobody"}, "iam:PassRole"),
    ],
)
def test_a_bad_request_is_refused(bench: Bench, change: dict[str, Any], said: str) -> None:
    request = {key: value for key, value in processing("x.py", **change).items() if value is not None}
    _, execution = bench.run(Workflow(machine(Run=task("Processing", request))), code__x_py="")
    assert execution.error == "SageMaker.AmazonSageMakerException"
    assert said in (execution.cause or "")


def test_a_name_is_used_once(bench: Bench) -> None:
    request = {**processing("x.py"), "ProcessingJobName": "t-once"}
    del request["ProcessingJobName.$"]
    first = task("Processing", request)
    states = machine(First={**first, "Next": "Second"}, Second=first)
    del states["States"]["First"]["End"]
    _, execution = bench.run(Workflow(states), code__x_py="")
    assert execution.error == "SageMaker.ResourceInUseException"


def _messages(bench: Bench, url: str, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    sqs = bench.aws.client("sqs")
    deadline = time.monotonic() + 10
    while len(found) < count and time.monotonic() < deadline:
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        found += [json.loads(message["Body"]) for message in answer.get("Messages", [])]
    return found


def test_state_changes_reach_a_rules_target(bench: Bench) -> None:
    deployment, execution = bench.run(Workflow(machine(Run=task("Processing", processing("x.py")))), code__x_py="")
    arn = execution.output["ProcessingJobArn"]
    events = [event for event in _messages(bench, deployment.outputs["QueueUrl"], 2) if arn in event["resources"]]
    assert [event["detail"]["ProcessingJobStatus"] for event in events] == ["InProgress", "Completed"]
    assert {event["detail-type"] for event in events} == {"SageMaker Processing Job State Change"}
    assert {event["source"] for event in events} == {"aws.sagemaker"}
    assert events[0]["detail"]["ProcessingInputs"][0]["S3Input"]["S3InputMode"] == "FILE"


def test_retries_pass_quickly_and_are_told(bench: Bench) -> None:
    retry = [{"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 600, "MaxAttempts": 2}]
    catch = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Sorry"}]
    state = task("Processing", processing("bad.py"), Retry=retry, Catch=catch)
    states = machine(Run=state, Sorry={"Type": "Pass", "Next": "End"}, End={"Type": "Succeed"})
    deployment = bench.deploy(Workflow(states), code__bad_py="raise SystemExit(1)")
    execution = deployment.start()
    seen = [(event.state, event.status, event.attempt) for event in execution.events(30)]
    assert seen == [
        ("Run", "entered", 1),
        ("Run", "retried", 1),
        ("Run", "retried", 2),
        ("Run", "caught", 3),
        ("Sorry", "entered", 1),
        ("Sorry", "succeeded", 1),
        ("End", "entered", 1),
        ("End", "succeeded", 1),
    ]
    assert execution.status == "SUCCEEDED"
    assert len({job.name for job in execution.jobs}) == 3


def _jsonata(request: dict[str, Any]) -> dict[str, Any]:
    arguments = {key: value for key, value in request.items() if not key.endswith(".$")}
    return {**arguments, "ProcessingJobName": "{% 't-' & $uuid() %}"}


def test_a_jsonata_definition_runs(bench: Bench) -> None:
    state = task("Processing", {})
    del state["Parameters"]
    request = processing("x.py")
    request["AppSpecification"]["ContainerArguments"] = ["{% $string($states.input.rows) %}"]
    state |= {"Arguments": _jsonata(request), "Output": "{% $states.result.ProcessingJobStatus %}"}
    definition = {**machine(Run=state), "QueryLanguage": "JSONata"}
    deployment = bench.deploy(Workflow(definition), code__x_py="import sys; assert sys.argv[1:] == ['3']")
    execution: Execution = deployment.start({"rows": 3}).wait(30)
    assert execution.status == "SUCCEEDED", execution.cause
    assert execution.output == "Completed"


def test_a_map_runs_a_job_for_each_item(bench: Bench) -> None:
    request = processing("x.py")
    request["ProcessingJobName.$"] = job_name("t-map")
    items = {"Type": "Map", "ItemsPath": "$.items", "Iterator": machine(Each=task("Processing", request)), "End": True}
    deployment = bench.deploy(Workflow(machine(All=items)), code__x_py="")
    execution = deployment.start({"items": [1, 2]}).wait(30)
    assert execution.status == "SUCCEEDED", execution.cause
    assert sorted(execution.states_passed) == ["All", "Each", "Each"]
    assert len(execution.jobs) == 2


def test_the_definitions_time_limit_ends_the_execution_and_its_job(bench: Bench) -> None:
    definition = {**machine(Run=task("Processing", stubborn("306.5"))), "TimeoutSeconds": 1}
    _, execution = bench.run(Workflow(definition), code__stubborn_py=STUBBORN)
    assert (execution.status, execution.error) == ("TIMED_OUT", "States.Timeout")
    assert until(lambda: execution.jobs[0].status == "Stopped")
    assert alive("306.5") == []


def test_a_distributed_map_tolerates_failures(bench: Bench) -> None:
    request = processing("x.py")
    request["AppSpecification"]["ContainerArguments.$"] = "States.Array(States.Format('{}', $))"
    processor = {
        **machine(Each=task("Processing", request)),
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
    }
    items = {
        "Type": "Map",
        "ItemsPath": "$.items",
        "ItemProcessor": processor,
        "ToleratedFailurePercentage": 50,
        "End": True,
    }
    deployment = bench.deploy(Workflow(machine(All=items)), code__x_py="import sys; sys.exit(sys.argv[1] == '2')")
    execution = deployment.start({"items": [1, 2, 3]}).wait(30)
    assert execution.status == "SUCCEEDED", execution.cause
    assert sorted(job.status for job in execution.jobs) == ["Completed", "Completed", "Failed"]


def test_a_region_of_another_partition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And an environment that would steer boto3 elsewhere."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    request = processing("x.py")
    request["AppSpecification"]["ImageUri"] = "111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/my-repo:1"
    with LocalAws(region="cn-north-1") as aws:
        _, execution = Bench(aws, tmp_path, []).run(Workflow(machine(Run=task("Processing", request))), code__x_py="")
        assert execution.status == "SUCCEEDED", execution.cause
        assert execution.output["ProcessingJobArn"].startswith("arn:aws-cn:sagemaker:cn-north-1:111122223333:")


def test_a_definition_that_is_refused_is_not_deployed(bench: Bench) -> None:
    """Neither by a template nor by a call: a variable is assigned around a Parallel too."""
    inner = machine(Inner={"Type": "Pass", "Assign": {"x": 2}, "End": True})
    outer = {"Type": "Pass", "Assign": {"x": 1}, "Next": "Both"}
    definition = machine(Outer=outer, Both={"Type": "Parallel", "Branches": [inner], "End": True})
    said = "SCHEMA_VALIDATION_FAILED: Inner: Assign.x assigns \\$x, which the outer state Outer assigns too"
    with pytest.raises(LocalRunError, match=said):
        bench.deploy(Workflow(definition))
    states = bench.aws.client("stepfunctions")
    role = "arn:aws:iam::111122223333:role/r"
    with pytest.raises(states.exceptions.InvalidDefinition, match=said):
        states.create_state_machine(name="twice", definition=json.dumps(definition), roleArn=role)
