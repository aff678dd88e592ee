"""Images that SageMaker cannot pull, and what it does not start: requests, constructs, rules and the local API agree."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import Fn, Stack
from aws_cdk import aws_ecr as ecr

import constructs_ml as ml
from constructs_ml.asl.expressions import Format, Path
from constructs_ml.lint import Severity, check_definition, check_template
from constructs_ml.lint.examples import processing, training
from constructs_ml.sagemaker.request import check_request

ECR = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/img:1"
ELSEWHERE = (
    "public.ecr.aws/x/y:1",
    "python:3.11",
    "docker.io/library/python",
    "library/python",
    "ghcr.io/a/b:1",
    "quay.io/a/b@sha256:0",
    "localhost:5000/a",
    "registry.example.com:443/a:1",
    "763104351884.dkr.example.com/a:1",
    "public.ecr.aws/x/${Token[Y.1]}",
    "mcr.microsoft.com/${Token[Y.1]}:1",
)
TAKEN = (
    ECR,
    "111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/a",
    "111122223333.dkr.ecr-fips.us-gov-west-1.amazonaws.com/a@sha256:0",
    "111122223333.dkr-ecr.eu-west-1.on.aws/a:1",
    "111122223333.dkr.ecr.us-iso-east-1.c2s.ic.gov/a:1",
    "${Token[A.1]}.dkr.ecr.eu-west-1.amazonaws.com/a:1",
    "${Token[A.1]}/a:1",
    "${Token[A.1]}",
    "111122223333.${Token[A.1]}/a:1",
    "team-${Token[A.1]}/a:1",
    "{{resolve:ssm:/image}}",
    "mine",
)


def problems(operation: str, request: dict[str, Any]) -> list[str]:
    return [str(finding) for finding in check_request(operation, request, partial=True)]


@pytest.mark.parametrize("image", ELSEWHERE)
@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("CreateProcessingJob", ("AppSpecification", "ImageUri")),
        ("CreateTrainingJob", ("AlgorithmSpecification", "TrainingImage")),
        ("CreateModel", ("PrimaryContainer", "Image")),
        ("CreateHyperParameterTuningJob", ("TrainingJobDefinition", "AlgorithmSpecification", "TrainingImage")),
    ],
)
def test_images_elsewhere_are_refused(operation: str, path: tuple[str, ...], image: str) -> None:
    request: Any = image
    for name in reversed(path):
        request = {name: request}
    found = [text for text in problems(operation, request) if text.startswith(".".join(path))]
    assert found == [found[0]]
    assert "must be in ECR" in found[0]


_HOST = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
MISSPELT = {
    f"https://{_HOST}/team/img:1": f"write {_HOST}/team/img:1",
    f" {_HOST}/team/img:1": f"write {_HOST}/team/img:1",
    f"{_HOST}/Team/Img:V1": f"write {_HOST}/team/img:V1",
    f"{_HOST}/": "write it as ACCOUNT.dkr.ecr.REGION.amazonaws.com/repository:tag",
    f"{_HOST}:1": "write it as ACCOUNT",
    f"{_HOST}/img:": "write it as ACCOUNT",
    f"{_HOST}/img:1:2": "write it as ACCOUNT",
    f"{_HOST}/img:a b": "write it as ACCOUNT",
    "11112222333.dkr.ecr.eu-west-1.amazonaws.com/img:1": "write it as ACCOUNT",
    "111122223333.dkr.ecr.amazonaws.com/img:1": "write it as ACCOUNT",
}


@pytest.mark.parametrize("image", MISSPELT)
def test_images_whose_repository_nobody_finds(stack: Stack, image: str) -> None:
    """Their role would be allowed to pull nothing."""
    (problem,) = problems("CreateProcessingJob", {"AppSpecification": {"ImageUri": image}})
    assert "must be the URI of an image in ECR" in problem
    assert MISSPELT[image] in problem
    with pytest.raises(ml.InvalidPropsError, match=r"image must be the URI of an image in ECR"):
        ml.ProcessingJob(stack, "Job", image=ml.ContainerImage.from_registry(image))


@pytest.mark.parametrize("image", TAKEN)
def test_images_that_may_be_in_ecr_are_taken(image: str) -> None:
    assert problems("CreateProcessingJob", {"AppSpecification": {"ImageUri": image}}) == []


def test_the_account_of_a_registry_is_looked_at_before_the_repository_is_known() -> None:
    image = Format(("1234.dkr.ecr.eu-west-1.amazonaws.com/", Path("$.image")))
    told = str(problems("CreateProcessingJob", {"AppSpecification": {"ImageUri": image}}))
    assert "must begin with an account of 12 digits" in told


@pytest.mark.parametrize("start", ["public.ecr.aws/x/", "docker.io/"])
def test_what_is_known_of_a_runtime_value_is_enough(start: str) -> None:
    image = Format((start, Path("$.image")))
    assert "must be in ECR" in str(problems("CreateProcessingJob", {"AppSpecification": {"ImageUri": image}}))
    for unsure in (Path("$.image"), Format(("team-", Path("$.image"))), Format((Path("$.registry"), "/a:1"))):
        assert problems("CreateProcessingJob", {"AppSpecification": {"ImageUri": unsure}}) == []


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        (
            "CreateModel",
            {"PrimaryContainer": {"Image": "registry.example/a:1", "ImageConfig": {"RepositoryAccessMode": "Vpc"}}},
        ),
        ("CreateModel", {"PrimaryContainer": {"Image": "registry.example/a:1", "ImageConfig.$": "$.config"}}),
        (
            "CreateTrainingJob",
            {
                "AlgorithmSpecification": {
                    "TrainingImage": "registry.example/a:1",
                    "TrainingInputMode": "File",
                    "TrainingImageConfig": {"TrainingRepositoryAccessMode": "Vpc"},
                }
            },
        ),
    ],
)
def test_private_registries_are_reached_as_the_request_says(operation: str, request_: dict[str, Any]) -> None:
    assert problems(operation, request_) == []


@pytest.mark.parametrize(
    "image",
    [
        "111122223333.dkr.ecr.eu-west-1.amazonaws.com",
        "111122223333.dkr.ecr.eu-west-1.amazonaws.com:443",
        "1234.dkr.ecr.eu-west-1.amazonaws.com/a:1",
        "https:111122223333.dkr.ecr.eu-west-1.amazonaws.com/a:1",
    ],
)
def test_what_is_like_ecr_and_is_not_is_refused(image: str) -> None:
    told = str(problems("CreateProcessingJob", {"AppSpecification": {"ImageUri": image}}))
    assert f"must be the URI of an image in ECR, got '{image}'" in told


FORMAT = {"ImageUri.$": "States.Format('public.ecr.aws/x/{}:1', $.tag)"}


@pytest.mark.parametrize(
    ("app", "language", "told"),
    [
        (FORMAT, "JSONPath", "got 'public.ecr.aws/x/'"),
        ({"ImageUri": "{% 'quay.io/x:' & $states.input.tag %}"}, "JSONata", "got 'quay.io/x:'"),
        ({"ImageUri": "{% 'python:3.11' %}"}, "JSONata", "got 'python:3.11'"),
        ({"ImageUri.$": "States.Format('team/{}:1', $.tag)"}, "JSONPath", None),
        ({"ImageUri.$": "States.Format('{}/x:1', $.registry)"}, "JSONPath", None),
        ({"ImageUri": "{% $states.input.image %}"}, "JSONata", None),
        ({"ImageUri": "{% '111122223333.dkr.ecr.eu-west-1.amazonaws.com/a:' & $states.input.tag %}"}, "JSONata", None),
    ],
)
def test_the_start_of_an_image_of_a_definition_is_enough(app: dict[str, Any], language: str, told: str | None) -> None:
    definition = processing(AppSpecification=app)
    for state in definition["States"].values() if language == "JSONata" else ():
        state["Arguments"] = {
            key.removesuffix(".$"): "{% $uuid() %}" if key.endswith(".$") else value
            for key, value in state.pop("Parameters").items()
        }
    found = [str(v) for v in check_definition({**definition, "QueryLanguage": language}) if v.rule == "CML237"]

    assert len(found) == (told is not None)
    assert told is None or f"AppSpecification.ImageUri must be in ECR, {told}" in found[0]


def of_resource(image: Any, rule: str = "CML237", **container: Any) -> list[str]:
    """What is told of a model's image in a template."""
    role = "arn:aws:iam::111122223333:role/R"
    properties = {"ExecutionRoleArn": role, "PrimaryContainer": {"Image": image, **container}}
    machine = {"RoleArn": role, "Definition": {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}}
    resources = {
        "Model": {"Type": "AWS::SageMaker::Model", "Properties": properties},
        "Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": machine},
    }
    template = {"Parameters": {"Tag": {"Type": "String"}}, "Resources": resources}
    found = [violation for violation in check_template(template) if violation.rule == rule]
    assert {violation.member for violation in found} <= {"Model.Properties.PrimaryContainer.Image"}
    return [str(violation) for violation in found]


