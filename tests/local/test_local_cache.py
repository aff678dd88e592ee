"""Cached jobs with real scripts, and with IAM enforced: races, forged markers, and random edits whose outputs are compared."""

from __future__ import annotations

import hashlib
import io
import json
import random
import re
import tarfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, CfnOutput, Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from botocore.exceptions import ClientError

import constructs_ml as ml
from constructs_ml.local import LocalAws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.local import Deployment, Execution

pytestmark = pytest.mark.local

IMAGE = ml.ContainerImage.sklearn("1.2-1")
MAIN = """
import hashlib, os, pathlib, sys, time, uuid
name, value = (os.environ["SM_HP_NAME"], os.environ["SM_HP_VALUE"]) if "SM_MODEL_DIR" in os.environ else sys.argv[1:3]
if "SM_MODEL_DIR" in os.environ:
    root, out = pathlib.Path(os.environ["SM_INPUT_DIR"], "data"), pathlib.Path(os.environ["SM_MODEL_DIR"])
else:
    root, out = pathlib.Path("/opt/ml/processing/input"), pathlib.Path("/opt/ml/processing/output/out")
files = sorted((path.relative_to(root).as_posix(), path) for path in root.rglob("*") if path.is_file())
read = [(file, path.read_text()) for file, path in files if not file.startswith("code/")]
(out / "digest.txt").write_text(hashlib.sha256(repr((name, value, read)).encode()).hexdigest())
if value == "race":
    mine = uuid.uuid4().hex
    for _ in range(3):
        (out / (uuid.uuid4().hex + ".txt")).write_text(mine)
    time.sleep(3)
if value == "bad":
    sys.exit("bad value")
"""
INPUTS = ("a", "b")
INSIDE = ("J3", "J4")


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with LocalAws() as running:
        yield running


class World:
    """Ten jobs in an order that follows from their data, two of them in a Map; all that can change is the execution's input.

    Args:
        chance: What draws them.
        folder: Where the app is.
        name: The name of the stack.
    """

    def __init__(self, chance: random.Random, folder: Path, name: str) -> None:
        self.reads: dict[str, list[str]] = {"J0": []}
        for at in range(1, 10):
            before = ["J3"] if at == 4 else [] if at == 3 else [job for job in self.reads if job not in INSIDE]
            self.reads[f"J{at}"] = chance.sample(before, min(len(before), chance.randint(0, 2)))
        read = {job for jobs in self.reads.values() for job in jobs}
        self.trained = {job for job in self.reads if job not in read and chance.random() < 0.6}
        self.inputs = {job: chance.choice(INPUTS) if not reads else "" for job, reads in self.reads.items()}
        self.uncached = chance.choice([job for job in self.reads if job not in INSIDE])
        self.objects = {name: {f"{at}.csv": str(at) for at in range(2)} for name in INPUTS}
        self.given: dict[str, Any] = {"values": dict.fromkeys(self.reads, "1"), "items": [{"item": "x"}, {"item": "y"}]}
        self.folder, self.name = folder, name
        self.by_cause = set(chance.sample(sorted(self.reads), 3))
        self.language = chance.choice([sfn.QueryLanguage.JSON_PATH, sfn.QueryLanguage.JSONATA])

    def deploy(self, aws: LocalAws) -> Deployment:
        """Deploy it."""
        (self.folder / "main.py").write_text(MAIN)
        context = {"aws:cdk:enable-path-metadata": True}
        app = App(outdir=str(self.folder / "cdk.out"), analytics_reporting=False, context=context)
        stack = Stack(app, self.name)
        ml.JobDefaults(query_language=self.language).apply_to(stack)
        bucket = s3.Bucket(stack, "Data")
        CfnOutput(stack, "DataName", value=bucket.bucket_name)
        code = ml.Code.from_asset(self.folder / "main.py")
        jsonata = self.language is sfn.QueryLanguage.JSONATA

        def value(path: str) -> str:
            return f"{{% $states.input.{path} %}}" if jsonata else sfn.JsonPath.string_at(f"$.{path}")

        paths = {"values": "$$.Map.Item.Value.values", "item": "$$.Map.Item.Value.item"}
        if jsonata:
            props: dict[str, Any] = {
                "items": sfn.ProvideItems.jsonata("{% $states.input.items %}"),
                "outputs": "{% $states.input %}",
                "item_selector": {
                    "values": "{% $states.input.values %}",
                    "item": "{% $states.context.Map.Item.Value.item %}",
                },
            }
        else:
            props = {
                "items_path": "$.items",
                "result_path": sfn.JsonPath.DISCARD,
                "item_selector": {
                    "values": sfn.JsonPath.object_at("$.values"),
                    "item": sfn.JsonPath.string_at(paths["item"]),
                },
            }
        each = ml.Map(stack, "Each", query_language=self.language, **props)
        states: dict[str, Any] = {}
        for job, reads in self.reads.items():
            scope: Any = each if job in INSIDE else stack
            data: dict[str, Any] = {other: states[other].output("out") for other in reads}
            if self.inputs[job]:
                data["raw"] = ml.S3Data.from_bucket(bucket, f"{self.inputs[job]}/")
            text = f"{value(f'values.{job}')}{value('item')}" if job in INSIDE else value(f"values.{job}")
            common: dict[str, Any] = {
                "image": IMAGE,
                "code": code,
                "cache": False if job == self.uncached else ml.Cache(),
                "retry": ml.RetryPolicy.by_cause() if job in self.by_cause else ml.RetryPolicy.default(),
            }
            if job in self.trained:
                settings = {"name": job, "value": text}
                states[job] = ml.TrainingJob(scope, job, channels=data, hyperparameters=settings, **common)
            else:
                given = {"inputs": data, "outputs": ["out"], "arguments": [job, text]}
                states[job] = ml.ProcessingJob(scope, job, **given, **common)
        each.item_processor(states["J3"].next(states["J4"]))
        jobs = [each, *(state for job, state in states.items() if job not in INSIDE)]
        ml.Workflow.from_jobs(stack, "Workflow", jobs=jobs, query_language=self.language)
        return aws.deploy(Path(app.synth().directory), self.name)

    def written(self, job: str, item: str = "") -> str:
        """What a job writes: a digest of what it is given."""
        read = [(f"{other}/digest.txt", self.written(other, item)) for other in self.reads[job]]
        if self.inputs[job]:
            read += [(f"raw/{name}", text) for name, text in self.objects[self.inputs[job]].items()]
        value = self.given["values"][job] + item
        return hashlib.sha256(repr((job, value, sorted(read))).encode()).hexdigest()

    def must_run(self, made: set[str], fresh: Any) -> Counter[str]:
        """The jobs that must run, by what has been written before; digests stand for all that a job is given."""
        found: Counter[str] = Counter()
        for job in self.reads:
            for item in [each["item"] for each in self.given["items"]] if job in INSIDE else [""]:
                written = self.written(job, item)
                # The same bytes are the same key, though an uncached job has written them: ETags say so.
                if job == self.uncached or written not in made or fresh is True or (fresh and job in fresh):
                    found[job] += 1
                made.add(written)
        return found


