"""Workflows with cached jobs, and what befalls them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from aws_cdk import App, Duration, Stack
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml
from constructs_ml.testing import SimulatedObjects, capacity, fails, raises
from constructs_ml.testing.objects import START

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

IMAGE = ml.ContainerImage.from_registry(f"111122223333.dkr.ecr.us-east-1.amazonaws.com/a@sha256:{'0' * 64}")
PLACES = ("alone", "map", "distributed", "parallel")
"""Where the jobs are."""


def template_of(place: str, outdir: str, *, jsonata: bool, by_cause: bool) -> Mapping[str, Any]:
    """The template of two cached jobs, of which one reads what the other has written."""
    app = App(analytics_reporting=False, outdir=outdir)
    stack = Stack(app, "Census")
    language = sfn.QueryLanguage.JSONATA if jsonata else sfn.QueryLanguage.JSON_PATH
    ml.JobDefaults(
        cache=ml.Cache(expires=Duration.days(30)),
        retry=ml.RetryPolicy.by_cause() if by_cause else ml.RetryPolicy.default(),
        query_language=language,
    ).apply_to(stack)
    depth: Any = (
        "{% $states.context.Execution.Input.depth %}" if jsonata else sfn.JsonPath.string_at("$$.Execution.Input.depth")
    )
    prepare = ml.ProcessingJob(
        stack, "Prepare", image=IMAGE, inputs={"raw": "s3://data/raw/"}, outputs=["table"], environment={"DEPTH": depth}
    )
    train = ml.TrainingJob(stack, "Train", image=IMAGE, channels={"train": prepare.output("table")})
    jobs = prepare.next(train)
    definition: Any = jobs
    if place == "parallel":
        other = ml.TrainingJob(stack, "Other", image=IMAGE, channels={"train": "s3://data/raw/"})
        parallel = sfn.Parallel.jsonata(stack, "Both") if jsonata else sfn.Parallel(stack, "Both")
        definition = parallel.branch(jobs).branch(other)
    elif place != "alone":
        kind = ml.Map if place == "map" else ml.DistributedMap
        items: Any = (
            {
                "items": sfn.ProvideItems.jsonata("{% $states.context.Execution.Input.parts %}"),
                "query_language": language,
            }
            if jsonata
            else {"items_path": "$.parts"}
        )
        definition = kind(stack, "Each", **items).item_processor(jobs)
    ml.Workflow(stack, "W", definition=definition, query_language=language)
    found: Mapping[str, Any] = app.synth().stacks[0].template
    return found


@dataclass(frozen=True)
class Event:
    """What befalls a workflow after it has run once.

    Attributes:
        name: Its name.
        change: What happens to the objects before it runs again.
        given: The members of the second execution's input that are others; None for none.
        script: The outcomes of its calls.
        later: The days between the executions.
        steps: The steps that the jobs must take.
    """

    name: str
    steps: frozenset[str]
    change: Callable[[SimulatedObjects], object] = lambda objects: objects
    given: Mapping[str, Any] = field(default_factory=dict)
    script: Callable[[SimulatedObjects], Mapping[str, Any]] = lambda _: {}
    later: int = 1

    @property
    def start(self) -> datetime:
        """When it runs again."""
        return START + timedelta(days=self.later)


def given_to(place: str, event: Event | None = None) -> dict[str, Any]:
    """The input of an execution; a distributed Map's iterations have their items for theirs."""
    changed = {"depth": "3", **(event.given if event else {})}
    given = {name: value for name, value in changed.items() if value is not None}
    return {**given, "parts": [given if place == "distributed" else {"id": 1}]}


def objects() -> SimulatedObjects:
    """The data."""
    return SimulatedObjects({f"s3://data/raw/{name}.csv": name for name in "ab"})


def markers(found: SimulatedObjects, job: str = "") -> list[str]:
    """The markers."""
    return [uri for uri in found if "/cache/" in uri and f"/{job}" in uri and uri.endswith(".json")]


def _spoil(found: SimulatedObjects) -> None:
    for uri in markers(found):
        found[uri] = "{"


def _lose_markers(found: SimulatedObjects) -> None:
    for uri in markers(found):
        del found[uri]


def _lose_outputs(found: SimulatedObjects) -> None:
    for uri in list(found):
        if "/cache/" in uri and not uri.endswith(".json"):
            del found[uri]


def _many(found: SimulatedObjects) -> None:
    found.update({f"s3://data/raw/{number:03}.csv": b"" for number in range(450)})


def _conflict(found: SimulatedObjects) -> Mapping[str, Any]:
    kept = {uri: found[uri] for uri in markers(found, "Prepare/")}
    _lose_markers(found)
    return {"Prepare": lambda *_: [found.write(uri, content) for uri, content in kept.items()] and None}


def events() -> Iterator[Event]:
    """All of them."""
    ran, hit = frozenset({"look up", "run"}), frozenset({"look up", "outputs"})
    miss = ran | {"record"}
    yield Event("a hit", hit)
    yield Event("a miss", miss, lambda found: found.update({"s3://data/raw/a.csv": "c"}))
    yield Event("an expired marker", miss | {"again"}, later=31)
    yield Event("an unreadable marker", miss | {"again"}, _spoil)
    yield Event("outputs that are gone", hit | miss | {"again"}, _lose_outputs)
    yield Event("several pages", miss | {"page inputs.raw", "last inputs.raw"}, _many)
    yield Event("a conflict", miss | {"winner"}, script=_conflict)
    refused = raises("S3.S3Exception", "Access Denied", times=10)
    yield Event(
        "a marker that cannot be written",
        miss | {"winner", "unrecorded"},
        _lose_markers,
        script=lambda _: {"Prepare: record": refused},
    )
    yield Event("all fresh", miss | {"again"}, given={"fresh": True})
    yield Event("one fresh", miss | hit | {"again"}, given={"fresh": ["Train"]})
    yield Event("another value", miss, given={"depth": "7"})
    yield Event("no value", frozenset({"list inputs.raw"}), given={"depth": None})
    yield Event(
        "a job that fails", ran, _lose_markers, script=lambda _: {"Prepare": fails("AlgorithmError: no rows", times=9)}
    )
    yield Event("a retry", ran, _lose_markers, script=lambda _: {"Prepare": [capacity(1)]})
