"""No construct lets a prop that it does not have, lacks or cannot read through to an error from inside."""

from __future__ import annotations

import inspect
from datetime import datetime, timezone
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_stepfunctions as sfn
from support.each import each
from support.full_hosting import FULL as HOSTING
from support.full_jobs import FULL as JOBS
from support.full_registry import FULL as REGISTRY
from support.full_world import World
from support.public import PUBLIC

import constructs_ml as ml
from constructs_ml.core.prop_checks import Props

if TYPE_CHECKING:
    from collections.abc import Callable

IMAGE = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/a:1")
PACKAGE = "arn:aws:sagemaker:eu-west-1:111122223333:model-package/a/1"
FULL = {**JOBS, **HOSTING, **REGISTRY}
NUMBER = count()
"""Ids of their own cost less than to remove what has the same."""
PLAIN: dict[type[Any], Callable[[Stack], dict[str, Any]]] = {
    ml.DistributedMap: lambda _: {"items_path": "$.items"},
    ml.events.EndpointStateChangeRule: lambda _: {},
    ml.InferencePipeline: lambda _: {"preprocessor_image": IMAGE, "image": IMAGE, "data": "s3://a/b/"},
    ml.JobStateChangeRule: lambda _: {"kinds": [ml.events.JobKind.TRAINING]},
    ml.Map: lambda _: {"items_path": "$.items"},
    ml.registry.ModelPackageGroup: lambda _: {},
    ml.events.ModelPackageStateChangeRule: lambda _: {},
    ml.TrainingPipeline: lambda _: {"image": IMAGE, "channels": {"train": "s3://a/b/"}},
    ml.Workflow: lambda stack: {"definition": sfn.Pass(stack, f"Start{next(NUMBER)}")},
    ml.metrics.ReadMetrics: lambda _: {"source": "s3://a/b.json", "shape": {"accuracy": float}},
    ml.DeployEndpoint: lambda _: {"endpoint_config": "config"},
    ml.patterns.InferencePipelineStack: lambda _: {"preprocessor_image": IMAGE, "image": IMAGE, "data": "s3://a/b/"},
    ml.ModelApprovalGate: lambda _: {"package": PACKAGE},
    ml.patterns.TrainingPipelineStack: lambda _: {"image": IMAGE, "channels": {"train": "s3://a/b/"}},
    ml.ClarifyJob: lambda _: {},
    ml.ModelMonitorJob: lambda _: {"dataset": ml.S3Data.from_uri("s3://a/b/")},
    ml.PySparkJob: lambda _: {"image": IMAGE, "app": "s3://a/b.py"},
    ml.processing.SparkJarJob: lambda _: {"image": IMAGE, "app": "s3://a/b.jar", "main_class": "a.B"},
}


class Odd:
    """Of no kind that anything takes."""


WRONG: list[Any] = [
    Odd(),
    Odd,
    b"bytes",
    7,
    7.5,
    "text",
    ["text"],
    [7],
    [None],
    [Odd()],
    [["text"]],
    ("text", None),
    {"text"},
    {"key": None},
    {"key": Odd()},
    {"key": "text"},
    {"key": ["text"]},
    {"key": {"key": None}},
    {7: "text"},
    {None: "text"},
    datetime(2024, 1, 1, tzinfo=timezone.utc),
    IMAGE,
    ml.events.JobKind.TRAINING,
    ml.S3Data.from_uri("s3://a/b/"),
    {"key": ml.S3Data.from_uri("s3://a/b/")},
    [IMAGE],
]


def constructs() -> dict[str, tuple[type[Any], Props]]:
    found = {}
    for name, cls in PUBLIC.items():
        begin = inspect.unwrap(cls.__dict__["__init__"]) if inspect.isclass(cls) and "__init__" in vars(cls) else None
        code = getattr(begin, "__code__", None)
        if code is not None and code.co_varnames[1:3] == ("scope", "construct_id"):
            like = {"Map": sfn.Map, "DistributedMap": sfn.DistributedMap}.get(name)
            found[name] = (cls, Props(cls, begin, like))
    return found


CONSTRUCTS = constructs()


@cache
def base(name: str) -> tuple[Stack, dict[str, Any]]:
    """A stack, and the props that a construct needs."""
    stack = Stack(App(analytics_reporting=False), name)
    cls = CONSTRUCTS[name][0]
    if cls in PLAIN:
        return stack, {}
    (every,) = [props for made, props in FULL.values() if made is cls]
    required = CONSTRUCTS[name][1].required
    full = every(World(stack))[0]
    return stack, {key: value for key, value in full.items() if key in required} | _exclusive(full)


