"""Random edits of random workflows: after each, the jobs that run are those of a model of what must run, and no others.

The model knows nothing of markers and of JSONata: the key of a job is the text of everything that it reads, and a job that has
succeeded with a key does not run with it again.
"""

from __future__ import annotations

import random
import string
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml
from constructs_ml.lint.cdk.plugin import WorkflowChecks
from constructs_ml.testing import SimulatedObjects, fails, simulate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from constructs import Construct

    from constructs_ml.testing import Execution

JOBS, EDITS = 10, 20
JSONPATH, JSONATA = sfn.QueryLanguage.JSON_PATH, sfn.QueryLanguage.JSONATA
INPUTS = ("a", "b", "c")
OBJECT = "data/{input}/"
HOST = "111122223333.dkr.ecr.us-east-1.amazonaws.com"


# The workflow that is edited.


@dataclass
class Job:
    """A job of the drawn workflow.

    Attributes:
        name: Its name.
        kind: ``processing``, ``training`` or ``transform``.
        reads: The jobs that it reads from.
        inputs: The inputs from outside.
        cached: Whether it has a cache.
        by_cause: Whether its retries go by cause.
        settings: Its settings: the hyperparameter, the argument or the environment variable, the image and the code.
        of_run: Whether one setting is a value of the execution's input.
        place: The construct that it is in: a Map, or nothing.
    """

    name: str
    kind: str
    reads: list[str]
    inputs: list[str]
    cached: bool
    by_cause: bool
    settings: dict[str, Any]
    of_run: bool
    place: str = ""


@dataclass
class World:
    """A workflow, its data and the input of its executions."""

    language: sfn.QueryLanguage
    shape: str
    jobs: list[Job]
    objects: dict[str, bytes]
    given: dict[str, Any]
    code: dict[str, str] = field(default_factory=dict)

    def job(self, name: str) -> Job:
        return next(job for job in self.jobs if job.name == name)


def draw(chance: random.Random) -> World:
    """A workflow of ten jobs, of which two are in a Map and two in a distributed Map."""
    jobs: list[Job] = []
    for at in range(JOBS):
        place = "Each" if at in (3, 4) else "Every" if at in (6, 7) else ""
        # What is outside of a Map is not handed into it, and iterations have places that are known to them alone.
        before = [job for job in jobs if job.place == place]
        kind = "processing" if at == 0 else chance.choice(["processing", "training", "transform"])
        most = 1 if kind == "transform" else 2
        reads = chance.sample(before, min(len(before), chance.randint(0, most)))
        inputs = chance.sample(INPUTS, 1 if not reads else 0 if kind == "transform" else chance.randint(0, 1))
        settings = {"value": str(chance.randint(1, 9)), "image": chance.choice("01"), "code": ""}
        job = Job(
            name=f"J{at}",
            kind=kind,
            reads=[each.name for each in reads],
            inputs=inputs,
            cached=chance.random() > 0.2,
            by_cause=chance.random() < 0.4,
            settings=settings,
            of_run=chance.random() < 0.3,
            place=place,
        )
        jobs.append(job)
    objects = {f"s3://data/{name}/{at}.csv": bytes([chance.randrange(256)]) * 3 for name in INPUTS for at in range(3)}
    given = {
        "value": "1",
        **{place: [{"item": str(at)} for at in range(2)] for place in ("Each", "Every")},
    }
    return World(chance.choice([JSONPATH, JSONATA]), chance.choice(["chain", "parallel", "data"]), jobs, objects, given)


