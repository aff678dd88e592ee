"""Training jobs drawn at random, and what our local run gives their scripts; the training toolkit is asked the same."""

from __future__ import annotations

import json
import random
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from aws_cdk import App, Environment, Stack

import constructs_ml as ml
from constructs_ml.local.host import contract, toolkit
from constructs_ml.local.host.contract import Host
from constructs_ml.local.jobs.training import TrainingJob

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.local.host.contract import Command

REGION = "eu-west-1"
IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/train:1"
TEXTS = [
    "plain",
    "1.10",
    "6",
    "1e5",
    "true",
    "True",
    "null",
    "None",
    "NaN",
    "Infinity",
    "[]",
    "{}",
    "''",
    "-",
    "--",
    "--x",
    "$HOME",
    "`id`",
    "a=b",
    "a,b",
    "größe",
    "日本",
    "🙂",
    "007",
    "0x1F",
    "1_000",
    ".5",
    "s3://b/k",
    "/opt/ml/model",
    "\\",
    "\\n",
    "\\u00e9",
    "%",
    "%s",
    "${x}",
    "{}",
    ";ls",
    "*",
    "~",
    "#",
    "!",
]
TEXTS += ["", " ", "a b", 'say "hi"', '"quoted"', "it's", '{"a": 1}', "[1, 2]", "a\nb", "\t", '"', "x" * 300]
NAMES = ["x", "epochs", "batch-size", "learning_rate", "a.b", "N", "n", "max-depth", "model_dir", "mp_parameters", "k"]
FRAMEWORK = {
    "sagemaker_mpi_enabled": [True, False],
    "sagemaker_torch_distributed_enabled": [True],
    "sagemaker_parameter_server_enabled": ["true", True],
    "sagemaker_distribution_instance_groups": [["one"], ["one", "two"]],
    "sagemaker_job_name": ["job-name"],
    "sagemaker_estimator_class_name": ["SKLearn"],
    "sagemaker_s3_output": ["s3://churn/out"],
}
ENVIRONMENT = {
    "SM_HP_X": "mine",
    "SM_MODEL_DIR": "/mine",
    "MY_FLAG": "a b",
    "SAGEMAKER_TRAINING_MODULE": "framework:main",
    "SM_HP_MP_PARAMETERS": '{"partitions": 2}',
    "TZ": "UTC",
    "LANGUAGE": "größe",
}
PROGRAMS = ("train.py", "train.sh", "pkg/train.py", "my-train.py", "größe.py")
INSTANCES = ("ml.m5.xlarge", "ml.trn2.48xlarge", "ml.g5.xlarge")


def value(draw: random.Random, depth: int = 2) -> Any:
    """A hyperparameter's value."""
    kind = draw.choice(["text"] * 6 + ["number", "number", "flag", "none", "list", "dict"])
    if kind == "text" or (depth == 0 and kind in ("list", "dict")):
        return draw.choice(TEXTS)
    if kind == "list":
        return [value(draw, depth - 1) for _ in range(draw.randrange(4))]
    if kind == "dict":
        return {draw.choice([*NAMES, "größe", 'q"']): value(draw, depth - 1) for _ in range(draw.randrange(4))}
    return {
        "number": draw.choice([0, -1, 6, 10**20, 0.1, 1e-7, 1e22, -0.0, 3.0]),
        "flag": draw.random() < 0.5,
        "none": None,
    }[kind]


def jobs(number: int, *, seed: int = 0, program: str | None = None) -> Iterator[dict[str, Any]]:
    """Requests that our construct writes for training jobs drawn at random."""
    for at in range(number):
        yield request_of(random.Random(f"{seed}-{at}"), f"job-{at}", program)  # noqa: S311 - cases, not secrets


