"""Images resolve in every region and partition, and may be pulled from their repositories only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Aws, CfnParameter, Environment, Fn, Stack
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from support.templates import definition, statements

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aws_cdk import App

PLACES = {
    "us-east-1": ("aws", "amazonaws.com", "683313688378"),
    "eu-central-1": ("aws", "amazonaws.com", "492215442770"),
    "cn-north-1": ("aws-cn", "amazonaws.com.cn", "450853457545"),
    "us-gov-west-1": ("aws-us-gov", "amazonaws.com", "414596584902"),
}
FRAMEWORKS = {
    "sklearn": (ml.ContainerImage.sklearn("1.2-1"), "sagemaker-scikit-learn:1.2-1-cpu-py3"),
    "xgboost": (ml.ContainerImage.xgboost("1.7-1"), "sagemaker-xgboost:1.7-1"),
    "pytorch": (ml.ContainerImage.pytorch("2.1.0", python="py310"), "pytorch-training:2.1.0-cpu-py310"),
    "spark": (ml.ContainerImage.spark("3.3"), "sagemaker-spark-processing:3.3-cpu"),
    "any": (ml.ContainerImage.framework("sklearn", "1.2-1", scope="training"), "sagemaker-scikit-learn:1.2-1-cpu-py3"),
}


def image_uri(template: dict[str, Any], **place: str) -> str:
    (state,) = definition(template, **place)["States"].values()
    parameters = state["Parameters"]
    specification = parameters.get("AppSpecification") or parameters["AlgorithmSpecification"]
    found: str = specification.get("ImageUri") or specification["TrainingImage"]
    return found


def pulled(template: dict[str, Any], **place: str) -> list[str]:
    return [
        arn
        for item in statements(template, **place)
        if "ecr:BatchGetImage" in item["Action"]
        for arn in item["Resource"]
    ]


@pytest.mark.parametrize("region", PLACES)
@pytest.mark.parametrize("known", [True, False])
def test_a_framework_in(app: App, synth: Callable[..., Any], region: str, known: bool) -> None:
    """Whether the region is known when the template is written, or only when it is deployed."""
    partition, suffix, account = PLACES[region]
    env = Environment(region=region, account="111122223333") if known else None
    stack = Stack(app, "Census", env=env)
    ml.Workflow(stack, "Workflow", definition=ml.ProcessingJob(stack, "Job", image=ml.ContainerImage.sklearn("1.2-1")))
    place = {"partition": partition, "region": region, "url_suffix": suffix}

    template = synth(stack)

    assert image_uri(template, **place) == f"{account}.dkr.ecr.{region}.{suffix}/sagemaker-scikit-learn:1.2-1-cpu-py3"
    assert pulled(template, **place) == [f"arn:{partition}:ecr:{region}:{account}:repository/sagemaker-scikit-learn"]
    assert ("Mappings" in template) is (not known)


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_frameworks(stack: Stack, synth: Callable[..., Any], name: str) -> None:
    """By name and version."""
    image, repository = FRAMEWORKS[name]
    ml.Workflow(stack, "Workflow", definition=ml.ProcessingJob(stack, "Job", image=image))

    uri = image_uri(synth(stack))

    assert uri.split("/", 1)[1].startswith(repository)
    assert ".dkr.ecr.us-east-1.amazonaws.com/" in uri


def test_frameworks_share_one_mapping(stack: Stack, synth: Callable[..., Any]) -> None:
    """With a column for each set of accounts."""
    for name, (image, _) in FRAMEWORKS.items():
        ml.ProcessingJob(stack, f"Job{name}", image=image)

    (mapping,) = synth(stack)["Mappings"].values()

    assert set(mapping["us-east-1"]) == {"sklearn", "pytorch", "spark"}


def test_the_instance_type_picks_the_processor(stack: Stack, synth: Callable[..., Any]) -> None:
    """A GPU's image on an instance with a GPU."""
    image = ml.ContainerImage.pytorch("2.1.0", python="py310")
    ml.Workflow(stack, "Workflow", definition=ml.TrainingJob(stack, "Job", image=image, instance_type="ml.p3.2xlarge"))

    assert "-gpu-" in image_uri(synth(stack))


def test_a_version_that_does_not_exist(stack: Stack) -> None:
    """Versions that do are named."""
    with pytest.raises(ml.InvalidPropsError, match=r"Census/Job: image must be an image that SageMaker has: .*9\.9"):
        ml.ProcessingJob(stack, "Job", image=ml.ContainerImage.sklearn("9.9"))


