"""What the script of a training job gets: texts stay texts, and what is known only at run time is what it is then."""

from __future__ import annotations

import json
from enum import Enum
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_stepfunctions as sfn
from hypothesis import given
from hypothesis import strategies as st

import constructs_ml as ml
from constructs_ml.core.values import json_text
from constructs_ml.local.host import toolkit
from constructs_ml.testing import simulate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SKLEARN = ml.ContainerImage.sklearn("1.2-1")
INPUT = {"s": "1.10", "n": 6, "f": 0.5, "b": True, "l": [1, "a b"], "o": {"k": 'q"uo'}, "q": 'say "1"\n'}
"""What the execution is started with."""


@pytest.fixture
def code(tmp_path: Path) -> ml.Code:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "train.py").write_text("print()\n")
    return ml.Code.from_asset(tmp_path / "src")


def train(stack: Stack, code: ml.Code | None, construct_id: str = "Train", **props: Any) -> ml.TrainingJob:
    return ml.TrainingJob(stack, construct_id, image=SKLEARN, code=code, **props)


def arrived(stack: Stack, job: ml.TrainingJob, **options: Any) -> dict[str, Any]:
    """The hyperparameters as the toolkit reads them in the container."""
    machine = ml.Workflow(stack, "Workflow", definition=job, **options)
    (called,) = simulate(machine, input=INPUT).requests("Train")
    return toolkit.users(toolkit.decoded(called["HyperParameters"]))


@pytest.mark.parametrize(
    "value",
    [
        "1.10",
        "true",
        "1e5",
        '{"a": 1}',
        "null",
        "[1]",
        '"x"',
        "",
        " ",
        "007",
        "NaN",
        "größe ✓",
        "a\nb",
        "{}",
        "'",
        "\\",
    ],
)
def test_a_text_stays_a_text(stack: Stack, code: ml.Code, value: str) -> None:
    job = train(stack, code, hyperparameters={"x": value})
    assert json.loads(job._request["HyperParameters"]["x"]) == value


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=8,
    ).filter(lambda value: "Token[" not in repr(value) and "{%" not in repr(value))
)
def test_whatever_is_json_arrives_as_it_is(value: Any) -> None:
    assert toolkit.decoded({"x": json_text(value)}) == {"x": value}


def test_without_code_texts_are_as_they_are_written(stack: Stack) -> None:
    job = train(stack, None, hyperparameters={"a": "1.10", "b": True, "c": 6, "d": [1, "a"], "e": {"k": None}})
    written = {"a": "1.10", "b": "true", "c": "6", "d": '[1, "a"]', "e": '{"k": null}'}
    assert job._request["HyperParameters"] == written


class Loss(str, Enum):
    """What a user's own module may name."""

    SQUARED = "l2"


@pytest.mark.parametrize("with_code", [True, False])
def test_a_member_of_an_enumeration_is_its_value(stack: Stack, code: ml.Code, with_code: bool) -> None:
    """Not how Python names it."""
    job = train(stack, code if with_code else None, hyperparameters={"loss": Loss.SQUARED})

    assert job._request["HyperParameters"]["loss"] == ('"l2"' if with_code else "l2")


def test_what_the_code_sets_is_not_the_users(stack: Stack, code: ml.Code) -> None:
    """Its program and its archive; the level of the toolkit's log and its likes are."""
    job = train(stack, code, hyperparameters={"sagemaker_container_log_level": 10, "sagemaker_region": "eu-west-1"})

    assert job._request["HyperParameters"]["sagemaker_container_log_level"] == "10"
    assert job._request["HyperParameters"]["sagemaker_region"] == '"eu-west-1"'
    for name in ("sagemaker_program", "sagemaker_submit_directory"):
        with pytest.raises(ml.InvalidPropsError, match=rf"hyperparameters\['{name}'\] cannot be combined with code"):
            train(stack, code, "Other", hyperparameters={name: "other.py"})


def test_nothing_is_no_text(stack: Stack) -> None:
    with pytest.raises(ml.InvalidPropsError, match=r"hyperparameters\['x'\] must be .*, got None; leave it out"):
        train(stack, None, hyperparameters={"x": None})


