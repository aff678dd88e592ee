"""No policy is slipped past: not by values of the execution, other forms of a value, inner policies or other operations."""

from __future__ import annotations

from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Template
from support.smallest import STEPS

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import App, Stack

URI = "111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1"
IMAGE = ml.ContainerImage.from_registry(URI)
KEY = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555"
LARGE = "ml.p5.48xlarge"
LATER = ml.execution_input("later")
CLUSTER = {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}


class Small:
    """The policy of the guide: no instance types but of one family, and a tag."""

    def apply(self, spec: Any) -> None:
        for instance_type in spec.instance_types():
            if not str(instance_type).startswith("ml.m5."):
                spec.refuse("instance_type", f"must be of the m5 family, got {instance_type}", "pass ml.m5.xlarge")
        spec.add_tag("cost-center", "1234")


class Doing:
    """A policy that is a function."""

    def __init__(self, apply: Callable[[Any], object]) -> None:
        self._apply = apply

    def apply(self, spec: Any) -> Any:
        return self._apply(spec)


def processing(stack: Stack, **cluster: Any) -> None:
    config = {**CLUSTER, **cluster}
    if "InstanceType.$" in cluster:
        del config["InstanceType"]
    request = {"AppSpecification": {"ImageUri": URI}, "ProcessingResources": {"ClusterConfig": config}}
    ml.ProcessingJob.from_request(stack, "Job", request)


def overriding(member: str) -> Callable[[Stack], object]:
    return lambda stack: ml.ProcessingJob(stack, "Job", image=IMAGE, request_overrides={member: LATER})


def register(stack: Stack) -> None:
    data = ml.S3Data.from_uri("s3://bucket/model.tar.gz")
    ml.RegisterModel(stack, "Job", package_name="p", image=IMAGE, data=data, realtime_instances=[LARGE])


@pytest.mark.parametrize(
    "define",
    [
        overriding("ProcessingResources"),
        lambda stack: processing(stack, **{"InstanceType.$": "$.large"}),
        lambda stack: ml.ProcessingJob(
            stack, "Job", image=IMAGE, request_overrides={"ProcessingResources": {"ClusterConfig": LATER}}
        ),
        lambda stack: ml.CreateEndpointConfig.from_request(stack, "Job", {"ProductionVariants": LATER}),
        lambda stack: ml.CreateEndpointConfig.from_request(stack, "Job", {"ProductionVariants.$": "$.variants"}),
        lambda stack: ml.TransformJob.from_request(stack, "Job", {"ModelName": "m", "TransformResources": LATER}),
        lambda stack: ml.TuningJob.from_request(stack, "Job", {"TrainingJobDefinition": LATER}),
        register,
    ],
)
def test_instance_types_that_nobody_knows_and_those_of_lists_are_seen(
    stack: Stack, define: Callable[[Stack], object]
) -> None:
    ml.JobDefaults(policy=Small()).apply_to(stack)

    with pytest.raises(ml.InvalidPropsError, match="must be of the m5 family"):
        define(stack)


def test_what_is_only_called_like_one_is_no_instance_type(stack: Stack) -> None:
    ml.JobDefaults(policy=Small()).apply_to(stack)

    ml.ProcessingJob(stack, "Job", image=IMAGE, environment={"InstanceType": "large"})


@pytest.mark.parametrize(
    "resources",
    [
        {"ClusterConfig": {**CLUSTER, "InstanceType": LARGE}},
        {"ClusterConfig": MappingProxyType({**CLUSTER, "InstanceType": LARGE})},
        LATER,
    ],
    ids=["a dictionary", "another mapping", "of the execution"],
)
def test_an_inner_policy_hides_nothing_from_an_outer_one(app: App, stack: Stack, resources: Any) -> None:
    def hide(spec: Any) -> None:
        spec.request["ProcessingResources"] = resources

    ml.JobDefaults(policy=Small()).apply_to(app)
    ml.JobDefaults(policy=Doing(hide)).apply_to(stack)

    with pytest.raises(ml.InvalidPropsError, match="must be of the m5 family"):
        processing(stack)