def test_a_region_that_lacks_an_image(app: App) -> None:
    """At synth, not when the job is started."""
    stack = Stack(app, "Census", env=Environment(region="me-west-1"))

    with pytest.raises(ml.InvalidPropsError, match=r"Census/Job: image must be .*me-west-1"):
        ml.ProcessingJob(stack, "Job", image=ml.ContainerImage.sklearn("1.2-1"))


def test_an_ecr_uri_tells_its_repository(stack: Stack, synth: Callable[..., Any]) -> None:
    """The role may pull from it."""
    uri = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/mine:1.0"
    ml.Workflow(stack, "W", definition=ml.ProcessingJob(stack, "Job", image=ml.ContainerImage.from_registry(uri)))

    template = synth(stack)

    assert image_uri(template) == uri
    assert pulled(template) == ["arn:aws:ecr:eu-west-1:111122223333:repository/team/mine"]


REGISTRY = f"{Aws.ACCOUNT_ID}.dkr.ecr.{Aws.REGION}.{Aws.URL_SUFFIX}"
HERE = "arn:aws:ecr:us-east-1:111122223333:repository/"
LATER: dict[str, Callable[[Stack], str]] = {
    "a JsonPath": lambda _: ml.execution_input("Image"),
    "JSONata": lambda _: "{% $states.input.Image %}",
    "a parameter": lambda stack: CfnParameter(stack, "Uri").value_as_string,
    "an import": lambda _: Fn.import_value("uri"),
    "a parameter of SSM": lambda _: "{{resolve:ssm:/uri}}",
    "a name of the input": lambda _: f"{REGISTRY}/team/{ml.execution_input('Name')}:1",
    "a name with its tag in a parameter": lambda stack: f"{REGISTRY}/{CfnParameter(stack, 'Uri').value_as_string}",
    "an account of the input": lambda _: f"{ml.execution_input('Account')}.dkr.ecr.us-east-1.amazonaws.com/mine:1",
    "a region of the input": lambda _: f"111122223333.dkr.ecr.{ml.execution_input('Region')}.amazonaws.com/mine:1",
}


@pytest.mark.parametrize("case", LATER)
def test_a_uri_that_nobody_knows_needs_its_repository(stack: Stack, synth: Callable[..., Any], case: str) -> None:
    """The role cannot be allowed to pull it otherwise."""
    uri = LATER[case](stack)
    with pytest.raises(ml.InvalidPropsError, match=r"image has a URI that is known only later.*repository="):
        ml.ProcessingJob(stack, "Job", image=ml.ContainerImage.from_registry(uri))

    repository = ecr.Repository.from_repository_name(stack, "Repository", "mine")
    ml.TrainingJob(stack, "Told", image=ml.ContainerImage.from_registry(uri, repository=repository))
    role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::111122223333:role/mine")
    ml.ProcessingJob(stack, "Own", image=ml.ContainerImage.from_registry(uri), role=role)

    assert pulled(synth(stack)) == [f"{HERE}mine"]


@pytest.mark.parametrize("make", [ml.CreateModel, ml.TrainingJob])
def test_a_uri_that_nobody_knows_of_other_states(stack: Stack, make: Any) -> None:
    """Models pull with a role of the library's too; what is in a private registry is signed in to otherwise."""
    image = ml.ContainerImage.from_registry(ml.execution_input("Image"))
    with pytest.raises(ml.InvalidPropsError, match=r"image has a URI that is known only later"):
        make(stack, "Job", image=image)


KNOWN_IN_PART: dict[str, tuple[Callable[[Stack], str], str]] = {
    "parts": (lambda _: f"{REGISTRY}/team/mine:1", "team/mine"),
    "a digest": (lambda _: f"{REGISTRY}/mine@sha256:{'a' * 64}", "mine"),
    "no tag": (lambda _: f"{REGISTRY}/mine", "mine"),
    "a tag of the input": (lambda _: f"{REGISTRY}/mine:{ml.execution_input('Tag')}", "mine"),
    "a tag in part": (lambda _: f"{REGISTRY}/mine:v{ml.execution_input('Tag')}-{Aws.REGION}", "mine"),
    "a name in a parameter": (lambda stack: f"{REGISTRY}/{CfnParameter(stack, 'N').value_as_string}:1", "parameter-N"),
    "a name in part": (lambda stack: f"{REGISTRY}/a/{CfnParameter(stack, 'N').value_as_string}/b", "a/parameter-N/b"),
    "Fn::Sub": (
        lambda _: Fn.sub("${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/team/mine:1"),
        "team/mine",
    ),
    "Fn::Join": (lambda _: Fn.join("", [Aws.ACCOUNT_ID, ".dkr.ecr.us-east-1.amazonaws.com/", "mine:1"]), "mine"),
    "both stacks of IP": (lambda _: f"{Aws.ACCOUNT_ID}.dkr-ecr.{Aws.REGION}.on.aws/mine:1", "mine"),
    "FIPS": (lambda _: f"{Aws.ACCOUNT_ID}.dkr.ecr-fips.{Aws.REGION}.amazonaws.com/mine:1", "mine"),
}