@pytest.mark.parametrize("language", [sfn.QueryLanguage.JSON_PATH, sfn.QueryLanguage.JSONATA])
def test_a_runtime_value_is_what_it_is_at_run_time(stack: Stack, code: ml.Code, language: sfn.QueryLanguage) -> None:
    path = sfn.JsonPath
    hyperparameters = {
        "text": path.string_at("$.s"),
        "quotes": path.string_at("$.q"),
        "number": path.number_at("$.n"),
        "float": path.string_at("$.f"),
        "flag": path.string_at("$.b"),
        "list": path.list_at("$.l"),
        "object": path.object_at("$.o"),
        "part": f"run-{path.string_at('$.s')}",
        "nested": {"a": [path.string_at("$.s"), path.number_at("$.n")], "b": "{}'"},
        "input": ml.execution_input("s"),
    }
    found = arrived(stack, train(stack, code, hyperparameters=hyperparameters), query_language=language)
    assert found == {
        "text": "1.10",
        "quotes": 'say "1"\n',
        "number": 6,
        "float": 0.5,
        "flag": True,
        "list": [1, "a b"],
        "object": {"k": 'q"uo'},
        "part": "run-1.10",
        "nested": {"a": ["1.10", 6], "b": "{}'"},
        "input": "1.10",
    }


def test_an_expression_is_what_it_is_at_run_time(stack: Stack, code: ml.Code) -> None:
    hyperparameters = {
        "text": "{% $states.input.s %}",
        "part": "run-{% $states.input.n %}",
        "sum": "{% $states.input.n + 1 %}",
        "list": "{% $states.input.l %}",
        "one": "{% [$states.input.l[0]] %}",
    }
    job = train(stack, code, hyperparameters=hyperparameters)
    found = arrived(stack, job, query_language=sfn.QueryLanguage.JSONATA)
    assert found == {"text": "1.10", "part": "run-6", "sum": 7, "list": [1, "a b"], "one": [1]}


def test_values_that_a_tuning_job_tries_are_texts_too(stack: Stack, code: ml.Code) -> None:
    job = ml.TuningJob(
        stack,
        "Tune",
        objective=ml.tuning.Objective.maximize("auc"),
        ranges={"mode": ml.tuning.CategoricalRange(["1.0", "gini", 2]), "depth": ml.tuning.IntegerRange(1, 9)},
        training=ml.tuning.TrainingDefinition(
            image=SKLEARN, code=code, hyperparameters={"x": "1.10"}, metric_definitions={"auc": "auc=(.*)"}
        ),
        max_jobs=2,
        max_parallel_jobs=1,
    )
    request = job._request
    (category,) = request["HyperParameterTuningJobConfig"]["ParameterRanges"]["CategoricalParameterRanges"]
    assert category["Values"] == ['"1.0"', '"gini"', "2"]
    assert request["TrainingJobDefinition"]["StaticHyperParameters"]["x"] == '"1.10"'


def test_numbers_among_arguments_become_texts(stack: Stack) -> None:
    arguments = ["--n", sfn.JsonPath.number_at("$.n"), "--s", sfn.JsonPath.string_at("$.s")]
    job = ml.ProcessingJob(stack, "Process", image=SKLEARN, entrypoint=["run"], arguments=arguments)
    machine = ml.Workflow(stack, "Workflow", definition=job)
    (called,) = simulate(machine, input=INPUT).requests("Process")
    assert called["AppSpecification"]["ContainerArguments"] == ["--n", "6", "--s", "1.10"]


# Without a network


def test_without_a_network_the_code_comes_by_a_channel(stack: Stack, asl: Callable[..., Any], code: ml.Code) -> None:
    channels = {"train": ml.S3Data.from_uri("s3://churn/train/")}
    job = train(stack, code, network_isolation=True, input_mode="Pipe", channels=channels)
    request = asl(stack, job)["Train"]["Parameters"]
    data, brought = request["InputDataConfig"]
    assert (data["ChannelName"], brought["ChannelName"], brought["InputMode"]) == ("train", "code", "File")
    name = brought["DataSource"]["S3DataSource"]["S3Uri"].rsplit("/", 1)[1]
    submitted = json.loads(request["HyperParameters"]["sagemaker_submit_directory"])
    assert submitted == f"/opt/ml/input/data/code/{name}"


