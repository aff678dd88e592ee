"""What an organisation asks of all states holds on every way to define one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Stack

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import App
    from constructs import Construct

IMAGE = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1")
KEY = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555"
REQUEST = {
    "AppSpecification": {"ImageUri": "111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1"},
    "ProcessingResources": {
        "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.p5.48xlarge", "VolumeSizeInGB": 30}
    },
}


class SmallInstances:
    """Refuses large instances, and says so on the job."""

    def apply(self, spec: Any) -> None:
        cluster = spec.request["ProcessingResources"]["ClusterConfig"]
        if cluster["InstanceType"].startswith("ml.p"):
            spec.refuse(
                "instance_type", f"must be of a small family, got {cluster['InstanceType']}", "pass ml.m5.xlarge"
            )
        spec.request["Environment"] = {**spec.request.get("Environment", {}), "CHECKED": "yes"}


def by_props(scope: Construct, cls: type[ml.ProcessingJob], instance_type: str) -> ml.ProcessingJob:
    return cls(scope, "Job", image=IMAGE, instance_type=instance_type)


def by_request(scope: Construct, cls: type[ml.ProcessingJob], instance_type: str) -> ml.ProcessingJob:
    cluster = {**REQUEST["ProcessingResources"]["ClusterConfig"], "InstanceType": instance_type}
    return cls.from_request(scope, "Job", {**REQUEST, "ProcessingResources": {"ClusterConfig": cluster}})


WAYS = pytest.mark.parametrize("way", [by_props, by_request])


@WAYS
def test_a_policy_refuses(stack: Stack, way: Callable[..., ml.ProcessingJob]) -> None:
    ml.JobDefaults(policy=SmallInstances()).apply_to(stack)

    expected = "Census/Job: instance_type must be of a small family, got ml.p5.48xlarge; pass ml.m5.xlarge"
    with pytest.raises(ml.InvalidPropsError, match=expected):
        way(stack, ml.ProcessingJob, "ml.p5.48xlarge")


@WAYS
def test_a_policy_adds_members(stack: Stack, asl: Callable[..., Any], way: Callable[..., ml.ProcessingJob]) -> None:
    ml.JobDefaults(policy=SmallInstances()).apply_to(stack)
    ml.Workflow(stack, "Workflow", definition=way(stack, ml.ProcessingJob, "ml.m5.xlarge"))

    assert asl(stack)["Job"]["Parameters"]["Environment"] == {"CHECKED": "yes"}


@WAYS
def test_what_a_policy_adds_is_checked(stack: Stack, way: Callable[..., ml.ProcessingJob]) -> None:
    class Wrong:
        def apply(self, spec: Any) -> None:
            spec.request["Enviroment"] = {}

    ml.JobDefaults(policy=Wrong()).apply_to(stack)

    with pytest.raises(ml.InvalidPropsError, match=r"Enviroment is not a member of .*; did you mean Environment\?"):
        way(stack, ml.ProcessingJob, "ml.m5.xlarge")


def in_our_network(request: dict[str, Any]) -> None:
    vpc = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
    request["NetworkConfig"] = {"VpcConfig": vpc}


def with_key(request: dict[str, Any]) -> None:
    request["ProcessingResources"]["ClusterConfig"]["VolumeKmsKeyId"] = KEY


def without_image(request: dict[str, Any]) -> None:
    request["AppSpecification"]["ImageUri"] = "111122223333.dkr.ecr.us-east-1.amazonaws.com/other:1"


def with_role(request: dict[str, Any]) -> None:
    request["RoleArn"] = "arn:aws:iam::111122223333:role/Other"


def with_name(request: dict[str, Any]) -> None:
    request["ProcessingJobName"] = "the-name-of-our-choice"


@WAYS
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (in_our_network, r"NetworkConfig\.VpcConfig cannot be set by a policy, as the role .* lacks? the permissions"),
        (with_key, r"ProcessingResources\.ClusterConfig\.VolumeKmsKeyId cannot be set by a policy, as the role"),
        (without_image, r"AppSpecification\.ImageUri cannot be set by a policy, as the role"),
        (with_role, "RoleArn cannot be set by a policy, as permissions are derived from role"),
        (with_name, "ProcessingJobName cannot be set by a policy, as permissions are derived from job_name"),
    ],
)
def test_a_policy_sets_nothing_that_permissions_are_derived_from(
    stack: Stack, way: Callable[..., ml.ProcessingJob], change: Callable[[dict[str, Any]], None], expected: str
) -> None:
    """Not in the place of what was there either."""

    class Ours:
        def apply(self, spec: Any) -> None:
            change(spec.request)

    ml.JobDefaults(policy=Ours()).apply_to(stack)

    with pytest.raises(ml.InvalidPropsError, match=expected):
        way(stack, ml.ProcessingJob, "ml.m5.xlarge")


@WAYS
def test_a_policy_may_put_another_request_in_place(
    stack: Stack, asl: Callable[..., Any], way: Callable[..., ml.ProcessingJob]
) -> None:
    """With values that an execution decides."""

    class Ours:
        def apply(self, spec: Any) -> None:
            spec.request = {**spec.request, "Environment": {"DAY": ml.execution_input("day")}}

    ml.JobDefaults(policy=Ours()).apply_to(stack)
    ml.Workflow(stack, "Workflow", definition=way(stack, ml.ProcessingJob, "ml.m5.xlarge"))

    assert asl(stack)["Job"]["Parameters"]["Environment"] == {"DAY.$": "$$.Execution.Input['day']"}


@WAYS
def test_the_policies_of_all_scopes_apply_the_outermost_last(
    app: App, stack: Stack, way: Callable[..., ml.ProcessingJob]
) -> None:
    seen: list[str] = []

    class Noting:
        def __init__(self, name: str) -> None:
            self.name = name

        def apply(self, spec: Any) -> None:
            seen.append(f"{self.name} {spec.operation}")

    ml.JobDefaults(policy=Noting("app")).apply_to(app)
    ml.JobDefaults(policy=Noting("stack")).apply_to(stack)
    ml.JobDefaults(policy=Noting("again"), tags={"a": "b"}).apply_to(stack)
    way(stack, ml.ProcessingJob, "ml.m5.xlarge")

    assert seen == [f"{name} CreateProcessingJob" for name in ("again", "stack", "app")]


@WAYS
def test_a_class_has_a_policy_of_its_own(stack: Stack, way: Callable[..., ml.ProcessingJob]) -> None:
    class Ours(ml.ProcessingJob):
        """A job as our team has them."""

        @classmethod
        def apply_policy(cls, spec: Any) -> None:
            SmallInstances().apply(spec)

    class OursToo(Ours):
        """What is derived from it keeps it."""

    assert type(way(stack, OursToo, "ml.m5.xlarge")) is OursToo
    with pytest.raises(ml.InvalidPropsError, match="must be of a small family"):
        way(Stack(), Ours, "ml.p5.48xlarge")


class WithConstructor(ml.ProcessingJob):
    """A job whose constructor says what our team wants."""

    def __init__(self, scope: Construct, construct_id: str, **props: Any) -> None:
        props.setdefault("tags", {"team": "risk"})
        super().__init__(scope, construct_id, **props)


def test_a_constructor_is_not_left_out(stack: Stack) -> None:
    assert by_props(stack, WithConstructor, "ml.m5.xlarge").request["Tags"] == [{"Key": "team", "Value": "risk"}]
    expected = (
        r"Job: from_request would leave out what WithConstructor\.__init__ does; move it to "
        r"WithConstructor\.apply_policy\(cls, spec\) or to JobDefaults\(policy=\.\.\.\)"
    )
    with pytest.raises(ml.InvalidPropsError, match=expected):
        by_request(Stack(), WithConstructor, "ml.m5.xlarge")


def test_a_constructor_beside_a_policy_is_for_what_only_props_say(stack: Stack) -> None:
    class Both(ml.ProcessingJob):
        """It says by its policy what holds on every way."""

        def __init__(self, scope: Construct, construct_id: str, **props: Any) -> None:
            super().__init__(scope, construct_id, **props)

        @classmethod
        def apply_policy(cls, spec: Any) -> None:
            spec.add_tag("team", "risk")

    class Derived(Both):
        """It has both from its base."""

    assert by_request(stack, Derived, "ml.m5.xlarge").request["Tags"] == [{"Key": "team", "Value": "risk"}]


def test_a_policy_does_not_answer_for_the_constructor_of_another_class(stack: Stack) -> None:
    class Tagged(WithConstructor):
        """Its base says the rest by its constructor."""

        @classmethod
        def apply_policy(cls, spec: Any) -> None:
            spec.add_tag("cost-center", "1234")

    with pytest.raises(ml.InvalidPropsError, match=r"would leave out what WithConstructor\.__init__ does"):
        by_request(stack, Tagged, "ml.m5.xlarge")


@WAYS
def test_an_inner_policy_cannot_undo_an_outer_one(app: App, stack: Stack, way: Callable[..., ml.ProcessingJob]) -> None:
    class Larger:
        def apply(self, spec: Any) -> None:
            spec.request["ProcessingResources"]["ClusterConfig"]["InstanceType"] = "ml.p5.48xlarge"
            spec.request.pop("Environment", None)

    ml.JobDefaults(policy=SmallInstances()).apply_to(app)
    ml.JobDefaults(policy=Larger()).apply_to(stack)

    with pytest.raises(ml.InvalidPropsError, match=r"must be of a small family, got ml\.p5\.48xlarge"):
        way(stack, ml.ProcessingJob, "ml.m5.xlarge")


class Tagging:
    """Says who pays."""

    def apply(self, spec: Any) -> None:
        spec.add_tag("cost-center", "1234")


@WAYS
def test_a_tag_of_a_policy_takes_the_place_of_one(stack: Stack, way: Callable[..., ml.ProcessingJob]) -> None:
    ml.JobDefaults(policy=Tagging(), tags={"cost-center": "none", "team": "risk"}).apply_to(stack)

    tags = way(stack, ml.ProcessingJob, "ml.m5.xlarge").request["Tags"]

    assert {"Key": "cost-center", "Value": "1234"} in tags
    assert len(tags) == len({tag["Key"] for tag in tags})


def test_a_tag_cannot_be_added_to_those_of_the_execution(stack: Stack) -> None:
    ml.JobDefaults(policy=Tagging()).apply_to(stack)

    with pytest.raises(ml.InvalidPropsError, match="tags are known only at run time, so that 'cost-center' cannot be"):
        ml.ProcessingJob(stack, "Job", image=IMAGE, tags=ml.execution_input("tags"))


def test_what_makes_nothing_takes_no_tag(stack: Stack) -> None:
    ml.JobDefaults(policy=Tagging()).apply_to(stack)

    update = ml.UpdateEndpoint(stack, "Update", endpoint_name="churn", endpoint_config="churn-2026-11")

    assert "Tags" not in update.request


@pytest.mark.parametrize(
    ("props", "types"),
    [
        ({"instance_type": "ml.c5.xlarge"}, ["ml.c5.xlarge"]),
        ({"instance_preferences": {"ml.m5.xlarge": 2, "ml.m4.xlarge": 4}}, ["ml.m4.xlarge", "ml.m5.xlarge"]),
    ],
)
def test_a_policy_sees_all_instance_types(stack: Stack, props: dict[str, Any], types: list[str]) -> None:
    seen: list[str] = []

    class Seeing:
        def apply(self, spec: Any) -> None:
            seen.extend(spec.instance_types())

    ml.JobDefaults(policy=Seeing()).apply_to(stack)
    ml.ProcessingJob(stack, "Job", image=IMAGE, **props)

    assert sorted(seen) == types


def test_a_policy_that_fails_says_where(stack: Stack) -> None:
    class Broken:
        def apply(self, spec: Any) -> None:
            raise KeyError(spec.operation)

    ml.JobDefaults(policy=Broken()).apply_to(stack)

    expected = r"Census/Job: .*Broken\.apply failed on the request: KeyError: 'CreateProcessingJob'; mend the policy"
    with pytest.raises(ml.InvalidPropsError, match=expected):
        ml.ProcessingJob(stack, "Job", image=IMAGE)


@pytest.mark.parametrize("policy", ["risk", object(), SmallInstances])
def test_what_is_no_policy_is_refused(stack: Stack, policy: Any) -> None:
    with pytest.raises(ml.InvalidPropsError, match="Census: policy must be a JobPolicy"):
        ml.JobDefaults(policy=policy).apply_to(stack)