def test_an_outer_policy_sees_values_of_the_execution_as_objects(app: App, stack: Stack) -> None:
    def tag(spec: Any) -> None:
        spec.request["Tags"] = LATER

    ml.JobDefaults(policy=Small()).apply_to(app)
    ml.JobDefaults(policy=Doing(tag)).apply_to(stack)

    with pytest.raises(ml.InvalidPropsError, match="tags are known only at run time, so that 'cost-center' cannot be"):
        processing(stack)


def test_what_a_deployment_makes_is_asked_of_its_class(stack: Stack) -> None:
    seen: list[str] = []

    class Ours(ml.DeployEndpoint):
        @classmethod
        def apply_policy(cls, spec: Any) -> None:
            seen.append(spec.operation)
            spec.add_tag("cost-center", "1234")

    ml.Workflow(stack, "Workflow", definition=Ours(stack, "Deploy", endpoint_name="churn", endpoint_config="config"))

    assert seen == ["DescribeEndpoint", "CreateEndpoint", "UpdateEndpoint"]
    assert "cost-center" in str(Template.from_stack(stack).to_json())


def test_a_version_in_a_group_takes_no_tag(stack: Stack) -> None:
    """SageMaker refuses one."""
    ml.JobDefaults(policy=Small()).apply_to(stack)
    data = ml.S3Data.from_uri("s3://bucket/model.tar.gz")

    assert "Tags" not in ml.RegisterModel(stack, "Register", group="churn", image=IMAGE, data=data).request


def test_a_tag_of_a_policy_is_allowed(stack: Stack) -> None:
    """The check of permissions would refuse the workflow else."""
    ml.JobDefaults(policy=Small()).apply_to(stack)
    training = ml.S3Data.from_uri("s3://bucket/rows/")
    job = ml.AutoMLJob(stack, "Job", problem=ml.automl.AutoMLProblem.tabular("y"), training=training)
    ml.Workflow(stack, "Workflow", definition=job)

    assert "sagemaker:AddTags" in str(Template.from_stack(stack).to_json())


def with_key(spec: Any) -> None:
    spec.request["OutputDataConfig"]["KmsKeyId"] = KEY


def with_role(spec: Any) -> None:
    spec.request["AutoMLComputeConfig"] = {
        "EmrServerlessComputeConfig": {"ExecutionRoleARN": "arn:aws:iam::111122223333:role/Other"}
    }


def with_whole(spec: Any) -> None:
    spec.request["SecurityConfig"] = LATER


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (with_key, r"OutputDataConfig\.KmsKeyId cannot be set by a policy, as the role that is made"),
        (with_role, r"ExecutionRoleARN cannot be set by a policy, as the state machine would lack"),
        (with_whole, "SecurityConfig cannot be set by a policy"),
    ],
)
def test_permissions_are_derived_from_nothing_that_a_policy_sets(
    stack: Stack, change: Callable[[Any], object], expected: str
) -> None:
    """Of kinds of jobs too whose role is not the one of the stack's other jobs."""
    ml.JobDefaults(policy=Doing(change)).apply_to(stack)

    training = ml.S3Data.from_uri("s3://bucket/rows/")
    with pytest.raises(ml.InvalidPropsError, match=expected):
        ml.AutoMLJob(stack, "Job", problem=ml.automl.AutoMLProblem.tabular("y"), training=training)


def test_a_policy_that_changes_nothing_changes_nothing(stack: Stack) -> None:
    """Values of aws-cdk-lib's stay the same objects."""
    ml.JobDefaults(policy=Doing(lambda _: None)).apply_to(stack)
    key = kms.CfnKey(stack, "Key", key_policy={}).get_att("Arn")

    processing(stack, VolumeKmsKeyId=key)


async def later(_: Any) -> None:
    """What is never awaited."""