HERE = "${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}"


@pytest.mark.parametrize(
    ("image", "told"),
    [
        ("python:3.11", "got 'python:3.11'"),
        (
            {"Fn::Sub": "public.ecr.aws/docker/library/python:${Tag}"},
            "got 'public.ecr.aws/docker/library/python:<Tag>'",
        ),
        ({"Fn::Sub": ["docker.io/a/${B}:1", {"B": {"Fn::GetAtt": ["X", "Y"]}}]}, "got 'docker.io/a/<X.Y>:1'"),
        ({"Fn::Sub": ["${Host}/a:1", {"Host": "ghcr.io"}]}, "got 'ghcr.io/a:1'"),
        ({"Fn::Join": ["", ["quay.io/a:", {"Ref": "Tag"}]]}, "got 'quay.io/a:<Tag>'"),
        ({"Fn::Join": [":", ["python", "3.11"]]}, "got 'python:3.11'"),
        ({"Fn::Join": ["", [{"Fn::Sub": "mcr.microsoft.com/${Tag}"}, ":1"]]}, "got 'mcr.microsoft.com/<Tag>:1'"),
        ({"Fn::Sub": f"{HERE}/Team/Img:1"}, "write 111122223333.dkr.ecr.us-east-1.amazonaws.com/team/img:1"),
        ({"Fn::Sub": f"https://{HERE}/img:${{Tag}}"}, "got 'https:"),
        ({"Fn::Sub": f"{HERE}/team/img:${{Tag}}"}, None),
        ({"Fn::Join": ["", [{"Ref": "AWS::AccountId"}, ".dkr.ecr.", {"Ref": "Tag"}, ".amazonaws.com/a:1"]]}, None),
        ({"Fn::Join": ["", [{"Fn::GetAtt": ["Repo", "RepositoryUri"]}, ":1"]]}, None),
        ({"Fn::Sub": "${Registry}/a:1"}, None),
        ({"Fn::Sub": "team-${Tag}/a:1"}, None),
        ({"Ref": "Tag"}, None),
        ({"Fn::If": ["Here", {"Ref": "Tag"}, "docker.io/a/b:1"]}, None),
        ({"Fn::Join": ["", [{"Fn::If": ["Here", "docker.io", {"Ref": "Tag"}]}, "/a/b:1"]]}, None),
    ],
)
def test_an_image_of_a_resource_is_looked_at_too(image: Any, told: str | None) -> None:
    """Also one that the template puts together, as far as it is known."""
    found = of_resource(image)

    assert len(found) == (told is not None)
    assert told is None or told in found[0]


