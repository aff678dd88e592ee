"""Tuning jobs: the search for the best hyperparameters."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from support.full_training import definition, ranges
from support.full_world import World
from support.granted import actions, allowing, statements
from support.requests import request_of

import constructs_ml as ml
from constructs_ml.sagemaker.constraints import check_value
from constructs_ml.sagemaker.model import shape

if TYPE_CHECKING:
    from collections.abc import Callable

IMAGE = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1")
DATA = ml.S3Data.from_uri("s3://data/in/")
JSONATA = sfn.QueryLanguage.JSONATA
LOSS = ml.tuning.Objective.minimize("loss")
DEPTH = {"depth": ml.tuning.IntegerRange(1, 9)}


def training(**props: Any) -> ml.tuning.TrainingDefinition:
    given = {"image": IMAGE, "channels": {"train": DATA}, "metric_definitions": {"loss": "loss=(.*)"}}
    return ml.tuning.TrainingDefinition(**{**given, **props})


def tune(stack: Any, name: str = "Tune", **props: Any) -> ml.TuningJob:
    return ml.TuningJob(stack, name, **{"training": training(), "objective": LOSS, "ranges": DEPTH, **props})


def request(stack: Stack, asl: Callable[..., Any], **props: Any) -> dict[str, Any]:
    parameters: dict[str, Any] = asl(stack, tune(stack, **props))["Tune"]["Parameters"]
    return parameters


def test_the_least_that_can_be_said(stack: Stack, asl: Callable[..., Any]) -> None:
    """A definition, an objective and a range are enough."""
    state = asl(stack, tune(stack))["Tune"]

    assert state["Resource"] == "arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync"
    parameters = state["Parameters"]
    assert parameters["HyperParameterTuningJobConfig"] == {
        "Strategy": "Bayesian",
        "HyperParameterTuningJobObjective": {"MetricName": "loss", "Type": "Minimize"},
        "ResourceLimits": {"MaxNumberOfTrainingJobs": 10, "MaxParallelTrainingJobs": 1},
        "ParameterRanges": {"IntegerParameterRanges": [{"Name": "depth", "MinValue": "1", "MaxValue": "9"}]},
    }
    trial = parameters["TrainingJobDefinition"]
    assert trial.pop("OutputDataConfig")["S3OutputPath.$"].endswith("/Tune/{}/', $$.Execution.Name)")
    assert sorted(trial) == [
        "AlgorithmSpecification",
        "InputDataConfig",
        "ResourceConfig",
        "RoleArn",
        "StoppingCondition",
    ]


def test_the_ranges_as_the_api_takes_them(stack: Stack, asl: Callable[..., Any]) -> None:
    """All values are texts."""
    config = request(stack, asl, ranges=ranges(), autotune=True)["HyperParameterTuningJobConfig"]

    assert config["ParameterRanges"] == {
        "IntegerParameterRanges": [{"Name": "depth", "MinValue": "1", "MaxValue": "9", "ScalingType": "Linear"}],
        "ContinuousParameterRanges": [
            {"Name": "eta", "MinValue": "0.01", "MaxValue": "0.5", "ScalingType": "Logarithmic"}
        ],
        "CategoricalParameterRanges": [{"Name": "booster", "Values": ["gbtree", "dart"]}],
        "AutoParameters": [{"Name": "gamma", "ValueHint": "0.1"}],
    }
    assert "MaxNumberOfTrainingJobs" not in config["ResourceLimits"]


@pytest.mark.parametrize("strategy", list(ml.tuning.TuningStrategy))
def test_every_strategy(stack: Stack, asl: Callable[..., Any], strategy: ml.tuning.TuningStrategy) -> None:
    """A grid has as many jobs as it has points: its number is not limited by default."""
    found = request(stack, asl, strategy=strategy, ranges={"kind": ml.tuning.CategoricalRange(["a", "b"])})

    config = found["HyperParameterTuningJobConfig"]
    assert config["Strategy"] == strategy.value
    assert ("MaxNumberOfTrainingJobs" in config["ResourceLimits"]) is (strategy is not ml.tuning.TuningStrategy.GRID)


def test_when_it_ends(stack: Stack, asl: Callable[..., Any]) -> None:
    """By time, by what is reached, or when it gets no better."""
    config = request(
        stack,
        asl,
        max_tuning_time=Duration.hours(1),
        target_objective_value=0.1,
        max_jobs_not_improving=3,
        stop_on_convergence=True,
        early_stopping=True,
        random_seed=7,
    )["HyperParameterTuningJobConfig"]

    assert config["ResourceLimits"] == {"MaxParallelTrainingJobs": 1, "MaxRuntimeInSeconds": 3600}
    assert config["TuningJobCompletionCriteria"] == {
        "TargetObjectiveMetricValue": 0.1,
        "BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 3},
        "ConvergenceDetected": {"CompleteOnConvergence": "Enabled"},
    }
    assert (config["TrainingJobEarlyStoppingType"], config["RandomSeed"]) == ("Auto", 7)


def test_several_definitions_have_objective_and_ranges_each(stack: Stack, asl: Callable[..., Any]) -> None:
    """Those of the tuning job are theirs unless they have their own; the API takes them nowhere else then."""
    own = training(
        objective=ml.tuning.Objective.maximize("loss"), ranges={"eta": ml.tuning.ContinuousRange(0, 1)}, name="other"
    )

    found = request(stack, asl, training=[training(), own])

    assert sorted(found["HyperParameterTuningJobConfig"]) == ["ResourceLimits", "Strategy"]
    first, second = found["TrainingJobDefinitions"]
    assert (first["DefinitionName"], second["DefinitionName"]) == ("definition-1", "other")
    assert (first["TuningObjective"]["Type"], second["TuningObjective"]["Type"]) == ("Minimize", "Maximize")
    assert list(first["HyperParameterRanges"]) == ["IntegerParameterRanges"]
    assert list(second["HyperParameterRanges"]) == ["ContinuousParameterRanges"]
    assert first["RoleArn"] == second["RoleArn"]


def test_trials_take_what_their_tuning_job_has(stack: Stack, asl: Callable[..., Any]) -> None:
    """Unless they say otherwise: instances, time limits and environment."""
    found = request(
        stack,
        asl,
        training=[training(), training(instance_preferences=["ml.c5.xlarge"], environment={"B": "own"})],
        instance_type="ml.m5.4xlarge",
        instance_count=2,
        environment={"A": "all", "B": "all"},
        max_runtime=Duration.hours(1),
    )

    first, second = found["TrainingJobDefinitions"]
    assert first["ResourceConfig"] == {"InstanceCount": 2, "InstanceType": "ml.m5.4xlarge", "VolumeSizeInGB": 30}
    assert second["ResourceConfig"]["InstancePreferences"] == [{"InstanceType": "ml.c5.xlarge"}]
    assert first["Environment"] == {"A": "all", "B": "all"}
    assert second["Environment"] == {"A": "all", "B": "own"}
    assert second["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600}


def test_platform_defaults_apply(stack: Stack, asl: Callable[..., Any]) -> None:
    ml.JobDefaults(instance_type="ml.c5.xlarge", tags={"team": "ml"}, network_isolation=True).apply_to(stack)

    found = request(stack, asl)

    assert found["Tags"] == [{"Key": "team", "Value": "ml"}]
    assert found["TrainingJobDefinition"]["ResourceConfig"]["InstanceType"] == "ml.c5.xlarge"
    assert found["TrainingJobDefinition"]["EnableNetworkIsolation"] is True


def test_the_script_mode_of_training_jobs(stack: Stack, asl: Callable[..., Any], tmp_path: Any) -> None:
    """Is that of the trials too."""
    (tmp_path / "train.py").write_text("print('hello')\n")
    image = ml.ContainerImage.sklearn("1.2-1")

    found = request(
        stack,
        asl,
        training=training(image=image, code=ml.Code.from_asset(tmp_path / "train.py"), hyperparameters={"seed": 1}),
    )

    static = found["TrainingJobDefinition"]["StaticHyperParameters"]
    assert (static["seed"], static["sagemaker_program"]) == ("1", '"train.py"')


@pytest.mark.parametrize("language", [sfn.QueryLanguage.JSON_PATH, JSONATA])
def test_names_are_valid_and_new(app: App, asl: Callable[..., Any], language: sfn.QueryLanguage) -> None:
    """32 characters are all there is room for, whatever the stack and the job are called."""
    stack = Stack(app, "AStackWithQuiteALongNameForWhatItDoes")
    jobs = [tune(stack, f"Tune every model there is, number {at}", query_language=language) for at in range(3)]

    states = asl(stack, jobs[0].next(jobs[1]).next(jobs[2]))

    names = [request_of(state, {})["HyperParameterTuningJobName"] for state in states.values()]
    assert all(re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,31}", name) for name in names), names
    assert all(list(check_value(shape("HyperParameterTuningJobName"), name, "name")) == [] for name in names)
    assert len({job.job_name_prefix for job in jobs}) == len(jobs)


def test_the_state_machine_s_role(stack: Stack, synth: Callable[..., Any]) -> None:
    """It starts the tuning job; SageMaker starts the training jobs."""
    ml.Workflow(stack, "Workflow", definition=tune(stack))

    found = statements(synth(stack), of_jobs=False)

    assert {item for item in actions(found) if item.startswith(("sagemaker:", "iam:"))} == {
        "iam:PassRole",
        "sagemaker:AddTags",
        "sagemaker:CreateHyperParameterTuningJob",
        "sagemaker:DescribeHyperParameterTuningJob",
        "sagemaker:ListTags",
        "sagemaker:StopHyperParameterTuningJob",
    }
    assert ":hyper-parameter-tuning-job/Census-" in str(allowing(found, "sagemaker:CreateHyperParameterTuningJob"))
    assert "StepFunctionsGetEventsForSageMakerTuningJobsRule" in str(allowing(found, "events:PutRule"))


def test_the_job_s_role_is_that_of_its_trials(stack: Stack, synth: Callable[..., Any]) -> None:
    """What training jobs need, of all definitions."""
    bucket = s3.Bucket.from_bucket_name(stack, "Data", "data")
    more = training(name="more", channels={"train": ml.S3Data.from_bucket(bucket, "more/")}, metric_definitions={})
    ml.Workflow(stack, "Workflow", definition=tune(stack, training=[training(), more]))

    found = statements(synth(stack), of_jobs=True)

    reads = str(allowing(found, "s3:GetObject")["Resource"])
    assert "data/in/*" in reads
    assert "/more/*" in reads
    assert "/aws/sagemaker/TrainingJobs" in str(allowing(found, "logs:PutLogEvents"))
    assert actions(found) >= {"cloudwatch:PutMetricData", "ecr:BatchGetImage", "s3:PutObject"}


def test_the_best_training_job(stack: Stack, asl: Callable[..., Any]) -> None:
    """The whole description is handed on for it, as a summary must not select what may be missing."""
    job = tune(stack)
    chosen = sfn.Pass(stack, "Best", parameters={"name": job.best_training_job()})

    states = asl(stack, job.next(chosen))

    assert states["Best"]["Parameters"] == {"name.$": "$.Tune.BestTrainingJob.TrainingJobName"}
    assert "ResultSelector" not in states["Tune"]
    assert states["Tune"]["ResultPath"] == "$.Tune"


def test_the_best_training_job_in_jsonata(stack: Stack) -> None:
    job = tune(stack, query_language=JSONATA)
    assert job.best_training_job("TunedHyperParameters.depth") == (
        "{% $states.input.Tune.BestTrainingJob.TunedHyperParameters.depth %}"
    )


def test_a_choice_asks_whether_there_is_a_best_job(stack: Stack, asl: Callable[..., Any]) -> None:
    """So that an execution without one does not end in an error that nothing catches."""
    job = tune(stack)
    choice = sfn.Choice(stack, "Found?").when(job.has_best_training_job, sfn.Succeed(stack, "Yes"))

    states = asl(stack, job.next(choice.otherwise(sfn.Fail(stack, "No"))))

    (test,) = states["Found?"]["Choices"]
    assert (test["Variable"], test["IsPresent"]) == ("$.Tune.BestTrainingJob", True)


@pytest.mark.parametrize(
    ("output", "expected"), [("s3://data/out/", "s3://data/out/"), ("s3://data/out", "s3://data/out/")]
)
def test_the_model_of_the_best_job(stack: Stack, asl: Callable[..., Any], output: str, expected: str) -> None:
    """SageMaker puts it below the output, under the training job's name."""
    job = tune(stack, training=training(output=ml.S3Data.from_uri(output)))
    check = ml.ProcessingJob(stack, "Check", image=IMAGE, inputs={"model": job.best_model_artifacts})

    states = asl(stack, job.next(check))

    found = request_of(states["Check"], {"Tune": {"BestTrainingJob": {"TrainingJobName": "best-1"}}})
    assert found["ProcessingInputs"][0]["S3Input"]["S3Uri"] == f"{expected}best-1/output/model.tar.gz"