def _exclusive(full: dict[str, Any]) -> dict[str, Any]:
    """One of props of which there must be one."""
    return {key: full[key] for key in ("image", "group", "containers", "package") if key in full}


def make(name: str, /, **props: Any) -> str:
    """What a construct says of some props; empty if it takes them."""
    stack, needed = base(name)
    cls = CONSTRUCTS[name][0]
    needed = PLAIN[cls](stack) if cls in PLAIN else needed
    try:
        cls(App() if issubclass(cls, Stack) else stack, f"Made{next(NUMBER)}", **{**needed, **props})
    except ml.InvalidPropsError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - what must not come out
        return f"! {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    return ""


def test_all_are_here() -> None:
    assert {"TrainingJob", "Workflow", "Map", "JobStateChangeRule", "DeployEndpoint"} <= set(CONSTRUCTS)
    assert [name for name, (_, props) in CONSTRUCTS.items() if not props.known] == []


@pytest.mark.filterwarnings("ignore:.* is deprecated; use:DeprecationWarning")
@pytest.mark.parametrize("name", [name for name in CONSTRUCTS if not name.endswith("Stack")])
def test_values_of_the_wrong_kind_are_read_or_refused(name: str) -> None:
    props = CONSTRUCTS[name][1]
    wrong = []
    for prop in each(sorted(props.known or ())):
        for value in WRONG:
            told = make(name, **{prop: value})
            if told.startswith("!"):
                wrong.append(f"{prop}={value!r:.60}: {told:.200}")
    assert wrong == []


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_a_misspelt_prop_is_named_with_the_near_one(name: str) -> None:
    props = CONSTRUCTS[name][1]
    for prop in each(sorted(props.known or ())):
        # Another prop may be nearer to a short word.
        told = make(name, **{f"{prop}x": "x"})
        assert f"{prop}x is not a prop of {name}; did you mean {prop}?" in told


@pytest.mark.parametrize(
    ("cls", "keyword", "near"),
    [
        (ml.TrainingJob, "hyper_parameters", "hyperparameters"),
        (ml.TrainingJob, "InstanceType", "instance_type"),
        (ml.ProcessingJob, "imge", "image"),
        (ml.ProcessingJob, "argumnts", "arguments"),
        (ml.ProcessingJob, "max_run_time", "max_runtime"),
        (ml.Workflow, "defintion", "definition"),
        (ml.DeployEndpoint, "endpoint_cfg", "endpoint_config"),
        (ml.Map, "max_concurency", "max_concurrency"),
        (ml.DistributedMap, "item_path", "items_path"),
        (ml.JobStateChangeRule, "job", "jobs"),
        (ml.events.EndpointStateChangeRule, "target", "targets"),
        (ml.registry.ModelPackageGroup, "model_package_group", "model_package_group_name"),
        (ml.TrainingPipeline, "chanels", "channels"),
        (ml.patterns.TrainingPipelineStack, "hyperparameter", "hyperparameters"),
        (ml.PySparkJob, "job_nam", "job_name"),
        (ml.RegisterModel, "approval_state", "approval_status"),
    ],
)
def test_one_error_for_a_misspelt_keyword(stack: Stack, app: App, cls: Any, keyword: str, near: str) -> None:
    """With nothing beside it, so that what is required is missing too; what was meant is not told as missing."""
    with pytest.raises(ml.InvalidPropsError) as error:
        cls(app if issubclass(cls, Stack) else stack, "Made", **{keyword: None})
    first, *rest = error.value.faults
    path = "Made" if issubclass(cls, Stack) else "Census/Made"
    assert str(error.value).startswith(f"{path}: {keyword} is not a prop of {cls.__name__}; did you mean {near}?")
    assert first.member == keyword
    assert near not in {fault.member for fault in rest}


def test_defaults_have_no_such_prop() -> None:
    with pytest.raises(
        ml.InvalidPropsError, match=r"^JobDefaults: vpcc is not a prop of JobDefaults; did you mean vpc\?$"
    ):
        ml.JobDefaults(vpcc=None)  # type: ignore[call-arg]


def test_a_keyword_that_is_near_none(stack: Stack) -> None:
    with pytest.raises(ml.InvalidPropsError, match=r"^Census/Train: zzz is not a prop of TrainingJob$"):
        ml.TrainingJob(stack, "Train", image=IMAGE, zzz=1)  # type: ignore[call-arg]


def test_what_is_required_is_named(stack: Stack) -> None:
    with pytest.raises(ml.InvalidPropsError, match=r"^Census/Prepare: image is required; pass ContainerImage"):
        ml.ProcessingJob(stack, "Prepare")  # type: ignore[call-arg]