def request_of(draw: random.Random, name: str, program: str | None) -> dict[str, Any]:
    """The request of one job."""
    stack = Stack(App(), "S", env=Environment(account="111122223333", region=REGION))
    hyperparameters = {key: value(draw) for key in draw.sample(NAMES, draw.randrange(len(NAMES)))}
    for key in draw.sample(sorted(FRAMEWORK), draw.choice([0, 0, 1, 2])):
        hyperparameters[key] = draw.choice(FRAMEWORK[key])
    channels = {
        channel: ml.TrainingChannel(
            source=ml.S3Data.from_uri(f"s3://churn/{channel}/"),
            content_type=draw.choice([None, "text/csv"]),
            input_mode=draw.choice([None, "Pipe", "File", "FastFile"]),
            distribution=draw.choice(["FullyReplicated", "ShardedByS3Key"]),
        )
        for channel in draw.sample(["train", "validation", "my-data", "a.b", "T_1", "x"], draw.randrange(5))
    }
    props: dict[str, Any] = {"instance_type": draw.choice(INSTANCES), "instance_count": draw.choice([1, 1, 2, 3, 12])}
    if draw.random() < 0.2:
        groups = draw.sample(["one", "two", "three"], draw.choice([1, 2, 3]))
        props = {
            "instance_groups": [
                ml.training.InstanceGroup(
                    name=group, instance_type=draw.choice(INSTANCES), instance_count=draw.choice([1, 2])
                )
                for group in groups
            ]
        }
    named = program or draw.choice(PROGRAMS)
    code = ml.Code.from_s3(draw.choice(["s3://churn/sourcedir.tar.gz", "s3://churn/a b/c.tar.gz"]), entry_point=named)
    job = ml.TrainingJob(
        stack,
        "Train",
        job_name=name,
        image=ml.ContainerImage.from_registry(IMAGE),
        code=code,
        hyperparameters=hyperparameters,
        channels=channels,
        environment={key: ENVIRONMENT[key] for key in draw.sample(sorted(ENVIRONMENT), draw.randrange(4))},
        network_isolation=draw.choice([None, True]),
        output=ml.S3Data.from_uri("s3://churn/models/"),
        **props,
    )
    resolved: dict[str, Any] = stack.resolve(job._request)
    return resolved


def local(request: dict[str, Any], root: Path | None = None) -> TrainingJob:
    """The job that our local run makes of a request, with its hosts; nothing of it is started."""
    job = TrainingJob.__new__(TrainingJob)
    job.request, job.name, job.arn = request, request["TrainingJobName"], "arn:job"
    job.services = SimpleNamespace(region=REGION)  # type: ignore[assignment] # all of it that is asked
    job._hyperparameters = toolkit.decoded(request["HyperParameters"])
    folder = root or Path("/nowhere")
    job.hosts = [Host(f"algo-{at + 1}", at, folder / f"algo-{at + 1}" / "ml") for at in range(job._containers())]
    return job


def case(job: TrainingJob, host: Host) -> dict[str, Any]:
    """What the toolkit finds in the container of a host."""
    request = job.request
    mode = request["AlgorithmSpecification"]["TrainingInputMode"]
    return {
        "environment": {
            "AWS_DEFAULT_REGION": REGION,
            "TRAINING_JOB_NAME": job.name,
            **(request.get("Environment") or {}),
        },
        "hyperparameters": request["HyperParameters"],
        "resources": job._resources(host),
        "channels": contract.input_data_config(request.get("InputDataConfig") or [], mode),
    }


def answer(job: TrainingJob, host: Host) -> dict[str, Any]:
    """What our local run gives the script."""
    command: Command = job._command(host)
    variables = {name: text for name, text in (command.overriding or {}).items() if name != "PYTHONPATH"}
    return {"arguments": toolkit.script_arguments(job._hyperparameters), "variables": variables}


def portable(found: dict[str, Any]) -> dict[str, Any]:
    """An answer without what the machine says: how many processors it has."""
    variables = dict(found["variables"])
    variables.pop("SM_NUM_CPUS")
    known = {name: item for name, item in json.loads(variables["SM_TRAINING_ENV"]).items() if name != "num_cpus"}
    variables["SM_TRAINING_ENV"] = json.dumps(known, sort_keys=True)
    return {**found, "variables": variables}