def test_the_model_of_the_best_job_in_its_own_place(stack: Stack, asl: Callable[..., Any]) -> None:
    job = tune(stack)
    check = ml.ProcessingJob(stack, "Check", image=IMAGE, inputs={"model": job.best_model_artifacts})

    states = asl(stack, job.next(check))

    written = request_of(states["Tune"], {})["TrainingJobDefinition"]["OutputDataConfig"]["S3OutputPath"]
    found = request_of(states["Check"], {"Tune": {"BestTrainingJob": {"TrainingJobName": "best-1"}}})
    assert found["ProcessingInputs"][0]["S3Input"]["S3Uri"] == f"{written}best-1/output/model.tar.gz"


def test_models_in_different_places_have_no_best_one(stack: Stack) -> None:
    job = tune(stack, training=[training(), training(output=ml.S3Data.from_uri("s3://data/other/"))])
    with pytest.raises(ml.InvalidPropsError, match="training have no one place"):
        _ = job.best_model_artifacts


def test_a_parent_from_the_workflow(stack: Stack, asl: Callable[..., Any]) -> None:
    """Its name is known at run time."""
    first = tune(stack)
    second = tune(
        stack, "Again", warm_start=ml.tuning.WarmStart([first.result("HyperParameterTuningJobName"), "older"])
    )

    found = request_of(asl(stack, first.next(second))["Again"], {"Tune": {"HyperParameterTuningJobName": "the-first"}})

    assert found["WarmStartConfig"] == {
        "ParentHyperParameterTuningJobs": [
            {"HyperParameterTuningJobName": "the-first"},
            {"HyperParameterTuningJobName": "older"},
        ],
        "WarmStartType": "IdenticalDataAndAlgorithm",
    }


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no objective": ({"objective": None}, "objective is required for training, got none; pass objective="),
    "no ranges": ({"ranges": None}, "ranges is required for training, got none; pass ranges={...} or autotune=True"),
    "a metric that is not defined": (
        {"objective": ml.tuning.Objective.maximize("accuracy")},
        "objective must be one of the metric definitions of training, got 'accuracy'; it has loss",
    ),
    "a range that is a list": (
        {"ranges": {"depth": [1, 2]}},
        "ranges['depth'] must be a range, got [1, 2]; pass ml.tuning.CategoricalRange([1, 2])",
    ),
    "bounds that are swapped": (
        {"ranges": {"depth": ml.tuning.IntegerRange(9, 1)}},
        "ranges['depth'] must start below its end, got 9 to 1; swap them",
    ),
    "a whole range that is not": (
        {"ranges": {"depth": ml.tuning.IntegerRange(0.5, 2)}},  # type: ignore[arg-type]
        "ranges['depth'] must be between whole numbers, got 0.5; pass ml.tuning.ContinuousRange(0.5, 2)",
    ),
    "a logarithm of nothing": (
        {"ranges": {"eta": ml.tuning.ContinuousRange(0, 1, ml.tuning.Scaling.LOGARITHMIC)}},
        "ranges['eta'] must be above 0 to be scaled Logarithmic, got 0",
    ),
    "a reverse logarithm of much": (
        {"ranges": {"eta": ml.tuning.ContinuousRange(0, 2, "ReverseLogarithmic")}},
        "ranges['eta'] must be from 0 to below 1 to be scaled ReverseLogarithmic, got 0 to 2",
    ),
    "a reverse logarithm of whole numbers": (
        {"ranges": {"depth": ml.tuning.IntegerRange(0, 1, ml.tuning.Scaling.REVERSE_LOGARITHMIC)}},
        "ranges['depth'] must not be scaled ReverseLogarithmic, which is for continuous ranges",
    ),
    "values that are a text": (
        {"ranges": {"kind": ml.tuning.CategoricalRange("abc")}},
        "ranges['kind'].values must be a list, got the string 'abc'; pass ['abc']",
    ),
    "a grid of numbers": (
        {"strategy": ml.tuning.TuningStrategy.GRID},
        "ranges['depth'] must be categorical for the strategy Grid, got IntegerRange(",
    ),
    "a budget of another strategy": (
        {"hyperband": ml.tuning.Hyperband(max_resource=9)},
        "hyperband is for the strategy Hyperband only, got Bayesian",
    ),
    "two ways to stop early": (
        {"strategy": ml.tuning.TuningStrategy.HYPERBAND, "early_stopping": True},
        "early_stopping must be off for the strategy Hyperband",
    ),
    "a strategy that is none": ({"strategy": "Bayes"}, "strategy must be one of Bayesian, Grid, Hyperband, Random"),
    "searched and fixed": (
        {"training": training(hyperparameters={"depth": 3})},
        "training.hyperparameters must not be searched and fixed at once, got 'depth' in ranges too",
    ),
    "two definitions of a name": (
        {"training": [training(name="a"), training(name="a")]},
        "training must have different names, got 'a' twice",
    ),
    "no definition": ({"training": []}, "training must have a definition, got none"),
    "two kinds of instances": (
        {"instance_type": "ml.m5.xlarge", "trial_instances": [ml.tuning.TrialInstances(instance_type="ml.c5.xlarge")]},
        "instance_type cannot be combined with trial_instances",
    ),
    "a value of a definition": (
        {"training": [training(retry_attempts=31)]},
        "training[0].retry_attempts must be 1-30, got 31",
    ),
    "a value that a definition takes from its tuning job": (
        {"training": [training()], "max_runtime": Duration.seconds(0)},
        "max_runtime must be at least 1, got 0",
    ),
    "a value that only a tuning job has": ({"network_isolation": "yes"}, "network_isolation must be a boolean"),
    "a value that a definition has of its own": (
        {"training": training(max_runtime=Duration.seconds(0)), "max_runtime": Duration.hours(1)},
        "training.max_runtime must be at least 1, got 0",
    ),
    "too little time": ({"max_tuning_time": Duration.minutes(1)}, "max_tuning_time must be 120-15768000, got 60"),
    "a name that is too long": ({"job_name": "x" * 33}, "job_name must have 1-32 characters, got 33"),
    "a prefix that is too long": ({"job_name_prefix": "x" * 21}, "job_name_prefix must be 1-20 letters"),
    "no parents": (
        {"warm_start": ml.tuning.WarmStart([])},
        "warm_start.ParentHyperParameterTuningJobs must have 1-5 items",
    ),
}


