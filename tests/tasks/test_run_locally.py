"""From the registry to an endpoint on the embedded AWS, with permissions enforced, in either query language."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

import pytest

from constructs_ml.local import run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.local

APP = """
import aws_cdk as cdk
from aws_cdk import aws_s3 as s3, aws_stepfunctions as sfn
import constructs_ml as ml

LANGUAGE = {language}
app = cdk.App()
stack = cdk.Stack(app, "Churn")
ml.JobDefaults(query_language=LANGUAGE).apply_to(stack)
data = ml.S3Data.from_object(s3.Bucket(stack, "Models"), "models/model.tar.gz")
image = ml.ContainerImage.sklearn("1.2-1")
register = ml.RegisterModel(stack, "Register", group=ml.registry.ModelPackageGroup(stack, "Group"), image=image, data=data)
gate = ml.ModelApprovalGate(stack, "Gate", package=register)
model = ml.CreateModel(stack, "Model", image=image, data=data, tags={{"team": "ml"}})
first = ml.CreateEndpointConfig(stack, "First", model=model)
second = ml.CreateEndpointConfig(stack, "Second", model=model)
make = ml.DeployEndpoint(stack, "Make", endpoint_name="churn", endpoint_config=first)
change = ml.DeployEndpoint(
    stack,
    "Change",
    endpoint_name="churn",
    endpoint_config=second,
    deployment=ml.hosting.Deployment.canary(ml.hosting.Capacity.percent(10)),
)
change.add_catch(sfn.Pass(stack, "Undone", query_language=LANGUAGE), errors=["EndpointRolledBack"])
definition = register.next(gate).next(model).next(first).next(make).next(second).next(change)
ml.Workflow(stack, "Workflow", definition=definition, query_language=LANGUAGE)
app.synth()
"""


def model_at(path: Path) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("model.joblib"), io.BytesIO())
    return path


@pytest.mark.parametrize(
    ("language", "outcomes", "last"),
    [
        ("None", {}, "Change: done"),
        ("sfn.QueryLanguage.JSONATA", {"churn": "RolledBack"}, "Undone"),
    ],
    ids=["JSONPath", "JSONata, rolled back"],
)
def test_from_the_registry_to_an_endpoint(tmp_path: Path, language: str, outcomes: dict[str, str], last: str) -> None:
    """Everything that its roles need is granted; a silent rollback takes the Catch's way."""
    app = tmp_path / "app.py"
    app.write_text(APP.format(language=language))

    report = run(
        app,
        input={},
        data={str(model_at(tmp_path / "model.tar.gz")): "s3://${Models}/models/model.tar.gz"},
        approve=True,
        outcomes=outcomes,
        time_scale=0.02,
        timeout=120,
    )

    assert report.succeeded, report.cause
    assert report.states_passed[-1] == last
    assert "Make: create" in report.states_passed
    assert "Change: update" in report.states_passed
