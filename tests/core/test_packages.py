"""The packages that a job's code requires: what installs them, from which index, and what nothing installs."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Stack, assertions
from aws_cdk import aws_codeartifact as codeartifact
from aws_cdk import aws_iam as iam

import constructs_ml as ml
from constructs_ml.errors import InvalidPropsError
from constructs_ml.sagemaker.script_mode import SIGN_IN, SIGN_IN_PROGRAM

if TYPE_CHECKING:
    from pathlib import Path

SKLEARN = ml.ContainerImage.sklearn("1.2-1")
ARN = "arn:aws:codeartifact:eu-west-1:111122223333:repository/team/pypi"
KINDS = ["training", "processing", "tuning"]


def job(stack: Stack, kind: str, code: ml.Code | None = None, **props: Any) -> Any:
    if kind == "tuning":
        return ml.TuningJob(
            stack,
            "Job",
            training=ml.tuning.TrainingDefinition(image=SKLEARN, code=code, metric_definitions={"loss": "loss=(.*)"}),
            objective=ml.tuning.Objective.minimize("loss"),
            ranges={"x": ml.tuning.IntegerRange(1, 9)},
            **props,
        )
    kinds = {"training": ml.TrainingJob, "processing": ml.ProcessingJob}
    return kinds[kind](stack, "Job", image=SKLEARN, code=code, **props)


def folder(path: Path, requirements: str = "six\n", script: str = "main.py", content: str = "") -> ml.Code:
    (path / "src").mkdir()
    (path / "src" / script).write_text(content)
    (path / "src" / "requirements.txt").write_text(requirements)
    return ml.Code.from_asset(path / "src")


def warned(stack: Stack) -> str:
    found = assertions.Annotations.from_stack(stack).find_warning("*", assertions.Match.any_value())
    return "\n".join(str(item.entry.data) for item in found)


# Without a network


@pytest.mark.parametrize("kind", KINDS)
def test_requirements_beside_network_isolation_are_refused(stack: Stack, tmp_path: Path, kind: str) -> None:
    """The error names the job, and both ways out."""
    with pytest.raises(InvalidPropsError, match=r"Job: code has a requirements\.txt.*exclude the file.*'--no-index'"):
        job(stack, kind, folder(tmp_path), network_isolation=True)


def test_isolation_of_the_defaults_counts(stack: Stack, tmp_path: Path) -> None:
    """It is the job's, wherever it comes from."""
    ml.JobDefaults(network_isolation=True).apply_to(stack)
    with pytest.raises(InvalidPropsError, match=r"requirements\.txt"):
        job(stack, "processing", folder(tmp_path))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("requirements", ["--no-index\n--find-links wheels\nsix\n", "# nothing\n\n"])
def test_requirements_that_need_no_index_are_accepted(
    stack: Stack, tmp_path: Path, kind: str, requirements: str
) -> None:
    """Wheels in the folder of code, and an empty file."""
    job(stack, kind, folder(tmp_path, requirements), network_isolation=True)


def test_an_environment_without_an_index_is_accepted(stack: Stack, tmp_path: Path) -> None:
    """Then pip takes what the image has."""
    job(stack, "training", folder(tmp_path), network_isolation=True, environment={"PIP_NO_INDEX": "1"})


# What nothing installs


@pytest.mark.parametrize("kind", KINDS[:2])
def test_requirements_beside_a_single_script_are_warned_of(stack: Stack, tmp_path: Path, kind: str) -> None:
    """They are not shipped; the fix names the folder."""
    folder(tmp_path)
    job(stack, kind, ml.Code.from_asset(tmp_path / "src" / "main.py"))
    assert "code is one script, so the requirements.txt beside it is not shipped" in warned(stack)
    assert "Code.from_asset('src', entry_point='main.py')" in warned(stack)


def test_requirements_of_the_app_itself_are_not_the_scripts(stack: Stack, tmp_path: Path) -> None:
    """A script beside cdk.json lies beside the app's requirements."""
    folder(tmp_path)
    (tmp_path / "src" / "cdk.json").write_text("{}")
    job(stack, "training", ml.Code.from_asset(tmp_path / "src" / "main.py"))
    assert "requirements.txt" not in warned(stack)


@pytest.mark.parametrize("kind", KINDS[:2])
@pytest.mark.parametrize(
    ("content", "expected"), [("python3 run.py\n", True), ("pip install -r requirements.txt\n", False)]
)
def test_a_shell_script_has_to_install_its_own(
    stack: Stack, tmp_path: Path, kind: str, content: str, *, expected: bool
) -> None:
    """One that does not name the file is warned of."""
    job(stack, kind, folder(tmp_path, script="main.sh", content=content))
    assert ("a shell script installs its own, and main.sh does not name it" in warned(stack)) is expected


# CodeArtifact


