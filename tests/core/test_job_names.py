"""Jobs' names never collide, and IAM and rules are scoped to what they start with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Annotations, Stack, Stage
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk.assertions import Annotations as Written
from aws_cdk.assertions import Match
from constructs import Construct
from support.templates import statements

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import App

IMAGE = ml.ContainerImage.from_registry("mine")
DRAWN = ("Census-RoVC-*", "census-rovc-*")
"""The names that are drawn for the stack's jobs."""


def prefixes(states: dict[str, Any]) -> list[str]:
    return [
        state["Parameters"]["ProcessingJobName.$"].removeprefix("States.Format('").removesuffix("{}', States.UUID())")
        for state in states.values()
        if "ProcessingJobName.$" in state.get("Parameters", {})
    ]


def jobs_may_be(template: dict[str, Any]) -> set[str]:
    return {
        arn.rsplit("/", 1)[-1]
        for item in statements(template)
        if "sagemaker:CreateProcessingJob" in item["Action"]
        for arn in item["Resource"]
    }


def test_equal_ids_in_nested_scopes(stack: Stack, asl: Callable[..., Any]) -> None:
    """Each job's names start differently, and none like another's start."""
    scopes = [stack, Construct(stack, "A"), Construct(stack, "B")]
    jobs = [ml.ProcessingJob(scope, "Job", image=IMAGE, state_name=f"State {at}") for at, scope in enumerate(scopes)]

    found = prefixes(asl(stack, jobs[0].next(jobs[1]).next(jobs[2])))

    assert len(set(found)) == 3
    assert not [(one, two) for one in found for two in found if one != two and two.startswith(one)]
    assert found == [job.job_name_prefix for job in jobs]


def test_jobs_inside_parallel_and_map(stack: Stack, asl: Callable[..., Any]) -> None:
    """As many prefixes as jobs; an iteration draws its own UUID."""
    inside = ml.ProcessingJob(stack, "Inside", image=IMAGE)
    both = sfn.Parallel(stack, "Both").branch(
        ml.ProcessingJob(stack, "Left", image=IMAGE), ml.ProcessingJob(stack, "Right", image=IMAGE)
    )
    each = sfn.Map(stack, "Each", items_path="$.list").item_processor(inside)

    states = asl(stack, both.next(each))

    assert len(set(prefixes(states))) == 3
    assert states["Inside"]["Parameters"]["ProcessingJobName.$"].endswith("States.UUID())")


def test_equal_stacks_of_two_stages(app: App) -> None:
    """A stack's real name differs, and so do the names of its jobs."""
    stacks = [Stack(Stage(app, name), "Census") for name in ("Test", "Production")]

    first, second = (ml.ProcessingJob(stack, "Job", image=IMAGE) for stack in stacks)

    assert first.job_name_prefix != second.job_name_prefix


def test_the_state_machine_may_run_jobs_of_its_stack_only(
    stack: Stack, asl: Callable[..., Any], synth: Callable[..., Any]
) -> None:
    """One statement for all jobs with names of the library's."""
    job = ml.ProcessingJob(stack, "Job", image=IMAGE)
    asl(stack, job)

    written, in_lower_case = sorted(jobs_may_be(synth(stack)))

    assert written.endswith("-*")
    assert job.job_name_prefix.startswith(written[:-1])
    assert in_lower_case == written.lower()


def test_a_literal_name(stack: Stack, asl: Callable[..., Any], synth: Callable[..., Any]) -> None:
    """It is written as it is, and may be run beside those of the version before, which may have had none."""
    job = ml.ProcessingJob(stack, "Job", image=IMAGE, job_name="my-job")

    assert asl(stack, job)["Job"]["Parameters"]["ProcessingJobName"] == "my-job"
    assert jobs_may_be(synth(stack)) == {"my-job", *DRAWN}
    assert job.name_filter == "my-job"


def test_a_name_known_at_run_time(stack: Stack, asl: Callable[..., Any], synth: Callable[..., Any]) -> None:
    """Any job may be run then, which is warned of."""
    job = ml.ProcessingJob(stack, "Job", image=IMAGE, job_name=ml.execution_input("Name"))
    asl(stack, job)

    Written.from_stack(stack).has_warning(
        "/Census/Job", Match.string_like_regexp("job_name is known only at run time.*pass job_name_prefix")
    )
    assert jobs_may_be(synth(stack)) == {"*"}
    assert job.name_filter is None


def test_a_name_known_at_run_time_with_a_prefix(
    stack: Stack, asl: Callable[..., Any], synth: Callable[..., Any]
) -> None:
    """The prefix scopes what may be run; nothing is warned of."""
    name = ml.execution_input("Name")
    job = ml.ProcessingJob(stack, "Job", image=IMAGE, job_name=name, job_name_prefix="nightly-")
    asl(stack, job)

    Written.from_stack(stack).has_no_warning("/Census/Job", Match.any_value())
    assert jobs_may_be(synth(stack)) == {"nightly-*", *DRAWN}
    assert job.name_filter == {"prefix": "nightly-"}


def test_a_name_with_a_known_start(stack: Stack, asl: Callable[..., Any], synth: Callable[..., Any]) -> None:
    """The text before the first runtime value is the prefix."""
    job = ml.ProcessingJob(stack, "Job", image=IMAGE, job_name=f"nightly-{ml.execution_input('Name')}")
    asl(stack, job)

    assert jobs_may_be(synth(stack)) == {"nightly-*", *DRAWN}
    assert job.name_filter == {"prefix": "nightly-"}


def test_a_prefix_of_the_users_with_new_names(stack: Stack, asl: Callable[..., Any], synth: Callable[..., Any]) -> None:
    """The names start with it, so the rules and statements for it match."""
    job = ml.ProcessingJob(stack, "Job", image=IMAGE, job_name_prefix="nightly-")

    assert prefixes(asl(stack, job)) == ["nightly-"]
    assert jobs_may_be(synth(stack)) == {"nightly-*", *DRAWN}
    assert job.name_filter == {"prefix": "nightly-"}


@pytest.mark.parametrize("prefix", ["", "-a", "a_b", "x" * 28])
def test_a_prefix_that_gives_no_valid_names(stack: Stack, prefix: str) -> None:
    """It must leave room for the UUID."""
    with pytest.raises(ml.InvalidPropsError, match=f"Census/Job: job_name_prefix must be .*, got {prefix!r}; make it"):
        ml.ProcessingJob(stack, "Job", image=IMAGE, job_name_prefix=prefix)


def test_nothing_is_warned_of_by_default(stack: Stack, asl: Callable[..., Any]) -> None:
    """A job that says the least is right."""
    asl(stack, ml.ProcessingJob(stack, "Job", image=IMAGE))

    Written.from_stack(stack).has_no_warning("*", Match.any_value())
    assert Annotations.of(stack) is not None
