"""Spark, Clarify and Model Monitor: processing jobs that do more, or read and write by themselves.

Sources: as for processing jobs; "Run SageMaker Clarify Processing Jobs for Bias Analysis and Explainability" of the SageMaker
developer guide, by which Clarify makes a short-lived endpoint of a model, and asks an endpoint that it is given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import constructs_ml as ml
from support.calls.declare import declared_bucket
from support.calls.misses import OTHER_NETWORK, data_misses, elsewhere, job_misses
from support.calls.needs import log, metrics, pull, read, write
from support.calls.place import ARTIFACTS, DATA, KEY, Access, Case, Team, arn, calls
from support.calls.processing import LOG, RULE
from support.calls.running import run_job
from support.iam import Call

if TYPE_CHECKING:
    from aws_cdk import Stack

ASSETS = "arn:aws:s3:::cdk-hnb659fds-assets-111122223333-us-east-1"


def _spark(stack: Stack) -> Any:
    bucket = declared_bucket(stack)
    reads, writes = ml.S3Data.from_bucket(bucket, "raw/"), ml.S3Data.from_bucket(bucket, "clean/")
    events = ml.S3Data.from_bucket(bucket, "events/")
    return ml.PySparkJob(stack, "Step", app=__file__, reads=[reads], writes=[writes], event_logs=events)


def _jar(stack: Stack) -> Any:
    bucket = declared_bucket(stack)
    return ml.processing.SparkJarJob(
        stack,
        "Step",
        app=ml.S3Data.from_object(bucket, "jars/app.jar"),
        main_class="org.example.App",
        reads=[ml.S3Data.from_bucket(bucket, "raw/")],
        writes=[ml.S3Data.from_bucket(bucket, "clean/")],
    )


def _monitor(stack: Stack) -> Any:
    bucket = declared_bucket(stack)
    output = ml.S3Data.from_bucket(bucket, "clean/")
    return ml.ModelMonitorJob(stack, "Step", dataset=ml.S3Data.from_bucket(bucket, "raw/"), output=output)


def _clarify(predictor: dict[str, Any], stack: Stack) -> Any:
    bucket = declared_bucket(stack)
    return ml.ClarifyJob(
        stack,
        "Step",
        dataset=ml.S3Data.from_bucket(bucket, "raw/"),
        output=ml.S3Data.from_bucket(bucket, "clean/"),
        analysis={"methods": {"shap": {}}, "predictor": predictor},
    )


def _of_model(stack: Stack) -> Any:
    return _clarify({"model_name": "Churn-7", "instance_type": "ml.m5.large", "initial_instance_count": 1}, stack)


def _of_endpoint(stack: Stack) -> Any:
    return _clarify({"endpoint_name": "churn"}, stack)


ANOTHER = Team("Another")
"""Clarify makes endpoints under its own team's name."""


def _job(repository: str, more: list[Call], *misses: Call) -> Access:
    may = [*read(DATA, "raw/", KEY), *write(DATA, "clean/", KEY), *pull(repository), *log(LOG), metrics(LOG), *more]
    return Access(
        "ConstructsMlJobRole",
        may=may,
        may_not=[
            *elsewhere(may),
            *data_misses("raw/", "clean/"),
            *job_misses(ANOTHER, LOG),
            *OTHER_NETWORK,
            *misses,
        ],
    )


def _asset(name: str) -> list[Call]:
    """Reading a file that was deployed with the stack."""
    key = f"asset/{name}"
    return [*calls(f"{ASSETS}/{key}", "s3:GetObject"), Call("s3:ListBucket", ASSETS, {"s3:prefix": key})]


def _case(name: str, define: Any, repository: str, more: list[Call], *misses: Call) -> Case:
    team = Team(name)
    run = run_job(team, "Processing", "processing-job", RULE)
    return Case(team, define, [run, _job(repository, more, *misses)])