NONE: list[tuple[dict[str, Any], str]] = [
    ({"hyperparameters": {"depth": None}}, r"hyperparameters\['depth'\]"),
    ({"environment": {"STAGE": None}}, r"environment\['STAGE'\]"),
    ({"tags": {"team": None}}, r"tags\['team'\]"),
    ({"arguments": ["--fast", None]}, r"arguments\[1\]"),
    ({"entrypoint": [None]}, r"entrypoint\[0\]"),
    ({"channels": {"train": None}}, r"channels\['train'\]"),
    ({"metric_definitions": {"loss": None}}, r"metric_definitions\['loss'\]"),
    ({"channels": {"train": ml.TrainingChannel(source=None)}}, r"channels\['train'\].source"),  # type: ignore[arg-type]
    ({"instance_preferences": [None]}, r"instance_preferences\[0\]"),
    ({"security_groups": [None]}, r"security_groups\[0\]"),
    ({"hyperparameters": {None: 1}}, "hyperparameters must have strings as keys"),
    ({"hyperparameters": {3: 1}}, "hyperparameters must have strings as keys, got int 3; pass '3'"),
]


@pytest.mark.parametrize(("props", "member"), NONE)
def test_none_inside_is_a_fault(stack: Stack, props: dict[str, Any], member: str) -> None:
    with pytest.raises(ml.InvalidPropsError, match=f"^Census/Train: {member}") as error:
        ml.TrainingJob(stack, "Train", image=IMAGE, **props)
    assert len(error.value.faults) == 1
    assert "must" in str(error.value)


@pytest.mark.parametrize("member", ["tags", "environment"])
def test_none_inside_defaults_is_a_fault(stack: Stack, member: str) -> None:
    with pytest.raises(ml.InvalidPropsError, match=rf"^Census: {member}\['a'\] must not be None; leave it out"):
        ml.JobDefaults(**{member: {"a": None}}).apply_to(stack)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda job, end: job.add_catch(end, error=["E"]), "error is not a prop of add_catch; did you mean errors?"),
        (
            lambda job, end: job.add_catch(end, errors="E"),
            "errors must be a list of strings, got the string 'E'; pass ['E']",
        ),
        (lambda job, end: job.add_catch(end, result_path=7), "result_path must be a string, got int 7; pass '7'"),
        (lambda job, _: job.add_retry(attempts=3), "attempts is not a prop of add_retry; did you mean max_attempts?"),
        (lambda job, _: job.add_retry(interval=3), "interval must be a Duration, got int 3; pass Duration.seconds(3)"),
        (
            lambda job, _: job.on_state_change("On", status=["Failed"]),
            "status is not a prop of on_state_change; did you mean statuses?",
        ),
    ],
)
def test_methods_refuse_what_they_do_not_take(stack: Stack, call: Callable[[Any, Any], Any], said: str) -> None:
    job = ml.ProcessingJob(stack, "Job", image=IMAGE)
    with pytest.raises(ml.InvalidPropsError) as error:
        call(job, sfn.Pass(stack, "End"))
    assert str(error.value) == f"Census/Job: {said}"


@pytest.mark.parametrize("kind", [ml.Map, ml.DistributedMap])
def test_the_processor_of_a_map_refuses_what_it_does_not_take(stack: Stack, kind: Any) -> None:
    each = kind(stack, "Each", items_path="$.items")
    with pytest.raises(
        ml.InvalidPropsError, match=r"^Census/Each: modes is not a prop of item_processor; did you mean mode"
    ):
        each.item_processor(sfn.Pass(stack, "End"), modes=sfn.ProcessorMode.INLINE)


@pytest.mark.parametrize("scope", ["x", None, Stack, 7])
def test_a_scope_that_is_no_construct_is_told(scope: Any) -> None:
    with pytest.raises(
        ml.InvalidPropsError, match=r"^constructs_ml: scope must be a construct, got .*; pass an App, a Stage"
    ):
        ml.JobDefaults(instance_type="ml.m5.large").apply_to(scope)
    with pytest.raises(ml.InvalidPropsError, match=r"^constructs_ml: scope must be a construct, got "):
        ml.ProcessingJob(scope, "Job", image=IMAGE)


# Functions that make values -------------------------------------------------------------------------------------------

RUN_TIME = ml.execution_input("uri")


def test_where_a_location_may_be_is_named_by_uris_too(stack: Stack) -> None:
    data = ml.S3Data.from_uri(RUN_TIME, within=["s3://landing/in/", ml.S3Data.from_uri("s3://other/")])
    assert [objects.arn.rpartition(":::")[2] for objects in data.objects] == ["landing/in/*", "other/*"]
    assert ml.ProcessingJob(stack, "Job", image=IMAGE, inputs={"raw": data}).request