@pytest.mark.filterwarnings("ignore:coroutine")
@pytest.mark.parametrize(
    ("apply", "expected"),
    [
        (lambda spec: spec.request, "must return nothing, got a dict"),
        (lambda spec: (spec.refuse(*"ab") for _ in "a"), "must return nothing, got a generator"),
        (later, "must return nothing, got a coroutine"),
        (lambda spec: setattr(spec, "request", None), r"must leave a mapping in spec\.request, got None"),
        (lambda spec: setattr(spec, "refuse", print), "failed on the request: AttributeError: .*refuse"),
        (lambda spec: setattr(spec, "operation", "Other"), "failed on the request: AttributeError: "),
        (lambda spec: spec.props.update(role=None), "failed on the request: AttributeError: .*update"),
    ],
)
def test_a_policy_of_which_nothing_would_come_is_refused(
    stack: Stack, apply: Callable[[Any], object], expected: str
) -> None:
    ml.JobDefaults(policy=Doing(apply)).apply_to(stack)

    with pytest.raises(ml.InvalidPropsError, match=rf"Census/Job: .*Doing\.apply {expected}"):
        processing(stack)


def test_no_policy_takes_back_what_another_refuses(app: App, stack: Stack) -> None:
    """Not by what a policy of an outer scope refuses with, and not by what it has refused."""

    def silence(spec: Any) -> None:
        for name in ("refuse", "instance_types", "faults"):
            with suppress(AttributeError):
                setattr(spec, name, lambda *_: [])

    ml.JobDefaults(policy=Small()).apply_to(app)
    ml.JobDefaults(policy=Doing(silence)).apply_to(stack)

    with pytest.raises(ml.InvalidPropsError, match="must be of the m5 family"):
        processing(stack, InstanceType=LARGE)


def test_a_refusal_by_an_error_is_told_as_it_is(stack: Stack) -> None:
    def refuse(_: Any) -> None:
        raise ml.InvalidPropsError("ours", [ml.errors.Fault("instance_type", "is too dear", "ask finance")])

    ml.JobDefaults(policy=Doing(refuse)).apply_to(stack)

    with pytest.raises(ml.InvalidPropsError, match=r"^Census/Job: instance_type is too dear; ask finance$"):
        processing(stack)


@pytest.mark.parametrize("tags", ["abc", 5, {"a": "b"}])
def test_tags_that_are_none_are_not_the_policys_fault(stack: Stack, tags: Any) -> None:
    ml.JobDefaults(policy=Small()).apply_to(stack)
    request = {
        "AppSpecification": {"ImageUri": URI},
        "ProcessingResources": {"ClusterConfig": CLUSTER},
        "Tags": tags,
    }

    with pytest.raises(ml.InvalidPropsError, match=r"^Census/Job: tags must be a list, got [^\n]*$"):
        ml.ProcessingJob.from_request(stack, "Job", request)


def test_a_job_with_a_role_of_its_own_kind_keeps_the_defaults(stack: Stack) -> None:
    """The role is put beside its props, not in the place of the defaults in them."""
    ml.JobDefaults(job_name_prefix="mine-").apply_to(stack)
    training = ml.S3Data.from_uri("s3://bucket/rows/")
    job = ml.AutoMLJob(stack, "Job", problem=ml.automl.AutoMLProblem.tabular("y"), training=training)
    ml.Workflow(stack, "Workflow", definition=job)

    assert "mine-" in str(Template.from_stack(stack).to_json())


def test_a_labeling_job_keeps_the_defaults_too(stack: Stack) -> None:
    """Its role is put beside its props as well."""
    ml.JobDefaults(job_name_prefix="mine-", result_path="$.labels").apply_to(stack)
    ml.Workflow(stack, "Workflow", definition=STEPS["LabelingJob"](stack, "Job"))

    template = str(Template.from_stack(stack).to_json())
    assert "mine-" in template
    assert "$.labels" in template


def test_an_override_sets_no_role_inside_a_member(stack: Stack) -> None:
    role = {"EmrServerlessComputeConfig": {"ExecutionRoleARN": "arn:aws:iam::111122223333:role/Other"}}
    training = ml.S3Data.from_uri("s3://bucket/rows/")
    problem = ml.automl.AutoMLProblem.tabular("y")

    with pytest.raises(ml.InvalidPropsError, match="ExecutionRoleARN cannot be in request_overrides"):
        ml.AutoMLJob(stack, "Job", problem=problem, training=training, request_overrides={"AutoMLComputeConfig": role})
