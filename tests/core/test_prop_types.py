"""Props of the wrong kind, as who does not run a type checker passes them, are clear errors too."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration
from support.each import each
from support.full_hosting import FULL as HOSTING
from support.full_jobs import FULL as JOBS
from support.full_registry import FULL as REGISTRY
from support.full_world import KEY, ROLE, World
from support.public import PUBLIC

import constructs_ml as ml
from constructs_ml.core.prop_kinds import ALIASES, LISTS, MAPPINGS, OPEN, PROTOCOLS, SCALARS, WHOLE
from constructs_ml.core.task import SageMakerTask
from constructs_ml.tasks.presets import spark_submit
from constructs_ml.tasks.processing import data as processing_data
from constructs_ml.tasks.registry import sources
from constructs_ml.tasks.training import channel
from constructs_ml.workflow.patterns import pipeline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_cdk import Stack

FULL = {**JOBS, **HOSTING, **REGISTRY}
URI = "s3://data/raw/"
IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1"

MESSAGES: list[tuple[dict[str, Any], str]] = [
    ({"max_runtime": 3600}, "max_runtime must be a Duration or a string, got int 3600; pass Duration.seconds(3600)"),
    ({"volume_size": 30}, "volume_size must be a Size or a string, got int 30; pass Size.gibibytes(30)"),
    (
        {"role": ROLE},
        f"role must be an iam.IRole, got str '{ROLE}'; pass iam.Role.from_role_arn(self, 'Role', '{ROLE}')",
    ),
    (
        {"output_key": KEY},
        f"output_key must be a kms.IKey, got str '{KEY}'; pass kms.Key.from_key_arn(self, 'Key', '{KEY}')",
    ),
    (
        {"image": IMAGE},
        f"image must be a ContainerImage, got str '{IMAGE}'; pass ContainerImage.from_registry('{IMAGE}')",
    ),
    ({"image": "sklearn"}, "image must be a ContainerImage, got str 'sklearn'; pass ContainerImage.sklearn(version)"),
    (
        {"image": "scikit-learn:1.2-1"},
        "image must be a ContainerImage, got str 'scikit-learn:1.2-1'; pass ContainerImage.sklearn('1.2-1')",
    ),
    ({"image": None}, "image is required, got None; pass ContainerImage.from_registry(...)"),
    (
        {"inputs": {"raw": "raw/"}},
        "inputs['raw'] must be an S3Data or a ProcessingInput, got str 'raw/'; pass 's3://bucket/prefix'",
    ),
    (
        {"inputs": {"raw": ml.ProcessingInput(source="raw/")}},  # type: ignore[arg-type]
        "inputs['raw'].source must be an S3Data or an AthenaDataset or a RedshiftDataset, got str 'raw/'",
    ),
    ({"inputs": [URI]}, f"inputs must be a mapping, got list ['{URI}']"),
    ({"outputs": "train"}, "outputs must be a list of strings or a mapping, got the string 'train'; pass ['train']"),
    ({"arguments": "--fast"}, "arguments must be a list of strings, got the string '--fast'; pass ['--fast']"),
    ({"environment": ["STAGE=prod"]}, "environment must be a mapping, got list ['STAGE=prod']"),
    ({"environment": {"N": 3}}, "environment['N'] must be a string, got int 3; pass '3'"),
    ({"security_groups": "sg-1"}, "security_groups must be a list, got the string 'sg-1'; pass ['sg-1']"),
    ({"code": "train.py"}, "code must be a Code, got str 'train.py'; pass Code.from_asset('train.py')"),
    ({"job_name": 7}, "job_name must be a string, got int 7; pass '7'"),
]


@pytest.mark.parametrize(("props", "message"), MESSAGES)
def test_the_message_has_the_kind_the_value_and_the_fix(stack: Stack, props: dict[str, Any], message: str) -> None:
    """Deep in other props too."""
    with pytest.raises(ml.InvalidPropsError) as caught:
        ml.ProcessingJob(stack, "Job", **{"image": ml.ContainerImage.from_registry("mine"), **props})
    assert str(caught.value).startswith(f"Census/Job: {message}")


def test_all_that_is_of_the_wrong_kind_is_told_at_once(stack: Stack) -> None:
    with pytest.raises(ml.InvalidPropsError) as caught:
        ml.ProcessingJob(stack, "Job", image="mine", code="code.py", inputs=[])  # type: ignore[arg-type]
    assert [fault.member for fault in caught.value.faults] == ["image", "code", "inputs"]


def test_defaults_of_the_wrong_kind(stack: Stack) -> None:
    """Where they are applied, not where a job takes them."""
    with pytest.raises(
        ml.InvalidPropsError, match=r"Census: max_runtime must be a Duration, got int 60; pass Duration"
    ):
        ml.JobDefaults(max_runtime=60).apply_to(stack)  # type: ignore[arg-type]


def test_what_is_known_only_later_stands_for_anything(stack: Stack) -> None:
    """Tokens, paths and expressions are texts and numbers, whatever they stand for."""
    job = ml.ProcessingJob(
        stack,
        "Job",
        image=ml.ContainerImage.from_registry("mine"),
        max_runtime=ml.execution_input("seconds"),
        network_isolation=ml.execution_input("isolated"),  # type: ignore[arg-type]
        arguments=(ml.execution_input("mode"), "--fast"),
        outputs={"train"},  # type: ignore[arg-type] # any collection of names does
    )
    assert job.request["StoppingCondition"]


def test_a_users_subclass_has_props_of_any_kind(stack: Stack) -> None:
    """Its own are its own; what it passes on is checked as ever."""

    class Mine(ml.ProcessingJob):
        """A job of the user's."""

        def __init__(self, scope: Any, construct_id: str, *, limit: Duration, **props: Any) -> None:
            super().__init__(scope, construct_id, image=ml.ContainerImage.from_registry("mine"), **props)
            self.limit = limit

    assert Mine(stack, "Job", limit=7).limit == 7  # type: ignore[arg-type, comparison-overlap]
    with pytest.raises(ml.InvalidPropsError, match="Census/Other: max_runtime must be a Duration"):
        Mine(stack, "Other", limit=Duration.hours(1), max_runtime=7)


