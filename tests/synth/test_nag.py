"""cdk-nag's AwsSolutions rules find nothing that is not acknowledged with a reason, and they do look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cdk_nag import AwsSolutionsChecks
from synth_stacks import REGIONS, JsonataStack, RichStack, template_of

from constructs_ml.events import delivery
from constructs_ml.jobs import data, role
from constructs_ml.workflow import workflow
from example.penguins import PenguinsStack

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from aws_cdk import Stack


def check(stack: Callable[..., Stack], region: str | None = None) -> None:
    template_of(stack, region, AwsSolutionsChecks())


@pytest.mark.parametrize("region", [None, *REGIONS.values()], ids=["any-region", *REGIONS])
def test_the_example_has_no_finding(region: str | None) -> None:
    check(PenguinsStack, region)


def test_a_workflow_in_jsonata_has_no_finding() -> None:
    check(JsonataStack)


@pytest.mark.parametrize("region", [None, *REGIONS.values()], ids=["any-region", *REGIONS])
def test_a_stack_with_all_that_the_library_has_has_no_finding(region: str | None) -> None:
    check(RichStack, region)


@pytest.mark.parametrize(
    ("module", "name", "finding", "where"),
    [
        (role, "acknowledge_wildcards", "AwsSolutions-IAM5", "Penguins/ConstructsMl/JobRole/Jobs"),
        (workflow, "acknowledge_wildcards", "AwsSolutions-IAM5", "Penguins/Workflow/Role/DefaultPolicy"),
        (data, "acknowledge", "AwsSolutions-S1", "Penguins/ConstructsMl/Artifacts"),
        (delivery, "acknowledge", "AwsSolutions-SQS3", "Penguins/JobStates/DeadLetters"),
    ],
    ids=["job-role", "workflow-role", "bucket", "dead-letters"],
)
def test_each_acknowledgement_is_needed(
    monkeypatch: pytest.MonkeyPatch,
    module: ModuleType,
    name: str,
    finding: str,
    where: str,
) -> None:
    monkeypatch.setattr(module, name, lambda *_: None)
    with pytest.raises(RuntimeError, match="ValidationFailed") as failed:
        check(PenguinsStack)
    assert finding in str(failed.value)
    assert where in str(failed.value)