@pytest.mark.parametrize("case", KNOWN_IN_PART)
def test_a_uri_that_is_known_in_part(stack: Stack, synth: Callable[..., Any], case: str) -> None:
    """The repository's ARN is read from the parts that say it."""
    make, name = KNOWN_IN_PART[case]
    ml.ProcessingJob(stack, "Job", image=ml.ContainerImage.from_registry(make(stack)))

    assert pulled(synth(stack)) == [f"{HERE}{name}"]


@pytest.mark.parametrize("tag", [None, "1"])
def test_a_uri_of_a_repository_of_the_stack(stack: Stack, synth: Callable[..., Any], tag: str | None) -> None:
    """Its name ends with a token, which is the repository's."""
    repository = ecr.Repository(stack, "Mine")
    uri = repository.repository_uri if tag is None else repository.repository_uri_for_tag(tag)
    ml.ProcessingJob(stack, "Job", image=ml.ContainerImage.from_registry(uri))

    (arn,) = pulled(synth(stack))
    assert arn.startswith("arn:aws:ecr:")
    assert ":repository/" in arn


@pytest.mark.parametrize(("tag", "end"), [("1.0", ":1.0"), ("sha256:" + "a" * 64, "@sha256:" + "a" * 64)])
def test_an_ecr_repository(stack: Stack, synth: Callable[..., Any], tag: str, end: str) -> None:
    """By a tag or a digest."""
    repository = ecr.Repository.from_repository_name(stack, "Repository", "mine")
    image = ml.ContainerImage.from_ecr_repository(repository, tag)
    ml.Workflow(stack, "W", definition=ml.ProcessingJob(stack, "Job", image=image))

    template = synth(stack)

    assert image_uri(template) == f"111122223333.dkr.ecr.us-east-1.amazonaws.com/mine{end}"
    assert pulled(template) == ["arn:aws:ecr:us-east-1:111122223333:repository/mine"]


def test_a_local_dockerfile(stack: Stack, synth: Callable[..., Any], tmp_path: Path) -> None:
    """One image for all jobs that name it; the role may pull it."""
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker" / "Dockerfile").write_text("FROM scratch\n")
    image = ml.ContainerImage.from_asset(tmp_path / "docker")
    job = ml.ProcessingJob(stack, "Job", image=image)
    ml.Workflow(stack, "W", definition=job.next(ml.TrainingJob(stack, "Train", image=image)))

    template = synth(stack)

    assert "cdk-hnb659fds-container-assets-111122223333-us-east-1" in str(definition(template))
    assert len(pulled(template)) == 1


def test_a_dockerfile_that_does_not_exist(stack: Stack, tmp_path: Path) -> None:
    """The folder is named."""
    with pytest.raises(ml.InvalidPropsError, match=r"Census/Job: image must have a Other in .*; check the path"):
        ml.ProcessingJob(stack, "Job", image=ml.ContainerImage.from_asset(tmp_path, file="Other"))


def test_a_token_in_a_uri(stack: Stack, synth: Callable[..., Any]) -> None:
    """It is filled in when the template is deployed."""
    image = ml.ContainerImage.from_registry(f"111122223333.dkr.ecr.{Aws.REGION}.amazonaws.com/mine:1")
    ml.Workflow(stack, "W", definition=ml.ProcessingJob(stack, "Job", image=image))

    assert image_uri(synth(stack)) == "111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1"


def test_debuggers_image_is_for_its_rules(stack: Stack) -> None:
    image = ml.ContainerImage.framework("debugger", "latest")
    job = ml.TrainingJob(
        stack,
        "Train",
        image=ml.ContainerImage.sklearn("1.2-1"),
        debug_rules=[ml.training.DebuggerRule(name="loss", image=image)],
    )
    (rule,) = job._request["DebugRuleConfigurations"]
    assert "sagemaker-debugger-rules" in str(rule["RuleEvaluatorImage"])
