"""What an older botocore does not know is told so, with how to update it; what is misspelt is told as ever."""

from __future__ import annotations

import copy
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration

import constructs_ml as ml
from constructs_ml.sagemaker import model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aws_cdk import Stack

IMAGE = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/a:1")
BOTOCORE = f"botocore {version('botocore')}"
UPDATE = "run pip install --upgrade botocore"


@pytest.fixture
def older(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Takes members, shapes or operations out of the model."""
    raw = copy.deepcopy(model._model())

    def without(shape: str, *members: str) -> None:
        for member in members:
            del raw["shapes"][shape]["members"][member]
        if not members:
            raw["operations"].pop(shape, None)
        monkeypatch.setattr(model, "_model", lambda: raw)
        model.forget()

    yield without
    monkeypatch.undo()
    model.forget()


TRAINING = "CreateTrainingJobRequest"
PROPS: list[tuple[str, str, dict[str, Any], str]] = [
    ("StoppingCondition", "MaxPendingTimeInSeconds", {"max_pending": Duration.hours(3)}, "max_pending"),
    (TRAINING, "EnableManagedSpotTraining", {"spot": True}, "spot"),
    (TRAINING, "ExperimentConfig", {"experiment": ml.props.Experiment(trial_name="t")}, "ExperimentConfig|experiment"),
    (TRAINING, "InfraCheckConfig", {"infra_check": True}, "InfraCheckConfig"),
    (TRAINING, "Environment", {"environment": {"a": "b"}}, "environment"),
    ("ResourceConfig", "InstancePreferences", {"instance_preferences": ["ml.m5.large"]}, "instance_preferences"),
    ("ResourceConfig", "KeepAlivePeriodInSeconds", {"keep_alive": ml.execution_input("a")}, "keep_alive"),
    ("AlgorithmSpecification", "ContainerArguments", {"entrypoint": ["a"], "arguments": ["b"]}, "arguments"),
]


@pytest.mark.parametrize("case", PROPS, ids=[case[1] for case in PROPS])
def test_a_prop_that_botocore_does_not_know(stack: Stack, older: Callable[..., None], case: Any) -> None:
    shape, member, props, named = case
    older(shape, member)
    with pytest.raises(ml.InvalidPropsError, match=f"^Census/Train: ({named})[^;]*; .*{UPDATE}") as error:
        ml.TrainingJob(stack, "Train", image=IMAGE, **props)
    assert BOTOCORE in str(error.value)


@pytest.mark.parametrize(
    ("member", "told"),
    [
        ("ServerlessTrainingV2", f"if it is newer than {BOTOCORE}, {UPDATE}"),
        ("Zzz", f"if it is newer than {BOTOCORE}, {UPDATE}"),
        ("OutputDataConf", "did you mean OutputDataConfig?"),
        ("Enviroment", "did you mean Environment?"),
    ],
)
def test_a_member_of_overrides(stack: Stack, member: str, told: str) -> None:
    with pytest.raises(ml.InvalidPropsError) as error:
        ml.TrainingJob(stack, "Train", image=IMAGE, request_overrides={member: {}})
    assert str(error.value).startswith(f"Census/Train: {member} is not a member of {TRAINING}; ")
    assert str(error.value).endswith(told)
    assert ("upgrade" in str(error.value)) == ("upgrade" in told)


def test_an_operation_that_botocore_does_not_know(older: Callable[..., None]) -> None:
    older("CreateAutoMLJobV2")
    with pytest.raises(model.ModelError, match=f"has no CreateAutoMLJobV2;.* if it is newer than {BOTOCORE}, {UPDATE}"):
        model.input_shape("CreateAutoMLJobV2")


def test_a_shape_that_botocore_does_not_know() -> None:
    with pytest.raises(model.ModelError, match=f"has no shape Zzz; if it is newer than {BOTOCORE}, {UPDATE}"):
        model.shape("Zzz")
    with pytest.raises(model.ModelError, match=r"has no shape ResorceConfig; did you mean ResourceConfig\?; if it"):
        model.shape("ResorceConfig")