def edit(world: World, chance: random.Random, kind: str) -> Any:
    """Edit the data or the input; the ``fresh`` of the next execution is returned."""
    objects = world.objects[chance.choice(INPUTS)]
    name = chance.choice(sorted(objects)) if objects else ""
    if kind == "byte" and name:
        objects[name] += "!"
    elif kind == "added":
        objects[f"new {chance.randrange(100)} ü.csv"] = "new"
    elif kind == "removed" and len(objects) > 1:
        del objects[name]
    elif kind == "renamed" and name:
        objects[f"{name}_"] = objects.pop(name)
    elif kind == "value":
        world.given["values"][chance.choice(sorted(world.reads))] = str(chance.randint(1, 3))
    elif kind == "item":
        world.given["items"] = [{"item": item} for item in chance.sample("xyzw", 2)]
    elif kind == "all anew":
        return True
    elif kind == "anew":
        return chance.sample(sorted(world.reads), 2)
    return []


def store(aws: LocalAws, deployment: Deployment, world: World) -> None:
    """Upload the data as it is now."""
    client, bucket = aws.client("s3"), deployment.outputs["DataName"]
    for found in client.list_objects_v2(Bucket=bucket).get("Contents", []):
        client.delete_object(Bucket=bucket, Key=found["Key"])
    for name, objects in world.objects.items():
        for key, text in objects.items():
            client.put_object(Bucket=bucket, Key=f"{name}/{key}", Body=text.encode())


def started(aws: LocalAws, since: int) -> Counter[str]:
    """The jobs that have been started, by the names of their states."""
    names = [re.search(r"-(J\d)", record.name) for record in aws.jobs[since:]]
    return Counter(found[1] for found in names if found)


def files(aws: LocalAws, place: str) -> dict[str, bytes]:
    """What is at a place, by the names below it; of a model the files in its archive."""
    client = aws.client("s3")
    bucket, _, prefix = place.removeprefix("s3://").partition("/")
    found = {}
    for entry in client.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", []):
        body = client.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
        if entry["Key"].endswith("model.tar.gz"):
            with tarfile.open(fileobj=io.BytesIO(body)) as archive:
                for member in archive.getmembers():
                    if (file := archive.extractfile(member)) is not None:
                        found[member.name.removeprefix("./")] = file.read()
        else:
            found[entry["Key"].removeprefix(prefix).removeprefix("out/")] = body
    return found


KINDS = ["byte", "added", "removed", "renamed", "value", "value", "item", "anew", "all anew", "nothing"]