@pytest.mark.parametrize(
    ("location", "submitted"),
    [
        ("s3://churn/code/sourcedir.tar.gz", "/opt/ml/input/data/code/sourcedir.tar.gz"),
        ("s3://churn/code/", "/opt/ml/input/data/code"),
    ],
)
def test_code_in_s3_comes_by_a_channel_too(stack: Stack, location: str, submitted: str) -> None:
    job = train(stack, ml.Code.from_s3(location, entry_point="train.py"), network_isolation=True)
    assert json.loads(job._request["HyperParameters"]["sagemaker_submit_directory"]) == submitted


def test_isolation_of_the_defaults_counts(stack: Stack, code: ml.Code) -> None:
    ml.JobDefaults(network_isolation=True).apply_to(stack)
    assert [item["ChannelName"] for item in train(stack, code)._request["InputDataConfig"]] == ["code"]


def test_trials_get_the_code_by_a_channel(stack: Stack, code: ml.Code) -> None:
    job = ml.TuningJob(
        stack,
        "Tune",
        objective=ml.tuning.Objective.maximize("auc"),
        ranges={"depth": ml.tuning.IntegerRange(1, 9)},
        training=ml.tuning.TrainingDefinition(image=SKLEARN, code=code, metric_definitions={"auc": "auc=(.*)"}),
        max_jobs=2,
        max_parallel_jobs=1,
        network_isolation=True,
    )
    definition = job._request["TrainingJobDefinition"]
    assert [item["ChannelName"] for item in definition["InputDataConfig"]] == ["code"]
    assert "/opt/ml/input/data/code/" in definition["StaticHyperParameters"]["sagemaker_submit_directory"]


@pytest.mark.parametrize(
    ("props", "fault"),
    [
        (
            {"channels": {"code": ml.S3Data.from_uri("s3://churn/x/")}},
            "channels cannot be named 'code' together with code and",
        ),
        ({"channels": sfn.JsonPath.list_at("$.channels")}, "channels"),
    ],
)
def test_no_other_channel_takes_its_place(stack: Stack, code: ml.Code, props: dict[str, Any], fault: str) -> None:
    with pytest.raises(ml.InvalidPropsError, match=fault):
        train(stack, code, network_isolation=True, **props)


def test_a_channel_named_code_is_a_users_own_with_a_network(stack: Stack, code: ml.Code) -> None:
    job = train(stack, code, channels={"code": ml.S3Data.from_uri("s3://churn/x/")})
    assert [item["ChannelName"] for item in job._request["InputDataConfig"]] == ["code"]


def test_a_model_without_a_network_fetches_no_script(stack: Stack, code: ml.Code) -> None:
    with pytest.raises(ml.InvalidPropsError, match="code cannot be combined with network_isolation"):
        ml.CreateModel(
            stack,
            "Model",
            image=SKLEARN,
            code=code,
            data=ml.S3Data.from_uri("s3://churn/model.tar.gz"),
            network_isolation=True,
        )


# Requirements


@pytest.mark.parametrize(
    ("files", "installs"),
    [
        ({"main.py": "", "requirements.txt": "six"}, True),
        ({"main.py": ""}, False),
        ({"main.sh": "", "requirements.txt": "six"}, False),
        ({"main.py": "", "lib/requirements.txt": "six"}, False),
    ],
)
def test_processing_installs_requirements_before_the_script(
    stack: Stack, tmp_path: Path, files: dict[str, str], *, installs: bool
) -> None:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    job = ml.ProcessingJob(stack, "Process", image=SKLEARN, code=ml.Code.from_asset(tmp_path))
    command = job._request["AppSpecification"]["ContainerEntrypoint"][2]
    assert ("pip install -q -r requirements.txt && exec python3" in command) is installs
    assert len(command) <= 256