class Built:
    """The stack of a workflow."""

    def __init__(self, world: World, folder: Path, shape: str = "") -> None:
        self.world, self.folder, self.shape = world, folder, shape or world.shape
        self.stack = Stack(App(analytics_reporting=False), "Census")
        ml.JobDefaults(query_language=world.language).apply_to(self.stack)
        self.jsonata = world.language is JSONATA
        self.states: dict[str, Any] = {}
        self.maps = {place: self._map(place) for place in ("Each", "Every")}
        for job in world.jobs:
            self.states[job.name] = self._job(job)
        for place, around in self.maps.items():
            inside = [self.states[job.name] for job in world.jobs if job.place == place]
            around.item_processor(inside[0].next(inside[1]))
        self.workflow = self._workflow()

    def _map(self, place: str) -> Any:
        kind = ml.Map if place == "Each" else ml.DistributedMap
        given = "$states.context.Execution.Input"
        if self.jsonata:
            items = sfn.ProvideItems.jsonata(f"{{% {given}.{place} %}}")
            selector = {"item": "{% $states.context.Map.Item.Value.item %}", "value": "{% $states.input.value %}"}
            selector["fresh"] = f"{{% $exists({given}.fresh) ? {given}.fresh : false %}}"
            props: dict[str, Any] = {"items": items, "outputs": "{% $states.input %}"}
        else:
            selector = {
                "item": sfn.JsonPath.string_at("$$.Map.Item.Value.item"),
                "value": sfn.JsonPath.string_at("$.value"),
                "fresh": sfn.JsonPath.object_at("$.fresh"),
            }
            props = {"items_path": f"$.{place}", "result_path": sfn.JsonPath.DISCARD}
        return kind(self.stack, place, item_selector=selector, query_language=self.world.language, **props)

    def _value(self, member: str) -> str:
        return f"{{% $states.input.{member} %}}" if self.jsonata else sfn.JsonPath.string_at(f"$.{member}")

    def _job(self, job: Job) -> Any:
        scope: Construct = self.maps.get(job.place, self.stack)
        values = {"v": job.settings["value"]}
        if job.of_run:
            values["w"] = self._value("value")
        if job.place:
            values["item"] = self._value("item")
        image = ml.ContainerImage.from_registry(f"{HOST}/a@sha256:{job.settings['image'] * 64}")
        props: dict[str, Any] = {
            "cache": ml.Cache() if job.cached else None,
            "retry": ml.RetryPolicy.by_cause() if job.by_cause else ml.RetryPolicy.default(),
        }
        data = {each: self._output(each) for each in job.reads} | {each: f"s3://data/{each}/" for each in job.inputs}
        if job.kind == "transform":
            (source,) = data.values()
            model = "-".join(f"{name}-{value}" for name, value in values.items() if name == "v")
            extra = {name: value for name, value in values.items() if name != "v"}
            return ml.TransformJob(scope, job.name, model=f"m-{model}", data=source, environment=extra, **props)
        code = ml.Code.from_asset(self._script(job))
        if job.kind == "training":
            return ml.TrainingJob(
                scope, job.name, image=image, code=code, channels=data, hyperparameters=values, **props
            )
        arguments = [text for name, value in values.items() for text in (f"--{name}", value)]
        return ml.ProcessingJob(
            scope, job.name, image=image, code=code, inputs=data, outputs=["out"], arguments=arguments, **props
        )

    def _script(self, job: Job) -> Path:
        path = self.folder / job.name / "main.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"# {job.settings['code']}\n")
        return path

    def _output(self, name: str) -> ml.S3Data:
        state = self.states[name]
        kind = self.world.job(name).kind
        if kind == "processing":
            return state.output("out")  # type: ignore[no-any-return]
        return state.model_artifacts if kind == "training" else state.output_location  # type: ignore[no-any-return]

    def _workflow(self) -> ml.Workflow:
        outer = [self.states[job.name] for job in self.world.jobs if not job.place]
        steps = [*outer[:3], self.maps["Each"], *outer[3:4], self.maps["Every"], *outer[4:]]
        language = self.world.language
        if self.shape == "data":
            return ml.Workflow.from_jobs(self.stack, "W", jobs=steps, query_language=language)
        if self.shape == "parallel":
            result = {"outputs": "{% $states.input %}"} if self.jsonata else {"result_path": sfn.JsonPath.DISCARD}
            both: Any = sfn.Parallel(self.stack, "Both", query_language=language, **result)
            both.branch(self.maps["Each"], self.maps["Every"])
            steps = [*outer[:3], both, *outer[3:]]
        chain: Any = sfn.Chain.start(steps[0])
        for step in steps[1:]:
            chain = chain.next(step)
        return ml.Workflow(self.stack, "W", definition=chain, query_language=language)