# Each prop, and each member of what is passed for it ----------------------------------------------------------------

PLAIN: tuple[Any, ...] = (1, "text", ["item"], {"key": "value"})
Way = tuple[tuple[str, Any], ...]


def places(value: Any, way: Way = (), what: str = "") -> Iterator[tuple[Way, str]]:
    """The ways to all that stands in props, and what stands there: the same attribute of a class is the same."""
    inner: Iterator[tuple[str, Any, Any]] = iter(())
    if is_dataclass(value):
        what = type(value).__name__
        inner = (("attribute", field.name, getattr(value, field.name)) for field in fields(value))
    elif isinstance(value, dict):
        inner = (("entry", key, item) for key, item in value.items())
    elif isinstance(value, (list, tuple)):
        inner = (("item", at, item) for at, item in enumerate(value))
    for kind, key, item in inner:
        if item is not None:
            here = f"{what}.{key}" if kind == "attribute" or not way else f"{what}[]"
            yield (*way, (kind, key)), here
            yield from places(item, (*way, (kind, key)), here)


def put(value: Any, way: Way, new: Any) -> Any:
    """The same value with another at the end of a way."""
    if not way:
        return new
    (kind, key), *rest = way
    if kind == "attribute":
        return replace(value, **{key: put(getattr(value, key), tuple(rest), new)})
    if kind == "entry":
        return {**value, key: put(value[key], tuple(rest), new)}
    return type(value)(put(item, tuple(rest), new) if at == key else item for at, item in enumerate(value))


@cache
def full(operation: str) -> tuple[Any, list[dict[str, Any]]]:
    """Where constructs are defined, and the props that set everything."""
    from aws_cdk import App, Stack

    stack = Stack(App(analytics_reporting=False), operation)
    return stack, FULL[operation][1](World(stack))


@pytest.mark.parametrize("operation", list(FULL))
def test_plain_values_in_place_of_others_are_read_or_refused(operation: str) -> None:
    """Each at each place: the construct takes it, or says so of the prop. In one test a request, as most are taken."""
    stack, every = full(operation)
    node = stack.node
    seen = set()
    wrong = []
    for props in every:
        for way, what in places(props):
            if what in seen or what.startswith("Objects"):
                continue
            seen.add(what)
            for value in PLAIN:
                try:
                    FULL[operation][0](stack, "Job", **put(props, way, value))
                except ml.InvalidPropsError as error:
                    # What does not agree with another prop names both.
                    named = " ".join(f"{fault.member} {fault.problem}" for fault in error.faults)
                    if str(way[0][1]) not in named:
                        wrong.append((way, value, str(error)))
                node.try_remove_child("Job")
    assert wrong == []
    assert seen


# The annotations ------------------------------------------------------------------------------------------------------


RETURNED = {"Change", "Count", "Differences", "Metric", "Picture"}
"""Values that the library gives out: nobody passes their fields."""


def annotations() -> Iterator[tuple[str, str]]:
    """Of every prop, and every member of what is passed for props."""
    for name, exported in PUBLIC.items():
        if not inspect.isclass(exported):
            continue
        if issubclass(exported, SageMakerTask):
            own = exported.__init__.__annotations__
            yield from ((f"{name}.{key}", text) for key, text in own.items() if key not in {"props", "return", "scope"})
        elif is_dataclass(exported) and name not in RETURNED:
            yield from ((f"{name}.{field.name}", str(field.type)) for field in fields(exported))
        elif hasattr(exported, "__optional_keys__"):
            yield from ((f"{name}.{key}", ref.__forward_arg__) for key, ref in exported.__annotations__.items())


def names_in(annotation: str) -> set[str]:
    tree = ast.parse(annotation, mode="eval")
    dotted = {node.value.id for node in ast.walk(tree) if isinstance(node, ast.Attribute)}  # type: ignore[attr-defined]
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - dotted


def test_every_name_in_an_annotation_is_known() -> None:
    """A name that is neither a class nor in the tables would refuse all values: give a new alias a row in ALIASES."""
    known = {*ALIASES, *LISTS, *MAPPINGS, *OPEN, *PROTOCOLS, *SCALARS, WHOLE, "Literal", "Required", "type"}
    known |= {"Duration", "Environment", "Path", "RemovalPolicy", "Size"}
    classes = {cls.__name__ for cls in PUBLIC.values() if inspect.isclass(cls)}
    inner = {"FileSystemType", "Objects", "Retrier", "RegistryAccess", "S3DataType", "Severity"}

    found = {name for _, text in each(annotations()) for name in names_in(text)}

    assert found - known - classes - inner == set()


def test_the_aliases_are_those_of_the_modules() -> None:
    """They name the same."""
    modules = {
        "App": spark_submit,
        "Channels": channel,
        "Data": pipeline,
        "File": sources,
        "Inputs": processing_data,
        "Outputs": processing_data,
    }
    for name, module in modules.items():
        words = set(re.findall(r"\w+", str(getattr(module, name))))
        assert set(each(names_in(ALIASES[name]))) <= words, name