VALUES: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: ml.S3Data.from_uri(RUN_TIME, within="s3://a/"),
        "S3Data.from_uri: within must be a list, got the string 's3://a/'",
    ),  # type: ignore[arg-type]
    (
        lambda: ml.S3Data.from_uri(RUN_TIME, within=["landing"]),
        r"S3Data.from_uri: within\[0\] must be a place .* 'landing'; pass",
    ),
    (
        lambda: ml.S3Data.from_uri(RUN_TIME, within=[RUN_TIME]),
        r"S3Data.from_uri: within\[0\] must be a place that is known",
    ),
    (lambda: ml.S3Data.from_uri(RUN_TIME, within=[None]), r"S3Data.from_uri: within\[0\] must not be None"),  # type: ignore[list-item]
    (
        lambda: ml.S3Data.from_uri(RUN_TIME, within=[7]),
        r"S3Data.from_uri: within\[0\] must be an S3Data or a string, got int 7",
    ),  # type: ignore[list-item]
    (lambda: ml.S3Data.from_uri(None), "S3Data.from_uri: uri is required, got None"),  # type: ignore[arg-type]
    (lambda: ml.S3Data.from_uri(7), "S3Data.from_uri: uri must be a string, got int 7"),  # type: ignore[arg-type]
    (lambda: ml.S3Data.from_uri("s3://a/", data_type="S3Prefix"), "S3Data.from_uri: data_type must be a"),  # type: ignore[arg-type]
    (
        lambda: ml.S3Data.from_bucket("data"),
        "S3Data.from_bucket: bucket must be a.* got str 'data'; pass s3.Bucket.from_",
    ),  # type: ignore[arg-type]
    (lambda: ml.S3Data.from_bucket(IMAGE, "a/"), "S3Data.from_bucket: bucket must be a"),  # type: ignore[arg-type]
    (lambda: ml.S3Data.from_object(None, "a"), "S3Data.from_object: bucket is required, got None"),  # type: ignore[arg-type]
    (lambda: ml.S3Data.from_manifest("b", "k", lists=["s3://a/"]), "S3Data.from_manifest: bucket must"),  # type: ignore[arg-type,list-item]
    (lambda: ml.Code.from_asset(7), "Code.from_asset: path must be a string or a Path, got int 7"),  # type: ignore[arg-type]
    (
        lambda: ml.Code.from_asset("src", exclude="*.csv"),
        r"Code.from_asset: exclude must .*'\*.csv'; pass \['\*.csv'\]",
    ),  # type: ignore[arg-type]
    (lambda: ml.Code.from_s3(None), "Code.from_s3: location is required, got None"),  # type: ignore[arg-type]
    (
        lambda: ml.ContainerImage.sklearn(1.2),
        "ContainerImage.sklearn: version must be a string, got float 1.2; pass '1.2'",
    ),  # type: ignore[arg-type]
    (lambda: ml.ContainerImage.from_registry(None), "ContainerImage.from_registry: uri is required"),  # type: ignore[arg-type]
    (
        lambda: ml.ContainerImage.from_ecr_repository("mine"),
        "ContainerImage.from_ecr_repository: repository must be an ecr",
    ),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("made", "message"), VALUES)
def test_functions_that_make_values_check_their_arguments(made: Callable[[], Any], message: str) -> None:
    with pytest.raises(ml.InvalidPropsError, match=f"^{message}"):
        made()


@pytest.mark.parametrize(
    ("props", "said"),
    [
        (
            {"volume_size": "50"},
            r"volume_size must have a unit, got the string '50'; pass Size.gibibytes\(50\)",
        ),
        ({"max_runtime": "600"}, r"max_runtime must have a unit, .*; pass Duration.seconds\(600\)"),
        ({"vpc_subnets": "subnet-1"}, r"ec2.Subnet.from_subnet_id\(self, 'Subnet', 'subnet-1'\)"),
        ({"security_groups": ["sg-1"]}, r"pass ec2.SecurityGroup.from_security_group_id\(self, 'Group', 'sg-1'\)"),
    ],
)
def test_a_text_is_told_with_what_it_is_most_likely_meant_for(stack: Stack, props: dict[str, Any], said: str) -> None:
    with pytest.raises(ml.InvalidPropsError, match=said):
        ml.ProcessingJob(stack, "Job", image=ml.ContainerImage.from_registry(ECR_IMAGE), **props)


ECR_IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/churn:1"