# What must run.


class Model:
    """The jobs that must run, by the keys of those that have succeeded."""

    def __init__(self) -> None:
        self.made: set[str] = set()
        self._runs = 0

    def runs(self, world: World, fresh: Any, failing: str = "") -> Counter[str]:
        """The jobs that run in the next execution, with how often.

        Args:
            world: The workflow.
            fresh: The jobs that are asked to run anew.
            failing: The job that fails, and that the execution ends with.
        """
        self._runs += 1
        found: Counter[str] = Counter()
        for job in world.jobs:
            for item in world.given[job.place] if job.place else [{"item": ""}]:
                key = self._key(world, job, item["item"])
                asked = fresh is True or (isinstance(fresh, list) and job.name in fresh)
                if key in self.made and not asked:
                    continue
                found[job.name] += 1
                if job.name == failing:
                    return found
                if job.cached:
                    self.made.add(key)
        return found

    def _key(self, world: World, job: Job, item: str) -> str:
        """All that decides the job's result, as a text."""
        parts = {name: value for name, value in job.settings.items() if job.kind != "transform" or name == "value"}
        read = [self._key(world, world.job(name), item) for name in job.reads]
        listed = [
            sorted(
                (uri.removeprefix(f"s3://data/{name}/"), text)
                for uri, text in world.objects.items()
                if uri.startswith(f"s3://data/{name}/")
            )
            for name in job.inputs
        ]
        of_run = world.given["value"] if job.of_run else ""
        # What an uncached job writes is new in every execution.
        new = "" if job.cached else self._runs
        return repr((job.name, parts, read, list(zip(job.inputs, listed, strict=True)), of_run, item, new))


# Edits.


Edit = tuple[str, Any, str]
"""The edit, as a text; the ``fresh`` of the next execution's input; the job that fails in it."""


def edits(world: World, chance: random.Random) -> Iterator[Edit]:
    """Edit a workflow, again and again; each kind of edit comes up once in twenty."""
    kinds: list[Callable[[], Edit]] = [
        lambda: _byte(world, chance),
        lambda: _added(world, chance),
        lambda: _removed(world, chance),
        lambda: _renamed(world, chance),
        lambda: _of_run(world, chance),
        *[lambda setting=setting: _setting(world, chance, setting) for setting in ("value", "code", "image")] * 2,
        lambda: _item(world, chance),
        lambda: _failed(world, chance),
        lambda: _failed(world, chance),
        lambda: ("nothing", False, ""),
        lambda: ("all anew", True, ""),
        lambda: _fresh(world, chance),
    ]
    order = [*kinds, *chance.choices(kinds, k=EDITS - len(kinds))]
    chance.shuffle(order)
    for edit in order:
        yield edit()


def _byte(world: World, chance: random.Random) -> Edit:
    uri = chance.choice(sorted(world.objects))
    content = bytearray(world.objects[uri])
    content[-1] ^= 1 << chance.randrange(8)
    world.objects[uri] = bytes(content)
    return f"a byte of {uri}", False, ""


def _added(world: World, chance: random.Random) -> Edit:
    name = "".join(chance.choices(string.ascii_letters + " '\"ü/", k=6))
    uri = f"s3://data/{chance.choice(INPUTS)}/x{name}"
    world.objects[uri] = b"new"
    return f"{uri} is new", False, ""


def _removed(world: World, chance: random.Random) -> Edit:
    uri = chance.choice(sorted(world.objects))
    del world.objects[uri]
    return f"{uri} is gone", False, ""


def _renamed(world: World, chance: random.Random) -> Edit:
    uri = chance.choice(sorted(world.objects))
    world.objects[f"{uri}_"] = world.objects.pop(uri)
    return f"{uri} is renamed", False, ""