@pytest.mark.parametrize("seed", [pytest.param(seed, marks=pytest.mark.long) for seed in range(2)])
def test_what_must_run_runs_and_writes_what_it_would(seed: int, aws: LocalAws, tmp_path: Path) -> None:
    """Twenty edits: the jobs that run are those of a model, and all outputs are byte for byte those of a run."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    world = World(chance, tmp_path, f"Edited{seed}")
    deployment = world.deploy(aws)
    made: set[str] = set()
    kinds = ["first", *chance.sample(KINDS * 2, 20)]
    for at, kind in enumerate(kinds):
        fresh = edit(world, chance, kind)
        store(aws, deployment, world)
        since = len(aws.jobs)
        execution = deployment.start({**world.given, "fresh": fresh}).wait(240)
        assert execution.status == "SUCCEEDED", (kinds[: at + 1], execution.error, execution.cause)
        assert started(aws, since) == world.must_run(made, fresh), (kinds[: at + 1], world.uncached)
        for job in world.reads:
            cache = execution.output.get(job, {}).get("Cache")
            if cache is not None:
                assert files(aws, cache["Place"]) == {"digest.txt": world.written(job).encode()}, (kinds[: at + 1], job)


# Races and forgery.


@pytest.fixture(scope="module")
def racing(aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """A job that takes three seconds and writes files of random names, and one that reads them."""
    folder = tmp_path_factory.mktemp("racing")
    (folder / "main.py").write_text(MAIN)
    app = App(outdir=str(folder / "cdk.out"), analytics_reporting=False, context={"aws:cdk:enable-path-metadata": True})
    stack = Stack(app, "Racing")
    code = ml.Code.from_asset(folder / "main.py")
    common: dict[str, Any] = {"image": IMAGE, "code": code, "outputs": ["out"], "cache": ml.Cache()}
    write = ml.ProcessingJob(stack, "J1", arguments=["J1", sfn.JsonPath.string_at("$.value")], inputs={}, **common)
    read = ml.ProcessingJob(stack, "J2", arguments=["J2", "1"], inputs={"in": write.output("out")}, **common)
    ml.Workflow(stack, "Workflow", definition=write.next(read))
    return aws.deploy(Path(app.synth().directory), "Racing")


def succeeded(execution: Execution) -> Any:
    assert execution.status == "SUCCEEDED", (execution.error, execution.cause)
    return execution.output


def test_two_executions_that_miss_at_once(aws: LocalAws, racing: Deployment) -> None:
    """Both run the job, and both hand on the result of one: all files of that attempt, and none of the other's."""
    since = len(aws.jobs)
    running = [racing.start({"value": "race"}) for _ in range(2)]
    first, second = (succeeded(execution.wait(120)) for execution in running)
    assert started(aws, since)["J1"] == 2
    assert first["J1"] == second["J1"]
    assert first["J2"]["Cache"] == second["J2"]["Cache"]
    found = files(aws, first["J1"]["Cache"]["Place"])
    written = {text for name, text in found.items() if name != "digest.txt"}
    assert (len(found), len(written)) == (4, 1)
    since = len(aws.jobs)
    third = succeeded(racing.start({"value": "race"}).wait(120))
    assert started(aws, since) == {}
    assert third["J1"] == first["J1"]


def test_a_job_that_fails_leaves_no_marker(aws: LocalAws, racing: Deployment) -> None:
    """The execution after it runs the job again."""
    for _ in range(2):
        since = len(aws.jobs)
        assert racing.start({"value": "bad"}).wait(120).status == "FAILED"
        assert started(aws, since) == {"J1": 1}


def test_the_role_of_jobs_cannot_forge_a_marker(aws: LocalAws, racing: Deployment) -> None:
    """Neither write, overwrite nor delete one, with the credentials that a job has."""
    succeeded(racing.start({"value": "forged"}).wait(120))
    client = aws.client("s3")
    (bucket,) = [physical for path, physical in racing.paths.items() if "Artifacts" in path and "Policy" not in path][
        :1
    ]
    keys = [entry["Key"] for entry in client.list_objects_v2(Bucket=bucket, Prefix="cache/")["Contents"]]
    assert keys
    arns = {record.request["RoleArn"] for record in aws.jobs}
    assert arns
    body = json.dumps({"version": 1}).encode()
    for arn in arns:
        forger = aws.client_for_role(arn, "s3")
        calls = [
            lambda key, forger=forger: forger.put_object(Bucket=bucket, Key=key, Body=body),
            lambda key, forger=forger: forger.delete_object(Bucket=bucket, Key=key),
        ]
        for call in calls:
            for key in [keys[0], keys[0].replace(".json", "0.json")]:
                with pytest.raises(ClientError, match="AccessDenied"):
                    call(key)
    since = len(aws.jobs)
    succeeded(racing.start({"value": "forged"}).wait(120))
    assert started(aws, since) == {}
