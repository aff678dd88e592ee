"""cdk-nag, with all its packs, finds nothing in any stack that is not acknowledged with a reason; and it does look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Stack
from every_stack import EVERY_STACK
from support.nag import PACKS, Finding, Taken, findings
from synth_stacks import CONTEXT, REGIONS

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import Construct

    Found = Callable[[str, str | None], list[Finding]]

CASES = [
    *((stack, region) for stack in ("example", "rich") for region in REGIONS.values()),
    *((stack, None) for stack in EVERY_STACK),
    *((stack, "eu-west-1") for stack in EVERY_STACK if stack not in ("example", "rich")),
]


@pytest.fixture(scope="session")
def found() -> Found:
    """The findings of all packs in a stack; each stack is synthesized once for a region."""
    known: dict[tuple[str, str | None], list[Finding]] = {}

    def find(stack: str, region: str | None) -> list[Finding]:
        if (stack, region) not in known:
            known[stack, region] = findings(EVERY_STACK[stack], CONTEXT, region=region)
        return known[stack, region]

    return find


@pytest.mark.parametrize(("stack", "region"), CASES, ids=[f"{stack}-{region or 'any'}" for stack, region in CASES])
@pytest.mark.parametrize("pack", PACKS)
def test_a_pack_finds_nothing(found: Found, stack: str, region: str | None, pack: str) -> None:
    """Neither an error nor a warning."""
    assert [finding for finding in found(stack, region) if finding.pack == pack] == []


@pytest.mark.parametrize("stack", EVERY_STACK)
def test_each_acknowledgement_is_needed(monkeypatch: pytest.MonkeyPatch, stack: str) -> None:
    """Without those of the library, each would be a finding, and nothing else would be one."""
    taken = Taken.instead(monkeypatch)
    unacknowledged = findings(EVERY_STACK[stack], CONTEXT)

    def answers(path: str, name: str) -> list[Finding]:
        return [one for one in unacknowledged if one.rule == name and f"{one.path}/".startswith(f"{path}/")]

    assert [item for item in taken.acknowledged if not answers(*item)] == []
    assert {one for item in taken.acknowledged for one in answers(*item)} == set(unacknowledged)


def test_every_pack_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each finds something when the library acknowledges nothing."""
    Taken.instead(monkeypatch)
    assert {finding.pack for finding in findings(EVERY_STACK["rich"], CONTEXT)} == set(PACKS)


class AnyJob(Stack):
    """A job whose name is known only at run time, so that the state machine may run any."""

    def __init__(self, scope: Construct, construct_id: str, **props: Any) -> None:
        super().__init__(scope, construct_id, **props)
        image = ml.ContainerImage.sklearn("1.2-1")
        job = ml.ProcessingJob(self, "Job", image=image, job_name=ml.execution_input("name"))
        ml.Workflow(self, "Workflow", definition=job)


def test_what_is_a_weakness_is_not_acknowledged() -> None:
    """It is the author's to mend, by ``job_name_prefix``, or to answer for."""
    (finding,) = findings(AnyJob, CONTEXT)
    any_job = "arn:<AWS::Partition>:sagemaker:<AWS::Region>:<AWS::AccountId>:processing-job/*"
    assert finding.rule == f"AwsSolutions-IAM5[Resource::{any_job}]"