def _of_run(world: World, chance: random.Random) -> Edit:
    # Sometimes a value that was there before.
    world.given["value"] = str(chance.randint(1, 3))
    return f"the execution's value is {world.given['value']}", False, ""


def _setting(world: World, chance: random.Random, setting: str) -> Edit:
    job = chance.choice(world.jobs)
    job.settings[setting] = chance.choice("0123456789") if setting == "image" else f"{chance.randint(1, 99)}"
    return f"{setting} of {job.name}", False, ""


def _item(world: World, chance: random.Random) -> Edit:
    """Another item in the place of one, and another number of them; two that are the same may miss at once."""
    items = world.given[chance.choice(["Each", "Every"])]
    items[:] = [{"item": item} for item in chance.sample("12345", chance.randint(1, 3))]
    return f"the items {items}", False, ""


def _failed(world: World, chance: random.Random) -> Edit:
    """A job fails after it has written files; the execution after it is that of the next edit."""
    job = chance.choice([job for job in world.jobs if not job.place])
    job.settings["value"] = f"{chance.randint(100, 10**6)}"
    return f"{job.name} fails", False, job.name


def _fresh(world: World, chance: random.Random) -> Edit:
    names = sorted(job.name for job in chance.sample(world.jobs, 3))
    return f"{names} anew", names, ""


# The comparison.


def run(built: Built, store: SimulatedObjects, fresh: Any, failing: str) -> Execution:
    """One execution, with the data as it is now."""
    world = built.world
    for uri in store.under("s3://data/"):
        del store[uri]
    for uri, content in world.objects.items():
        store[uri] = content
    return simulate(
        built.workflow, script_of(world, store, failing), input={**world.given, "fresh": fresh}, objects=store
    )


def script_of(world: World, store: SimulatedObjects, failing: str) -> dict[str, Any]:
    """A job that fails leaves files where its outputs would be."""
    if not failing:
        return {}
    kind = world.job(failing).kind

    def leaves(request: dict[str, Any], _attempt: int) -> Any:
        place = {
            "processing": lambda: request["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"],
            "training": lambda: request["OutputDataConfig"]["S3OutputPath"],
            "transform": lambda: request["TransformOutput"]["S3OutputPath"],
        }[kind]()
        store[f"{place.rstrip('/')}/left over.csv"] = "half"
        return fails("AlgorithmError: half of it is written")

    return {failing: leaves}


def ran(world: World, execution: Execution) -> Counter[str]:
    return Counter({job.name: count for job in world.jobs if (count := execution.attempts(job.name))})


QUICK = (0, 1)


@pytest.mark.parametrize("seed", [*QUICK, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 32))])
def test_what_must_run_runs_and_nothing_else(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty edits in a row of ten jobs, after each of which the jobs that run are those of the model."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    world, model, store = draw(chance), Model(), SimulatedObjects()
    built = Built(world, tmp_path)
    history = ["the first execution"]
    expected = model.runs(world, fresh=False)
    assert sum(expected.values()) == JOBS + 4
    assert ran(world, run(built, store, fresh=False, failing="")) == expected
    # The checks have seen the workflow; with other settings they would see the same.
    monkeypatch.setattr(WorkflowChecks, "findings", lambda *_: [])
    for edit, fresh, failing in edits(world, chance):
        history.append(edit)
        # One after another, so that it is known what has run before a job that fails: order is in no key.
        shape = "chain" if failing else world.shape
        if " of J" in edit or failing or built.shape != shape:
            built = Built(world, tmp_path, shape)
        execution = run(built, store, fresh, failing)
        assert execution.status == ("FAILED" if failing else "SUCCEEDED"), (history, execution.cause)
        must, did = model.runs(world, fresh, failing), ran(world, execution)
        assert did == must, (history, [execution.paths(name) for name in (must - did) + (did - must)])
        assert "left over" not in "".join(str(execution.requests(job.name)) for job in world.jobs)