@pytest.mark.parametrize("case", list(BAD))
def test_bad_input(stack: Stack, case: str) -> None:
    props, message = BAD[case]
    with pytest.raises(ml.InvalidPropsError) as caught:
        tune(stack, **props)

    assert str(caught.value).startswith(f"Census/Tune: {message}")


def test_a_definition_of_a_full_job_is_a_value(stack: Stack) -> None:
    """It may be shared between tuning jobs."""
    shared = definition(World(stack))
    assert shared == shared.__class__(**{item.name: getattr(shared, item.name) for item in fields(shared)})


def test_a_tuning_job_from_its_request(stack: Stack, asl: Callable[..., Any]) -> None:
    """Its role is in its definitions."""
    whole = {
        "HyperParameterTuningJobConfig": {"Strategy": "Random", "ResourceLimits": {"MaxParallelTrainingJobs": 1}},
        "TrainingJobDefinitions": [
            {
                "AlgorithmSpecification": {"TrainingImage": "mine", "TrainingInputMode": "File"},
                "OutputDataConfig": {"S3OutputPath": "s3://data/out/"},
                "StoppingCondition": {"MaxRuntimeInSeconds": 60},
            }
        ],
    }
    job = ml.TuningJob.from_request(stack, "Tune", whole)

    (trial,) = asl(stack, job)["Tune"]["Parameters"]["TrainingJobDefinitions"]

    assert "jobrole" in trial["RoleArn"].lower()
    with pytest.raises(ml.InvalidPropsError, match="training have no one place"):
        _ = job.best_model_artifacts