CLARIFY = "arn:aws:ecr:us-east-1:205585389593:repository/sagemaker-clarify-processing"
SPARK = "arn:aws:ecr:us-east-1:173754725891:repository/sagemaker-spark-processing"
MONITOR = "arn:aws:ecr:us-east-1:156813124566:repository/sagemaker-model-monitor-analyzer"

_MODELS = Team("Clarifying")
_SHADOW = f"{_MODELS.owner}-Step-shadow"
_VERBS = ("Create", "Delete", "Describe")
_ON_ENDPOINT = (*(f"sagemaker:{verb}Endpoint" for verb in (*_VERBS, "Invoke")), "sagemaker:AddTags")
# Making an endpoint takes its configuration too.
_ON_CONFIG = (*(f"sagemaker:{verb}EndpointConfig" for verb in _VERBS), "sagemaker:AddTags", "sagemaker:CreateEndpoint")
_OWN_ENDPOINTS = [
    *_asset("analysis_config.json"),
    *(
        call
        for name in (_SHADOW, _SHADOW.lower())
        for call in (
            *calls(arn("sagemaker", f"endpoint/{name}"), *_ON_ENDPOINT),
            *calls(arn("sagemaker", f"endpoint-config/{name}"), *_ON_CONFIG),
        )
    ),
    *calls(arn("sagemaker", "model/Churn-7"), "sagemaker:DescribeModel"),
    *calls(arn("sagemaker", "model/churn-7"), "sagemaker:DescribeModel"),
]
_OTHER_ENDPOINTS = [
    *calls(arn("sagemaker", "endpoint/churn"), "sagemaker:DeleteEndpoint", "sagemaker:InvokeEndpoint"),
    *calls(arn("sagemaker", "endpoint-config/churn"), "sagemaker:DeleteEndpointConfig"),
    *calls(arn("sagemaker", f"endpoint/{_MODELS.owner}-Other"), "sagemaker:DeleteEndpoint", "sagemaker:CreateEndpoint"),
    *calls(arn("sagemaker", "model/churn-8"), "sagemaker:DescribeModel"),
    *calls(arn("sagemaker", "model/churn-7"), "sagemaker:DeleteModel", "sagemaker:CreateModel"),
]

_ENDPOINT = [
    *_asset("analysis_config.json"),
    *calls(arn("sagemaker", "endpoint/churn"), "sagemaker:DescribeEndpoint", "sagemaker:InvokeEndpoint"),
    *calls(arn("sagemaker", "endpoint-config/churn-2026-11"), "sagemaker:DescribeEndpointConfig"),
]

CASES = {
    "spark": _case(
        "Sparking",
        _spark,
        SPARK,
        [*write(DATA, "events/", KEY), *_asset("presets.py")],
        *calls(f"{ARTIFACTS}/x", "s3:PutObject"),
    ),
    "spark jar": _case(
        "Jarring",
        _jar,
        SPARK,
        read(DATA, "jars/app.jar", KEY)[::3] + calls(f"{DATA}/jars/app.jar", "s3:GetObject"),
        *calls(f"{DATA}/jars/b.jar", "s3:GetObject"),
    ),
    "model monitor": _case("Monitoring", _monitor, MONITOR, []),
    "clarify of a model": Case(
        _MODELS,
        _of_model,
        [
            run_job(_MODELS, "Processing", "processing-job", RULE),
            _job(CLARIFY, _OWN_ENDPOINTS, *_OTHER_ENDPOINTS),
        ],
    ),
    "clarify of an endpoint": _case(
        "Asking",
        _of_endpoint,
        CLARIFY,
        _ENDPOINT,
        *calls(arn("sagemaker", "endpoint/churn"), "sagemaker:DeleteEndpoint", "sagemaker:UpdateEndpoint"),
        *calls(arn("sagemaker", "endpoint/churn-2"), "sagemaker:InvokeEndpoint", "sagemaker:DescribeEndpoint"),
        *calls(arn("sagemaker", "endpoint-config/churn-2026-11"), "sagemaker:CreateEndpointConfig"),
    ),
}
