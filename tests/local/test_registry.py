"""The model registry, and approvals from the command line."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from local_bench import IMAGE, call, chain, complete, events, open_machine, until

from constructs_ml import cli
from constructs_ml.local import LocalAws

if TYPE_CHECKING:
    from pathlib import Path

    from local_bench import Bench

    from constructs_ml.local.runner.execution import Execution

pytestmark = pytest.mark.local
_numbers = itertools.count()


def _registration(group: str, **changes: Any) -> dict[str, dict[str, Any]]:
    specification = {"Containers": [{"Image": IMAGE}], "SupportedContentTypes": ["text/csv"]}
    request = {"ModelPackageGroupName": group, "InferenceSpecification": specification}
    return {
        "Group": call("createModelPackageGroup", {"ModelPackageGroupName": group}),
        "Package": call("createModelPackage", {**request, **changes}),
    }


def _gate() -> dict[str, dict[str, Any]]:
    """Asks until somebody has decided."""
    waits = {"Variable": "$.Asked.ModelApprovalStatus", "StringEquals": "PendingManualApproval", "Next": "Pause"}
    return {
        "Pause": {"Type": "Wait", "Seconds": 100},
        "Asked": call("describeModelPackage", {"ModelPackageName.$": "$.Package.ModelPackageArn"}),
        "Decided": {"Type": "Choice", "Choices": [waits], "Default": "Go"},
        "Go": {"Type": "Pass", "End": True},
    }


def _started(bench: Bench) -> tuple[Execution, str]:
    group = f"group-{next(_numbers)}"
    execution = bench.deploy(open_machine(**_registration(group), **_gate())).start()
    arn = f"arn:aws:sagemaker:us-east-1:111122223333:model-package/{group}/1"
    assert until(lambda: any(f"constructs-ml approve {arn}" in note for note in bench.notes))
    return execution, arn


def _main(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    return int(caught.value.code or 0)


@pytest.mark.parametrize(("option", "status"), [([], "Approved"), (["--reject"], "Rejected")])
def test_a_package_is_decided_on_from_the_command_line(bench: Bench, option: list[str], status: str) -> None:
    execution, arn = _started(bench)
    assert _main("approve", arn, *option, "--endpoint-url", bench.aws.endpoint_url) == 0
    found = execution.wait(30).output
    assert found["Asked"]["ModelApprovalStatus"] == status
    complete("DescribeModelPackage", found["Asked"])
    assert found["Asked"]["ModelPackageVersion"] == 1
    assert found["Asked"]["ModelPackageStatus"] == "Completed"


def test_the_command_finds_the_run_by_itself(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    execution, arn = _started(bench)
    assert _main("approve", arn, "--description", "good enough") == 0
    assert "Approved" in capsys.readouterr().out
    assert execution.wait(30).output["Asked"]["ApprovalDescription"] == "good enough"


def test_an_approval_of_nothing_says_so(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    arn = "arn:aws:sagemaker:us-east-1:111122223333:model-package/nothing/1"
    assert _main("approve", arn) == 2
    assert "nothing/1" in capsys.readouterr().err
    assert _main("approve", arn, "--endpoint-url", bench.aws.endpoint_url) == 2
    assert "does not exist" in capsys.readouterr().err
    assert _main("approve", arn, "--endpoint-url", "http://127.0.0.1:9") == 2
    assert "Traceback" not in capsys.readouterr().err
    assert _main("approve", arn, "--endpoint-url", "http://example.com") == 2


def test_a_run_may_approve_all_by_itself(tmp_path: Path) -> None:
    from local_bench import Bench

    notes: list[str] = []
    with LocalAws(on_note=notes.append, simulated_seconds=0.1, approve=True) as aws:
        _, execution = Bench(aws, tmp_path, [], notes).run(open_machine(**_registration("auto"), **_gate()))
        assert execution.output["Asked"]["ModelApprovalStatus"] == "Approved"
        assert "model package auto/1 approved (--approve)" in notes


def test_versions_are_counted_listed_and_changed(bench: Bench) -> None:
    states = _registration("many", ModelApprovalStatus="Approved", CustomerMetadataProperties={"a": "1", "b": "2"})
    listed = {"ModelPackageGroupName": "many", "ModelApprovalStatus": "Approved"}
    changed = {
        "ModelPackageArn.$": "$.Package.ModelPackageArn",
        "ModelApprovalStatus": "Rejected",
        "CustomerMetadataPropertiesToRemove": ["a"],
    }
    workflow = open_machine(
        **states,
        Second=states["Package"],
        Listed=call("listModelPackages", {**listed, "MaxResults": 1}),
        Changed=call("updateModelPackage", changed),
        Now=call("describeModelPackage", {"ModelPackageName.$": "$.Package.ModelPackageArn"}),
        Group2=call("describeModelPackageGroup", {"ModelPackageGroupName": "many"}),
        Left=call("listModelPackages", listed),
    )
    deployment, execution = bench.run(workflow)
    assert execution.status == "SUCCEEDED", execution.cause
    out = execution.output
    complete("DescribeModelPackageGroup", out["Group2"])
    assert out["Second"]["ModelPackageArn"].endswith("model-package/many/2")
    assert [found["ModelPackageVersion"] for found in out["Listed"]["ModelPackageSummaryList"]] == [2]
    assert out["Listed"]["NextToken"] == "1"
    assert out["Now"]["CustomerMetadataProperties"] == {"b": "2"}
    assert [found["ModelPackageVersion"] for found in out["Left"]["ModelPackageSummaryList"]] == [2]
    kind = "SageMaker Model Package State Change"
    events(
        bench,
        deployment,
        lambda found: any(
            event["detail-type"] == kind and event["detail"].get("ModelApprovalStatus") == "Rejected" for event in found
        ),
    )


def test_a_model_is_made_from_a_package(bench: Bench) -> None:
    container = {"ModelPackageName.$": "$.Package.ModelPackageArn"}
    model = {"ModelName": "packed", "ExecutionRoleArn": "${JobRole}", "PrimaryContainer": container}
    _, execution = bench.run(open_machine(**_registration("packed"), Model=call("createModel", model, sdk=False)))
    assert execution.status == "SUCCEEDED", execution.cause


@pytest.mark.parametrize(
    ("action", "request_", "said"),
    [
        ("createModelPackage", {"ModelPackageGroupName": "nobody"}, "model-package-group/nobody does not exist"),
        ("createModelPackage", {}, "exactly one of ModelPackageName and ModelPackageGroupName"),
        ("describeModelPackageGroup", {"ModelPackageGroupName": "nobody"}, "does not exist"),
        ("updateModelPackage", {"ModelApprovalStatus": "Fine"}, "ModelApprovalStatus must be one of"),
    ],
)
def test_wrong_requests_are_refused(bench: Bench, action: str, request_: dict[str, Any], said: str) -> None:
    _, execution = bench.run(open_machine(Call=call(action, request_)))
    assert said in (execution.cause or "")


def test_a_role_needs_the_packages_arn(bench: Bench) -> None:
    workflow = open_machine(**_registration("guarded"))
    group = "arn:aws:sagemaker:us-east-1:111122223333:model-package"
    workflow.machine[0] = {
        "Effect": "Allow",
        "Action": ["sagemaker:CreateModelPackage", "sagemaker:CreateModelPackageGroup"],
        "Resource": [f"{group}-group/guarded", f"{group}/guarded/*"],
    }
    _, execution = bench.run(workflow)
    assert execution.status == "SUCCEEDED", execution.cause
    workflow.definition = chain(Package=_registration("guarded")["Package"])
    workflow.machine[0]["Resource"] = f"{group}/other/*"
    _, execution = bench.run(workflow)
    assert "sagemaker:CreateModelPackage on resource" in (execution.cause or "")