@pytest.mark.parametrize("kind", KINDS)
def test_a_repository_is_granted_by_its_variable(stack: Stack, kind: str) -> None:
    """Whether the variable is the job's or comes from the defaults."""
    ml.JobDefaults(environment={"CA_REPOSITORY_ARN": ARN}).apply_to(stack)
    ml.Workflow(stack, "W", definition=job(stack, kind))
    text = str(assertions.Template.from_stack(stack).find_resources("AWS::IAM::Policy"))
    assert (
        "'codeartifact:GetAuthorizationToken', 'Effect': 'Allow', 'Resource': '"
        + ARN.replace("repository/team/pypi", "domain/team")
        in text
    )
    assert "{'sts:AWSServiceName': 'codeartifact.amazonaws.com'}" in text


def test_a_model_and_a_transform_job_are_granted_it_too(stack: Stack) -> None:
    """The toolkit for inference reads the same variable."""
    model = ml.CreateModel(
        stack,
        "Model",
        image=SKLEARN,
        data=ml.S3Data.from_uri("s3://b/model.tar.gz"),
        environment={"CA_REPOSITORY_ARN": ARN},
    )
    ml.Workflow(stack, "W", definition=model)
    text = str(assertions.Template.from_stack(stack).find_resources("AWS::IAM::Policy"))
    assert "codeartifact:ReadFromRepository" in text


def test_an_arn_of_pieces_and_one_of_a_resource(stack: Stack) -> None:
    """A domain is found in both; no partition, region or account is written down."""
    repository = codeartifact.CfnRepository(stack, "Packages", domain_name="team", repository_name="pypi")
    made = f"arn:{stack.partition}:codeartifact:{stack.region}:{stack.account}:repository/team/pypi"
    first = job(stack, "training", environment={"CA_REPOSITORY_ARN": made})
    second = ml.ProcessingJob(stack, "Second", image=SKLEARN, environment={"CA_REPOSITORY_ARN": repository.attr_arn})
    ml.Workflow(stack, "W", definition=first.next(second))
    text = str(assertions.Template.from_stack(stack).find_resources("AWS::IAM::Policy"))
    assert ":domain/team" in text
    assert "{'Fn::Split': [':repository/', {'Fn::GetAtt': ['Packages', 'Arn']}]}" in text


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"CA_REPOSITORY_ARN": "team/pypi"}, r"must be the ARN of a repository, got 'team/pypi'"),
        ({"CA_REPOSITORY_ARN": ml.execution_input("arn")}, r"is known only at run time, so no permission to read it"),
        ({"CA_REPOSITORY_ARN": ARN, "PIP_INDEX_URL": "https://x"}, r"cannot be combined with CA_REPOSITORY_ARN"),
    ],
)
def test_a_repository_that_cannot_be_used_is_refused(stack: Stack, environment: dict[str, str], expected: str) -> None:
    """The error names the variable."""
    with pytest.raises(InvalidPropsError, match=rf"Job: environment\['.*'\] {expected}"):
        job(stack, "training", environment=environment)


def test_a_repository_of_run_time_is_for_a_role_of_the_users(stack: Stack) -> None:
    """Nothing is derived for it."""
    role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::111122223333:role/own")
    job(stack, "training", role=role, environment={"CA_REPOSITORY_ARN": ml.execution_input("arn")})


def test_processing_signs_in_before_it_installs(stack: Stack, tmp_path: Path) -> None:
    """No image does it for a processing job. Every part is as short as the API asks."""
    found = job(stack, "processing", folder(tmp_path), environment={"CA_REPOSITORY_ARN": ARN})
    entry = found._request["AppSpecification"]["ContainerEntrypoint"]
    assert f"cd $d && {SIGN_IN}python3 -m pip install -q -r requirements.txt && exec python3" in entry[2]
    assert entry[3:] == ["main.py", *SIGN_IN_PROGRAM]
    assert max(map(len, entry)) <= 256


@pytest.mark.parametrize("slash", ["", "/"])
def test_signing_in_gives_pip_the_index_with_a_token(tmp_path: Path, slash: str) -> None:
    """The entry point is run, with a boto3 that answers as CodeArtifact does; the script's arguments stay its own."""
    (tmp_path / "boto3.py").write_text(
        "class Client:\n"
        "    def get_repository_endpoint(self, **given):\n"
        "        assert given == dict(domain='team', domainOwner='111122223333', repository='pypi', format='pypi')\n"
        f"        return {{'repositoryEndpoint': 'https://team.example/pypi/pypi{slash}'}}\n"
        "    def get_authorization_token(self, **given):\n"
        "        assert given == dict(domain='team', domainOwner='111122223333')\n"
        "        return {'authorizationToken': 's3cr3t'}\n"
        "def client(service, *, region_name):\n"
        "    assert (service, region_name) == ('codeartifact', 'eu-west-1')\n"
        "    return Client()\n"
    )
    (tmp_path / "python3").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (tmp_path / "python3").chmod(0o755)
    script = f'{SIGN_IN}sh -c \'echo "$PIP_INDEX_URL"\' && echo "$0 $*"'
    environment = {
        **os.environ,
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "CA_REPOSITORY_ARN": ARN,
        "PYTHONPATH": str(tmp_path),
    }
    done = subprocess.run(
        ["sh", "-c", script, "main.py", *SIGN_IN_PROGRAM, "--depth", "6"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "https://aws:s3cr3t@team.example/pypi/pypi/simple/\nmain.py --depth 6\n"