@pytest.mark.parametrize("mode", [{"RepositoryAccessMode": "Vpc"}, {"Fn::If": ["A", {}, {}]}, {"Ref": "Tag"}])
def test_a_resource_may_say_how_a_private_registry_is_reached(mode: Any) -> None:
    assert of_resource({"Fn::Sub": "registry.example/a:${Tag}"}, ImageConfig=mode) == []


BARE = {
    "python": True,
    "my_img.v2": True,
    "python:3.11": False,
    "team/python": False,
    "${Token[X.1]}": False,
    "": False,
}


@pytest.mark.parametrize("image", BARE)
def test_a_name_alone_is_a_warning(image: str) -> None:
    """A draft does with it, and so does a local run; SageMaker finds no such image."""
    request = {
        "AppSpecification": {"ImageUri": image},
        "Environment": {"ImageUri": "python"},
        "RoleArn": "arn:aws:iam::111122223333:role/R",
    }
    found = [each for each in check_definition(processing(**request)) if each.rule == "CML240"]

    assert [each.member for each in found] == ["Parameters.AppSpecification.ImageUri"] * BARE[image]
    assert all(each.severity is Severity.WARNING for each in found)


def test_a_name_alone_in_a_resource_is_one_too() -> None:
    assert len(of_resource("python", "CML240")) == 1
    assert len(of_resource({"Fn::Join": ["", ["py", "thon"]]}, "CML240")) == 1
    assert of_resource({"Ref": "Tag"}, "CML240") == []
    assert of_resource("python", "CML240", ImageConfig={"RepositoryAccessMode": "Vpc"}) == []


