"""Tags of the construct tree reach what states make, as they reach what CloudFormation makes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, CfnParameter, Stack, Stage, Tags
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from support.each import each
from support.templates import definition, states

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

IMAGE = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/a:1")
DATA = ml.S3Data.from_uri("s3://bucket/data/")


def chained(scope: Construct, *made: Any, **props: Any) -> sfn.StateMachine:
    chain: Any = made[0]
    for state in made[1:]:
        chain = chain.next(state)
    return sfn.StateMachine(scope, "Machine", definition_body=sfn.DefinitionBody.from_chainable(chain), **props)


def tags_in(state: dict[str, Any]) -> dict[str, str] | None:
    request = state.get("Parameters") or state.get("Arguments") or {}
    found = request.get("Tags")
    return None if found is None else {tag["Key"]: tag["Value"] for tag in found}


def read(stack: Stack, synth: Callable[..., Any], name: str = "Job") -> dict[str, str] | None:
    return tags_in(states(definition(synth(stack)))[name])


def training(scope: Construct, construct_id: str = "Job", **props: Any) -> ml.TrainingJob:
    return ml.TrainingJob(scope, construct_id, image=IMAGE, **props)


KINDS: dict[str, tuple[Callable[[Stack], Any], str]] = {
    "AWS::SageMaker::ProcessingJob": (lambda stack: ml.ProcessingJob(stack, "Job", image=IMAGE), "Job"),
    "AWS::SageMaker::TrainingJob": (training, "Job"),
    "AWS::SageMaker::TransformJob": (lambda stack: ml.TransformJob(stack, "Job", model="m", data=DATA), "Job"),
    "AWS::SageMaker::Model": (lambda stack: ml.CreateModel(stack, "Job", image=IMAGE), "Job"),
    "AWS::SageMaker::Endpoint": (lambda stack: ml.CreateEndpoint(stack, "Job", endpoint_config="c"), "Job"),
    "AWS::SageMaker::EndpointConfig": (
        lambda stack: ml.CreateEndpointConfig(stack, "Job", variants=[ml.hosting.Variant(model="m")]),
        "Job",
    ),
    "AWS::SageMaker::HyperParameterTuningJob": (
        lambda stack: ml.TuningJob(
            stack,
            "Job",
            training=ml.tuning.TrainingDefinition(image=IMAGE, metric_definitions={"loss": "l=(.*)"}),
            objective=ml.tuning.Objective.minimize("loss"),
            ranges={"depth": ml.tuning.IntegerRange(1, 9)},
            max_jobs=2,
        ),
        "Job",
    ),
    "AWS::SageMaker::ModelPackage": (
        lambda stack: ml.RegisterModel(
            stack,
            "Job",
            package_name="p",
            image=IMAGE,
            content_types=["text/csv"],
            response_types=["text/csv"],
            realtime_instances=["ml.m5.xlarge"],
            transform_instances=["ml.m5.xlarge"],
        ),
        "Job",
    ),
}
DEPLOY = ("AWS::SageMaker::Endpoint", lambda stack: ml.DeployEndpoint(stack, "Job", endpoint_config="c"), "Job: create")
ALL = [*((kind, *made) for kind, made in KINDS.items()), DEPLOY]


@pytest.mark.parametrize("case", ALL, ids=[case[0] for case in ALL])
@pytest.mark.parametrize("language", [sfn.QueryLanguage.JSON_PATH, sfn.QueryLanguage.JSONATA])
def test_tags_of_the_stack_reach_all_that_has_tags(
    stack: Stack, synth: Callable[..., Any], case: tuple[str, Any, str], language: Any
) -> None:
    """Whenever they are added: here after the definition is written."""
    kind, made, state = case
    chained(stack, made(stack), query_language=language)
    Tags.of(stack).add("team", "risk")
    Tags.of(stack).add("not", "here", exclude_resource_types=[kind])
    Tags.of(stack).add("only", "here", include_resource_types=[kind])
    Tags.of(stack).add("elsewhere", "x", include_resource_types=["AWS::S3::Bucket"])
    assert read(stack, synth, state) == {"only": "here", "team": "risk"}


@pytest.mark.parametrize(("made", "name"), KINDS.values(), ids=KINDS)
def test_a_template_without_them_has_no_trace_of_them(
    stack: Stack, synth: Callable[..., Any], made: Any, name: str
) -> None:
    chained(stack, made(stack))
    template = synth(stack)
    assert tags_in(states(definition(template))[name]) is None
    assert "{Token[" not in json.dumps(template)


def test_tags_of_stage_stack_scope_and_job_are_joined(app: App) -> None:
    """The nearest wins, as for any resource."""
    stage = Stage(app, "Stage")
    stack = Stack(stage, "Census")
    scope = Construct(stack, "Part")
    job = training(scope)
    chained(stack, job)
    for at, where in enumerate((app, stage, stack, scope, job)):
        Tags.of(where).add("nearest", str(at))
        Tags.of(where).add(f"of{at}", "x")
    # A stage is a border to aspects.
    expected = {"nearest": "4"} | {f"of{at}": "x" for at in range(1, 5)}
    assembly = app.synth().get_nested_assembly(stage.artifact_id)
    template = json.loads(Path(assembly.directory, stack.template_file).read_text())
    assert tags_in(states(definition(template))["Job"]) == expected


def test_jobs_of_different_scopes_have_different_tags(stack: Stack, synth: Callable[..., Any]) -> None:
    parts = [Construct(stack, name) for name in ("A", "B")]
    jobs = [training(part, f"Train{part.node.id}") for part in parts]
    own = training(stack, "Own")
    inner = sfn.Parallel(stack, "Both").branch(jobs[0]).branch(jobs[1])
    chained(stack, own, inner)
    Tags.of(stack).add("team", "risk")
    Tags.of(parts[0]).add("part", "a")
    Tags.of(own).add("own", "yes")
    found = states(definition(synth(stack)))
    assert tags_in(found["TrainA"]) == {"team": "risk", "part": "a"}
    assert tags_in(found["TrainB"]) == {"team": "risk"}
    assert tags_in(found["Own"]) == {"team": "risk", "own": "yes"}


def test_a_tag_of_one_job_alone(stack: Stack, synth: Callable[..., Any]) -> None:
    first, second = training(stack, "First"), training(stack, "Second")
    chained(stack, first, second)
    Tags.of(second).add("own", "yes")
    found = states(definition(synth(stack)))
    assert (tags_in(found["First"]), tags_in(found["Second"])) == (None, {"own": "yes"})


def test_explicit_tags_win(stack: Stack, synth: Callable[..., Any]) -> None:
    ml.JobDefaults(tags={"stage": "prod", "team": "defaults"}).apply_to(stack)
    chained(stack, training(stack, tags={"team": "mine"}))
    Tags.of(stack).add("team", "tree")
    Tags.of(stack).add("stage", "tree")
    Tags.of(stack).add("more", "tree")
    assert read(stack, synth) == {"team": "mine", "stage": "prod", "more": "tree"}


def test_a_tag_that_is_removed(stack: Stack, synth: Callable[..., Any]) -> None:
    job = training(stack)
    chained(stack, job)
    Tags.of(stack).add("team", "risk")
    Tags.of(stack).add("cost", "1")
    Tags.of(job).remove("cost")
    assert read(stack, synth) == {"team": "risk"}


def test_they_are_switched_off(stack: Stack, synth: Callable[..., Any]) -> None:
    ml.JobDefaults(tree_tags=False, tags={"own": "yes"}).apply_to(stack)
    chained(stack, training(stack))
    Tags.of(stack).add("team", "risk")
    assert read(stack, synth) == {"own": "yes"}


def test_they_are_switched_on_again_below(stack: Stack, synth: Callable[..., Any]) -> None:
    ml.JobDefaults(tree_tags=False).apply_to(stack)
    part = Construct(stack, "Part")
    ml.JobDefaults(tree_tags=True).apply_to(part)
    chained(stack, training(part))
    Tags.of(stack).add("team", "risk")
    assert read(stack, synth) == {"team": "risk"}


def test_a_value_that_is_known_at_deployment(stack: Stack, synth: Callable[..., Any]) -> None:
    chained(stack, training(stack))
    Tags.of(stack).add("team", CfnParameter(stack, "Team").value_as_string)
    assert '{"Ref": "Team"}' in json.dumps(synth(stack))


def test_a_request_as_a_whole(stack: Stack, synth: Callable[..., Any]) -> None:
    """Its own tags win; tags that only a run knows stay as they are."""
    given = {
        "ModelName": "m",
        "ExecutionRoleArn": "arn:aws:iam::111122223333:role/mine",
        "PrimaryContainer": {"Image": "111122223333.dkr.ecr.us-east-1.amazonaws.com/a:1"},
    }
    own = {**given, "Tags": [{"Key": "team", "Value": "mine"}]}
    later = {**given, "Tags": ml.execution_input("Tags")}
    made = [
        ml.CreateModel.from_request(stack, name, request) for name, request in (("A", given), ("B", own), ("C", later))
    ]
    chained(stack, *made)
    Tags.of(stack).add("team", "tree")
    found = states(definition(synth(stack)))
    assert tags_in(found["A"]) == {"team": "tree"}
    assert tags_in(found["B"]) == {"team": "mine"}
    assert found["C"]["Parameters"]["Tags.$"] == "$$.Execution.Input['Tags']"


def test_a_version_of_a_model_has_the_tags_of_its_group(stack: Stack, synth: Callable[..., Any]) -> None:
    group = ml.registry.ModelPackageGroup(stack, "Group", model_package_group_name="churn")
    register = ml.RegisterModel(
        stack, "Job", group=group, image=IMAGE, content_types=["text/csv"], response_types=["text/csv"]
    )
    chained(stack, register)
    Tags.of(stack).add("team", "risk")
    template = synth(stack)
    assert tags_in(states(definition(template))["Job"]) is None
    (made,) = [item for item in template["Resources"].values() if item["Type"] == "AWS::SageMaker::ModelPackageGroup"]
    assert made["Properties"]["Tags"] == [{"Key": "team", "Value": "risk"}]


def test_states_of_one_name_in_two_state_machines(stack: Stack, synth: Callable[..., Any]) -> None:
    parts = [Construct(stack, name) for name in ("A", "B")]
    for part in parts:
        chained(part, training(part))
        Tags.of(part).add("part", part.node.id)
    resources = synth(stack)["Resources"].values()
    machines = [item["Properties"] for item in resources if item["Type"] == "AWS::StepFunctions::StateMachine"]
    texts = [json.dumps(machine["DefinitionString"]) for machine in machines]
    assert ["A" if part_is("A", text) else "B" for text in texts if part_is("A", text) != part_is("B", text)] == [
        "A",
        "B",
    ]


def part_is(value: str, text: str) -> bool:
    return f'"Value":"{value}"' in text.replace("\\", "")


def test_a_fragment_with_a_prefix(stack: Stack, synth: Callable[..., Any]) -> None:
    class Part(sfn.StateMachineFragment):
        def __init__(self, scope: Construct, construct_id: str) -> None:
            super().__init__(scope, construct_id)
            self.jobs = [training(self, "One"), training(self, "Two")]
            self.jobs[0].next(self.jobs[1])
            Tags.of(self.jobs[1]).add("own", "yes")

        @property
        def start_state(self) -> sfn.State:
            return self.jobs[0]

        @property
        def end_states(self) -> list[sfn.INextable]:
            return [self.jobs[1]]

    chained(stack, Part(stack, "Part").prefix_states())
    Tags.of(stack).add("team", "risk")
    found = states(definition(synth(stack)))
    assert {name: tags_in(state) for name, state in found.items()} == {
        "Part: One": {"team": "risk"},
        "Part: Two": {"team": "risk", "own": "yes"},
    }


# What is wrong -------------------------------------------------------------------------------------------------------


def test_too_many_are_one_fault(stack: Stack) -> None:
    chained(stack, *(training(stack, f"Job{at}", tags={"own": "yes"}) for at in range(3)))
    for at in range(50):
        Tags.of(stack).add(f"key{at}", "x")
    with pytest.raises(RuntimeError) as error:
        App.of(stack).synth()  # type: ignore[union-attr]
    told = "Census/Job0: tags must be at most 50, got 51, 50 of them from the construct tree; pass JobDefaults(tree_tags=False)"
    assert told in str(error.value)
    assert "(and 2 other states)" in str(error.value)
    assert str(error.value).count("must be at most") == 1


def test_fifty_are_taken(stack: Stack, synth: Callable[..., Any]) -> None:
    chained(stack, training(stack, tags={"key1": "mine"}))
    for at in range(50):
        Tags.of(stack).add(f"key{at}", "x")
    assert len(read(stack, synth) or {}) == 50


@pytest.mark.parametrize(("key", "value"), [("a*b", "x"), ("a" * 129, "x"), ("team", "v" * 257), ("team", "a|b")])
def test_a_tag_that_sagemaker_refuses(stack: Stack, key: str, value: str) -> None:
    chained(stack, training(stack))
    Tags.of(stack).add(key, value)
    with pytest.raises(RuntimeError, match=r"Census/Job: tags of the construct tree: .*must.*exclude_resource_types="):
        App.of(stack).synth()  # type: ignore[union-attr]


# Permissions ---------------------------------------------------------------------------------------------------------


def may_tag(template: dict[str, Any]) -> list[Any]:
    return [
        statement["Resource"]
        for item in template["Resources"].values()
        if item["Type"] == "AWS::IAM::Policy"
        for statement in item["Properties"]["PolicyDocument"]["Statement"]
        if "sagemaker:AddTags" in statement["Action"]
    ]


@pytest.mark.parametrize("workflow", [True, False])
@pytest.mark.parametrize(
    ("made", "arn_type"),
    [
        (lambda stack: ml.CreateModel(stack, "Job", image=IMAGE), "model/"),
        (
            lambda stack: ml.CreateEndpoint(stack, "Job", endpoint_config="c", endpoint_name="e"),
            "endpoint/(e|census-rovc-.*)",
        ),
        (
            lambda stack: ml.DeployEndpoint(stack, "Job", endpoint_config="c", endpoint_name="e"),
            "endpoint/(e|census-rovc-.*)",
        ),
        (lambda stack: training(stack, wait_for_completion=False), "training-job/"),
        (
            lambda stack: ml.AutoMLJob(
                stack,
                "Job",
                problem=ml.automl.AutoMLProblem.tabular(target="y"),
                training=DATA,
            ),
            "automl-job/",
        ),
    ],
)
def test_the_state_machine_may_tag_what_it_makes(
    stack: Stack, synth: Callable[..., Any], made: Any, arn_type: str, *, workflow: bool
) -> None:
    """And nothing else."""
    state = made(stack)
    if workflow:
        ml.Workflow(stack, "Machine", definition=state)
    else:
        chained(stack, state)
    sfn.StateMachine(stack, "Other", definition_body=sfn.DefinitionBody.from_chainable(sfn.Pass(stack, "Pass")))
    Tags.of(stack).add("team", "risk")
    (resources,) = may_tag(synth(stack))
    assert all(
        re.search(rf'{arn_type}[^/]*"', json.dumps(arn))
        for arn in each([resources] if isinstance(resources, dict) else resources)
    )


def test_no_tag_no_permission(stack: Stack, synth: Callable[..., Any]) -> None:
    chained(stack, ml.CreateModel(stack, "Job", image=IMAGE))
    Tags.of(stack).add("team", "risk", exclude_resource_types=["AWS::SageMaker::Model"])
    assert may_tag(synth(stack)) == []


def test_a_job_that_is_waited_for_is_granted_it_once(stack: Stack, synth: Callable[..., Any]) -> None:
    chained(stack, training(stack))
    before = may_tag(synth(stack))
    Tags.of(stack).add("team", "risk")
    assert may_tag(synth(stack)) == before