def test_the_platform_reaches_ecr_only() -> None:
    container = {"Image": "registry.example/a:1", "ImageConfig": {"RepositoryAccessMode": "Platform"}}
    assert "must be in ECR" in str(problems("CreateModel", {"PrimaryContainer": container}))


def test_a_construct_refuses_it_by_its_prop(stack: Stack) -> None:
    with pytest.raises(ml.InvalidPropsError, match=r"Job: image must be in ECR, got 'python:3\.11'; copy it"):
        ml.ProcessingJob(stack, "Job", image=ml.ContainerImage.from_registry("python:3.11"))
    repository = ecr.Repository.from_repository_name(stack, "Images", "images")
    named = ml.ContainerImage.from_registry(Fn.join("", ["python", ":3.11"]), repository=repository)
    ml.ProcessingJob(stack, "Later", image=named)


# Texts that the service does not take


@pytest.mark.parametrize(
    ("operation", "request_", "member"),
    [
        (
            "CreateProcessingJob",
            {"AppSpecification": {"ImageUri": ECR, "ContainerArguments": ["--x", ""]}},
            "AppSpecification.ContainerArguments[1]",
        ),
        (
            "CreateProcessingJob",
            {"AppSpecification": {"ImageUri": ECR, "ContainerEntrypoint": [""]}},
            "AppSpecification.ContainerEntrypoint[0]",
        ),
        (
            "CreateTrainingJob",
            {
                "AlgorithmSpecification": {
                    "TrainingImage": ECR,
                    "TrainingInputMode": "File",
                    "ContainerArguments": ["", "x"],
                }
            },
            "AlgorithmSpecification.ContainerArguments[0]",
        ),
    ],
)
def test_empty_arguments_are_refused(operation: str, request_: dict[str, Any], member: str) -> None:
    assert problems(operation, request_) == [f"{member} must not be empty, which SageMaker refuses; leave it out"]


def test_a_space_is_an_argument() -> None:
    assert problems("CreateProcessingJob", {"AppSpecification": {"ImageUri": ECR, "ContainerArguments": [" "]}}) == []


def test_a_construct_and_a_rule_refuse_empty_arguments(stack: Stack) -> None:
    image = ml.ContainerImage.from_registry(ECR)
    with pytest.raises(ml.InvalidPropsError, match=r"arguments\[1\] must not be empty"):
        ml.ProcessingJob(stack, "Job", image=image, arguments=["--x", ""])
    definition = processing(AppSpecification={"ImageUri": ECR, "ContainerArguments": [""]})
    assert [found.rule for found in check_definition(definition)] == ["CML205"]


# Code without a network, written by hand


def isolated(**members: Any) -> list[str]:
    program = {"sagemaker_program": "train.py", "sagemaker_submit_directory": "s3://churn/code.tar.gz"}
    request = {"EnableNetworkIsolation": True, "HyperParameters": program, **members}
    return [found.rule for found in check_definition(training(**request))]


def test_code_in_s3_is_found_in_whatever_quotes() -> None:
    assert isolated() == ["CML238"]


@pytest.mark.parametrize(
    "members",
    [
        {"EnableNetworkIsolation": False},
        {"EnableNetworkIsolation": None},
        {"HyperParameters": {"x": "s3://churn/a"}},
        {"HyperParameters": {"sagemaker_submit_directory": "/opt/ml/code"}},
        {"HyperParameters": None},
        {"HyperParameters": None, "HyperParameters.$": "$.hyperparameters"},
        {"HyperParameters": {"sagemaker_submit_directory.$": "$.code"}},
    ],
)
def test_all_else_is_none_of_its(members: dict[str, Any]) -> None:
    assert "CML238" not in isolated(**members)
