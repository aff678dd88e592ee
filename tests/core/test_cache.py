"""The cache of a job as props: its key, what it refuses and what it warns of."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, Size, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk.assertions import Annotations, Match

import constructs_ml as ml
from constructs_ml.errors import InvalidPropsError
from constructs_ml.testing import SimulatedObjects, reports, simulate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from constructs import Construct

DIGEST = f"sha256:{'0' * 64}"
IMAGE = ml.ContainerImage.from_registry(f"111122223333.dkr.ecr.us-east-1.amazonaws.com/a@{DIGEST}")
OTHER_IMAGE = ml.ContainerImage.from_registry(f"111122223333.dkr.ecr.us-east-1.amazonaws.com/b@{DIGEST}")
KEY = "arn:aws:kms:us-east-1:111122223333:key/"
DATA = {"s3://data/raw/a.csv": "1", "s3://data/raw/b.csv": "2"}


def process(scope: Construct, name: str = "Prepare", **props: Any) -> ml.ProcessingJob:
    given: dict[str, Any] = {"image": IMAGE, "inputs": {"raw": "s3://data/raw/"}, "outputs": ["table"]}
    return ml.ProcessingJob(scope, name, **{**given, "cache": ml.Cache(), **props})


def train(scope: Construct, name: str = "Train", **props: Any) -> ml.TrainingJob:
    given: dict[str, Any] = {"image": IMAGE, "channels": {"train": "s3://data/raw/"}}
    return ml.TrainingJob(scope, name, **{**given, "cache": ml.Cache(), **props})


def transform(scope: Construct, name: str = "Score", **props: Any) -> ml.TransformJob:
    given: dict[str, Any] = {"model": "churn", "data": "s3://data/raw/"}
    return ml.TransformJob(scope, name, **{**given, "cache": ml.Cache(), **props})


def tune(scope: Construct, name: str = "Tune", **props: Any) -> ml.TuningJob:
    training: dict[str, Any] = {"image": IMAGE, "channels": {"train": "s3://data/raw/"}}
    of_trials = {field: props.pop(field) for field in ("image", "channels", "hyperparameters") if field in props}
    given: dict[str, Any] = {
        "training": ml.tuning.TrainingDefinition(
            **{**training, **of_trials}, metric_definitions={"accuracy": "accuracy=([0-9.]+)"}
        ),
        "objective": ml.tuning.Objective.maximize("accuracy"),
        "ranges": {"depth": ml.tuning.IntegerRange(1, 3)},
    }
    return ml.TuningJob(scope, name, **{**given, "cache": ml.Cache(), **props})


def key_of(
    make: Callable[..., ml.ProcessingJob | ml.TrainingJob | ml.TransformJob | ml.TuningJob],
    given: Any = None,
    objects: dict[str, str] | None = None,
    **props: Any,
) -> str:
    """The key of a job, as a simulation of its workflow computes it."""
    stack = Stack(App(analytics_reporting=False), "Census")
    job = make(stack, **{name: value(stack) if callable(value) else value for name, value in props.items()})
    ml.Workflow(stack, "W", definition=job)
    execution = simulate(stack, input=given, objects=SimulatedObjects(DATA if objects is None else objects))
    assert execution.status == "SUCCEEDED", f"{execution.error}: {execution.cause}"
    key: str = execution.output[job.state_id]["Cache"]["Key"]
    assert len(key) == 64
    return key


def imported_role(stack: Stack) -> iam.IRole:
    return iam.Role.from_role_arn(stack, "Mine", "arn:aws:iam::111122223333:role/mine")


def network(stack: Stack) -> ec2.IVpc:
    return ec2.Vpc.from_vpc_attributes(
        stack,
        "Net",
        vpc_id="vpc-1",
        availability_zones=["a"],
        private_subnet_ids=["subnet-1"],
        private_subnet_route_table_ids=["rtb-1"],
    )


UNDECIDING: dict[str, Any] = {
    "cache": ml.Cache(expires=Duration.days(3)),
    "comment": "Runs",
    "encrypt_inter_container_traffic": True,
    "experiment": ml.props.Experiment(experiment_name="e"),
    "instance_type": "ml.c5.4xlarge",
    "job_name_prefix": "nightly-",
    "max_runtime": Duration.hours(3),
    "output_key": lambda stack: kms.Key.from_key_arn(stack, "Out", KEY + "out"),
    "result": ml.Result.FULL,
    "retry": ml.RetryPolicy.by_cause(),
    "role": imported_role,
    "tags": {"team": "risk"},
    "volume_key": lambda stack: kms.Key.from_key_arn(stack, "Volume", KEY + "volume"),
    "volume_size": Size.gibibytes(99),
    "vpc": network,
}
"""Props that decide no result."""


@pytest.mark.parametrize("prop", UNDECIDING)
def test_a_job_with_another_value_has_the_same_key(prop: str) -> None:
    """Names, roles, tags, networks, keys, instance types and limits of time say how a job runs."""
    assert key_of(train, **{prop: UNDECIDING[prop]}) == key_of(train)


DECIDING: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "the arguments": (process, {"arguments": ["--days", "7"]}),
    "the order of arguments": (process, {"arguments": ["7", "--days"]}),
    "the entry point": (process, {"entrypoint": ["python3", "/other.py"]}),
    "the environment": (process, {"environment": {"STAGE": "dev"}}),
    "another name in the environment": (process, {"environment": {"STAGES": "dev"}}),
    "the image": (process, {"image": OTHER_IMAGE}),
    "the instance count": (process, {"instance_count": 2}),
    "the network isolation": (process, {"network_isolation": True}),
    "the name of an input": (process, {"inputs": {"rows": "s3://data/raw/"}}),
    "the mode of an input": (
        process,
        {
            "inputs": {
                "raw": ml.ProcessingInput(
                    source=ml.S3Data.from_uri("s3://data/raw/"), mode=ml.processing.InputMode.PIPE
                )
            }
        },
    )
    if hasattr(ml.processing, "InputMode")
    else (process, {"inputs": {"raw": ml.ProcessingInput(source=ml.S3Data.from_uri("s3://data/raw/"), mode="Pipe")}}),
    "the names of outputs": (process, {"outputs": ["table", "more"]}),
    "a hyperparameter": (train, {"hyperparameters": {"depth": 3}}),
    "another value of it": (train, {"hyperparameters": {"depth": 4}}),
    "a metric": (train, {"metric_definitions": {"accuracy": "accuracy=(.*)"}}),
    "the compression of the output": (train, {"output_compression": "NONE"}),
    "the image of training": (train, {"image": OTHER_IMAGE}),
    "the model": (transform, {"model": "churn-2"}),
    "the filter": (transform, {"output_filter": "$[0]"}),
    "the content type": (transform, {"content_type": "text/csv"}),
    "the ranges": (tune, {"ranges": {"depth": ml.tuning.IntegerRange(1, 4)}}),
    "the image of trials": (tune, {"image": OTHER_IMAGE}),
    "a fixed hyperparameter of trials": (tune, {"hyperparameters": {"eta": 0.1}}),
    "the number of trials": (tune, {"max_jobs": 3}),
}


def test_every_value_that_decides_is_in_the_key() -> None:
    """No two of these jobs have the same key, and none that of the plain job of its kind."""
    keys = {f"plain {make.__name__}": key_of(make) for make in (process, train, transform, tune)}
    keys |= {name: key_of(make, **props) for name, (make, props) in DECIDING.items()}
    same = {(one, two) for one in keys for two in keys if one < two and keys[one] == keys[two]}
    assert same == set()


def test_a_value_that_an_execution_decides_is_in_the_key() -> None:
    """In all members that take one."""
    found = set()
    for value in ("1", "2", "x" * 200, "x" * 199 + "y"):
        given = {"value": value}
        path = sfn.JsonPath.string_at("$.value")
        found.add(key_of(process, given, environment={"A": path}))
        found.add(key_of(process, given, arguments=[path]))
        found.add(key_of(train, given, hyperparameters={"a": path}))
        found.add(key_of(train, given, hyperparameters={"a": f"v={path}"}))
    assert len(found) == 16


def test_long_values_are_in_the_key_to_their_ends() -> None:
    """Step Functions hashes at most 10,000 characters at once."""
    names = [f"h{number}" for number in range(8)]
    props = {"hyperparameters": {name: sfn.JsonPath.string_at(f"$.{name}") for name in names}}
    long = dict.fromkeys(names, "x" * 2400)
    changed = [{**long, name: f"{'x' * 2_399}{last}"} for name in names for last in "yz"]
    assert len({key_of(train, given, **props) for given in (long, *changed)}) == 17


def test_values_do_not_run_into_each_other() -> None:
    """What is a value's end and what the next one's beginning is in the key."""
    props = {"environment": {name: sfn.JsonPath.string_at(f"$.{name}") for name in "ab"}}
    pairs = [("1\nb=2", "3"), ("1", "2\nb=3"), ("1\n2:", "3"), ("", "1"), ("1", "")]
    assert len({key_of(process, {"a": a, "b": b}, **props) for a, b in pairs}) == len(pairs)


@pytest.mark.parametrize(
    "objects",
    [
        {"s3://data/raw/a.csv": "1", "s3://data/raw/b.csv": "3"},
        {"s3://data/raw/a.csv": "1"},
        {"s3://data/raw/a.csv": "1", "s3://data/raw/c.csv": "2"},
        {**DATA, "s3://data/raw/": ""},
        {},
    ],
)
@pytest.mark.parametrize("make", [process, train, transform, tune])
def test_the_data_is_in_the_key(make: Callable[..., Any], objects: dict[str, str]) -> None:
    """Content and names of the objects, not their place."""
    assert key_of(make, objects=objects) != key_of(make)


def test_the_place_of_the_data_is_not_in_the_key() -> None:
    """The same objects elsewhere decide the same result."""
    moved = {uri.replace("s3://data/raw/", "s3://other/2026/rows/"): text for uri, text in DATA.items()}
    elsewhere = "s3://other/2026/rows/"
    assert key_of(process, objects=moved, inputs={"raw": elsewhere}) == key_of(process)


def test_the_code_is_in_the_key_by_its_content(tmp_path: Path) -> None:
    """Not by its place on this machine."""
    keys = {}
    for folder, text in (("one", "print(1)"), ("same", "print(1)"), ("other", "print(2)")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "main.py").write_text(text)
        code = ml.Code.from_asset(tmp_path / folder)
        keys[folder] = (key_of(process, code=code), key_of(train, code=code))
    assert keys["one"] == keys["same"]
    assert not {*keys["one"]} & {*keys["other"]}


@pytest.mark.parametrize("make", [process, train, tune])
@pytest.mark.parametrize("later", [False, True])
def test_code_in_s3_is_in_the_key_by_its_content(make: Callable[..., Any], *, later: bool) -> None:
    """Its URI may be that of another version tomorrow; a URI that an execution decides, too."""
    uri = "s3://code/v1/main.tar.gz" if make is not process else "s3://code/v1/main.py"
    data = ml.S3Data.from_uri(uri)
    if later:
        data = ml.S3Data.from_uri(sfn.JsonPath.string_at("$.code"), within=["s3://code/"])
    code = ml.Code.from_s3(data, entry_point="main.py")

    def keyed(content: str) -> str:
        objects = {**DATA, uri: content}
        if make is tune:
            stack = Stack(App(analytics_reporting=False), "Census")
            definition = ml.tuning.TrainingDefinition(
                image=IMAGE,
                code=code,
                channels={"train": "s3://data/raw/"},
                metric_definitions={"accuracy": "accuracy=([0-9.]+)"},
            )
            ml.Workflow(stack, "W", definition=tune(stack, training=definition))
            execution = simulate(stack, input={"code": uri}, objects=SimulatedObjects(objects))
            return str(execution.output["Tune"]["Cache"]["Key"])
        return key_of(make, {"code": uri}, objects, code=code)

    assert keyed("1") == keyed("1")
    assert keyed("1") != keyed("2")


def test_a_fingerprint_stands_for_the_data() -> None:
    """It is a value as others: the objects are not listed, and their place is not known to the state machine."""

    def keyed(version: str, given: Any = None) -> str:
        source = ml.S3Data.from_uri("s3://data/raw/")
        return key_of(
            process, given, inputs={"raw": ml.ProcessingInput(source=source, fingerprint=version)}, objects={}
        )

    assert keyed("1") == keyed("1")
    assert keyed("1") != keyed("2")
    path = sfn.JsonPath.string_at("$.version")
    assert keyed(path, {"version": "1"}) != keyed(path, {"version": "2"})
    stack = Stack(App(analytics_reporting=False), "Census")
    source = ml.TrainingChannel(source=ml.S3Data.from_uri("s3://data/raw/"), fingerprint="1")
    ml.Workflow(stack, "W", definition=train(stack, channels={"train": source}))
    (steps,) = simulate(stack).paths("Train")
    assert steps[0] == "Train: look up"


def test_a_model_that_a_state_creates_is_in_the_key_by_what_it_is_made_of() -> None:
    """Its name is new in every execution."""

    def keyed(image: ml.ContainerImage, archive: str) -> str:
        stack = Stack(App(analytics_reporting=False), "Census")
        model = ml.CreateModel(stack, "Model", image=image, data=ml.S3Data.from_uri("s3://models/m.tar.gz"))
        ml.Workflow(stack, "W", definition=model.next(transform(stack, model=model)))
        store = SimulatedObjects({**DATA, "s3://models/m.tar.gz": archive})
        keys = {simulate(stack, objects=store).output["Score"]["Cache"]["Key"] for _ in range(2)}
        assert len(keys) == 1
        return str(keys.pop())

    assert keyed(IMAGE, "1") == keyed(IMAGE, "1")
    assert len({keyed(IMAGE, "1"), keyed(IMAGE, "2"), keyed(OTHER_IMAGE, "1")}) == 3


# What is refused -----------------------------------------------------------------------------------------------------


def manifest(**more: Any) -> dict[str, Any]:
    data = ml.S3Data.from_uri("s3://data/list.manifest", data_type=ml.data.S3DataType.MANIFEST)
    return {"inputs": {"raw": ml.ProcessingInput(source=data, **more)}}


def athena(**more: Any) -> dict[str, Any]:
    place = ml.S3Data.from_uri("s3://data/athena/")
    data = ml.processing.AthenaDataset(database="d", query="select 1", output=place)
    return {"inputs": {"raw": ml.ProcessingInput(source=data, **more)}}


REFUSED: dict[str, tuple[Callable[..., Any], dict[str, Any], str]] = {
    "a manifest": (process, manifest(), r"inputs\['raw'\] cannot be listed \(ManifestFile\).*fingerprint="),
    "a query": (process, athena(), r"inputs\['raw'\] cannot be listed \(DatasetDefinition\).*fingerprint="),
    "a feature group": (
        process,
        {"outputs": {"rows": ml.ProcessingOutput(feature_group="rows", app_managed=True)}},
        r"feature group.*cache=False",
    ),
    "a place of its own": (
        process,
        {"outputs": {"table": "s3://mine/table/"}},
        r"outputs\['table'\].* has a place of its own.*leave the place out",
    ),
    "a place of its own for a transform": (transform, {"output": "s3://mine/scores/"}, "output has a place of its own"),
    "inputs of an execution": (
        process,
        {"inputs": ml.execution_input("inputs"), "role": imported_role},
        "inputs cannot be known only at run time.*name them one by one",
    ),
    "an item of a list as its place": (
        process,
        {"result_path": "$.a[0]"},
        r"result_path cannot be an item of a list.*\$\.a\[0\]",
    ),
    "no waiting": (train, {"wait_for_completion": False}, "cache needs a state that waits.*wait_for_completion"),
    "an access point": (
        train,
        {"channels": {"train": "s3://arn:aws:s3:us-east-1:111122223333:accesspoint/rows/a/"}},
        "cannot be listed in order.*fingerprint=",
    ),
    "a directory bucket": (
        train,
        {"channels": {"train": "s3://rows--use1-az4--x-s3/a/"}},
        "cannot be listed in order.*fingerprint=",
    ),
    "a part of the result": (
        train,
        {"result_selector": {"name": sfn.JsonPath.string_at("$.TrainingJobName")}},
        "result_selector cannot be used with a cache.*cache=False",
    ),
    "an input path": (train, {"input_path": "$.a"}, "input_path cannot be used with a cache"),
    "an output path": (train, {"output_path": "$.a"}, "output_path cannot be used with a cache"),
    "variables": (train, {"assign": {"a": "$.a"}}, "assign cannot be used with a cache"),
    "no cache": (train, {"cache": "yes"}, "cache must be a Cache or a boolean, got str 'yes'"),
    "an intrinsic function": (
        train,
        {"hyperparameters": {"a": sfn.JsonPath.string_at("States.ArrayLength($.a)")}},
        "JSONata",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_no_key_can_tell_is_refused(stack: Stack, case: str) -> None:
    """The error names the prop and the fix."""
    make, props, message = REFUSED[case]
    with pytest.raises(InvalidPropsError, match=message) as caught:
        ml.Workflow(
            stack,
            "W",
            definition=make(
                stack, **{name: value(stack) if callable(value) else value for name, value in props.items()}
            ),
        )
    assert str(caught.value).startswith("Census/")


@pytest.mark.parametrize("case", [case for case, (_, props, _) in REFUSED.items() if "cache" not in props])
def test_it_is_as_before_without_a_cache(stack: Stack, case: str) -> None:
    """What is refused is fine for a job that always runs, or is refused for another reason."""
    make, props, message = REFUSED[case]
    given = {name: value(stack) if callable(value) else value for name, value in props.items()}
    told = ""
    try:
        make(stack, **{**given, "cache": False})
    except InvalidPropsError as error:
        told = str(error)
    assert re.search(message, told) is None


@pytest.mark.parametrize("data", [manifest(fingerprint="v1"), athena(fingerprint="v1")])
def test_a_fingerprint_makes_it_work(data: dict[str, Any]) -> None:
    """In the place of what S3 does not list."""
    key_of(process, **data, objects={})


@pytest.mark.parametrize(
    ("expires", "message"),
    [
        (Duration.millis(5), "expires must be at least a second, got 5 ms"),
        (Duration.seconds(0), "expires must be at least a second, got 0 ms"),
        (30, r"expires must be a Duration, got int 30; pass Duration.seconds\(30\)"),
        ("30 days", "expires must be a Duration, got str '30 days'"),
    ],
)
def test_wrong_expiries(expires: Any, message: str) -> None:
    """The error says what to pass."""
    with pytest.raises(InvalidPropsError, match=message):
        ml.Cache(expires=expires)


def test_labeling_jobs_have_no_cache(stack: Stack) -> None:
    """People do them: asked for, it is an error; a default leaves them out."""
    ml.JobDefaults(cache=ml.Cache()).apply_to(stack)
    job = ml.TrainingJob(stack, "Free", image=IMAGE, wait_for_completion=False)
    assert job.request["TrainingJobName"]
    group = ml.RegisterModel(stack, "Register", group="g", image=IMAGE, content_types=["a/b"], response_types=["a/b"])
    assert group.request["ModelPackageGroupName"] == "g"


@pytest.mark.parametrize("first", ["the writer", "the cached job"])
def test_no_job_may_write_markers(stack: Stack, first: str) -> None:
    """Neither if its output is defined before the cached job nor after: a job could forge what proves that it has run."""
    bucket = s3.Bucket(stack, "Mine")
    ml.JobDefaults(bucket=bucket).apply_to(stack)

    def write() -> None:
        place = ml.S3Data.from_bucket(bucket)
        ml.ProcessingJob(stack, "Writer", image=IMAGE, outputs={"all": ml.ProcessingOutput(destination=place)})

    if first == "the writer":
        write()
        with pytest.raises(InvalidPropsError, match=r"cache would be in cache/.*, which Census/Writer may write to"):
            process(stack)
    else:
        process(stack)
        with pytest.raises(InvalidPropsError, match=r"output may be at cache/.*, where the stack's cache"):
            write()


@pytest.mark.parametrize("verify", [True, False])
@pytest.mark.parametrize("language", [sfn.QueryLanguage.JSON_PATH, sfn.QueryLanguage.JSONATA])
def test_outputs_that_are_gone(stack: Stack, language: sfn.QueryLanguage, *, verify: bool) -> None:
    """A hit verifies that they are there, by a state of its own, unless it is told not to."""
    job = train(stack, cache=ml.Cache(verify_outputs=verify), query_language=language)
    ml.Workflow(stack, "W", definition=job, query_language=language)
    store = SimulatedObjects(DATA)
    first = simulate(stack, objects=store)
    second = simulate(stack, objects=store)
    assert second.output == first.output
    ends = "outputs" if verify else "look up"
    assert second.paths("Train") == (
        ("Train: list channels.train", "Train: look up", *(["Train: outputs"] if verify else [])),
    )
    assert second.paths("Train")[0][-1] == f"Train: {ends}"
    place = first.output["Train"]["Cache"]["Place"]
    for uri in store.under(place):
        del store[uri]
    assert simulate(stack, objects=store).attempts("Train") == (1 if verify else 0)


def test_lineage_needs_a_cache(stack: Stack) -> None:
    """And has to be asked for before the definition is written."""
    with pytest.raises(InvalidPropsError, match="lineage is known of cached jobs only; pass cache="):
        train(stack, cache=False).lineage()
    job = train(stack, "Cached")
    ml.Workflow(stack, "W", definition=job)
    with pytest.raises(InvalidPropsError, match=r"lineage is not passed on.*call it before"):
        job.lineage()


# Where it comes from -------------------------------------------------------------------------------------------------


def is_cached(job: Any, stack: Stack) -> bool:
    ml.Workflow(stack, "W", definition=job)
    return bool(simulate(stack, objects=SimulatedObjects(DATA)).output[job.state_id].get("Cache"))


@pytest.mark.parametrize(
    ("default", "own", "cached"),
    [
        (None, ml.Cache(), True),
        (None, True, True),
        (None, False, False),
        (None, None, False),
        (ml.Cache(), None, True),
        (True, None, True),
        (ml.Cache(), False, False),
        (False, ml.Cache(), True),
    ],
)
def test_the_nearest_one_holds(stack: Stack, *, default: Any, own: Any, cached: bool) -> None:
    """A job's own goes before the defaults'."""
    if default is not None:
        ml.JobDefaults(cache=default).apply_to(stack)
    assert is_cached(train(stack, cache=own), stack) is cached


LANGUAGES = [sfn.QueryLanguage.JSON_PATH, sfn.QueryLanguage.JSONATA]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("by_data", [False, True])
def test_a_workflow_gives_its_cache_to_its_jobs(stack: Stack, language: sfn.QueryLanguage, *, by_data: bool) -> None:
    """Though they were defined without one: what reads their outputs finds them, also in a text and in a file of metrics."""
    prepare = process(stack, cache=None, query_language=language)
    fit = train(
        stack,
        cache=None,
        query_language=language,
        channels={"train": prepare.output("table")},
        hyperparameters={"place": f"{prepare.output('table').jsonata_uri}x"} if language is LANGUAGES[1] else {},
    )
    check = process(stack, "Check", cache=None, query_language=language, inputs={"model": fit.model_artifacts})
    free = process(stack, "Free", cache=False, query_language=language, inputs={"all": prepare.output("table")})
    read = ml.metrics.ReadMetrics(
        stack, "Read", source=check.output("table"), file="m.json", shape={"a": float}, query_language=language
    )
    jobs = [prepare, fit, check, free, read]
    if by_data:
        ml.Workflow.from_jobs(stack, "W", jobs=jobs, cache=ml.Cache(), query_language=language)
    else:
        chain = sfn.Chain.start(prepare).next(fit).next(check).next(free).next(read)
        ml.Workflow(stack, "W", definition=chain, cache=ml.Cache(), query_language=language)
    store = SimulatedObjects(DATA)
    first = simulate(stack, {"Read": reports({"a": 1})}, objects=store)
    assert first.status == "SUCCEEDED", f"{first.error}: {first.cause}"
    place = first.output["Prepare"]["Cache"]["Place"]
    (request,) = first.requests("Train")
    assert request["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"] == f"{place}table/"
    if language is LANGUAGES[1]:
        assert request["HyperParameters"]["place"] == f"{place}table/x"
    (of_free,) = first.requests("Free")
    assert of_free["ProcessingInputs"][0]["S3Input"]["S3Uri"] == f"{place}table/"
    assert f"s3://{first.requests('Read')[0]['Bucket']}/{first.requests('Read')[0]['Key']}" == (
        f"{first.output['Check']['Cache']['Place']}table/m.json"
    )
    second = simulate(stack, {"Read": reports({"a": 1})}, objects=store)
    assert [name for name in ("Prepare", "Train", "Check", "Free") if second.attempts(name)] == ["Free"]


def test_values_keep_their_types_in_a_workflow_with_a_cache(stack: Stack) -> None:
    """A number that an execution decides is a string in arguments and hyperparameters, as without a cache."""

    class Inputs(ml.ExecutionInput):
        ratio: float = 0.2
        depth: int = 6

    prepare = process(stack, cache=None, arguments=["--ratio", Inputs.ratio], environment={"RATIO": Inputs.ratio})
    fit = train(stack, cache=None, channels={"train": prepare.output("table")}, hyperparameters={"depth": Inputs.depth})
    ml.Workflow(stack, "W", definition=prepare.next(fit), inputs=Inputs, cache=True)
    execution = simulate(stack, objects=SimulatedObjects(DATA))
    assert execution.status == "SUCCEEDED", execution.cause
    (request,) = execution.requests("Prepare")
    assert request["AppSpecification"]["ContainerArguments"] == ["--ratio", "0.2"]
    assert request["Environment"] == {"RATIO": "0.2"}
    assert execution.requests("Train")[0]["HyperParameters"] == {"depth": "6"}


def test_a_workflow_refuses_places_that_it_cannot_replace(stack: Stack) -> None:
    """A state of aws-cdk-lib's has the place as a text."""
    prepare = process(stack, cache=None)
    told = sfn.Pass(stack, "Told", parameters={"place": prepare.output("table").uri})
    with pytest.raises(InvalidPropsError, match=r"Census/W: cache comes after Told was given.*JobDefaults"):
        ml.Workflow(stack, "W", definition=prepare.next(told), cache=ml.Cache())


def test_fresh_is_a_member_of_typed_inputs(stack: Stack) -> None:
    """Of workflows with cached jobs; it is in the schema, and others are refused as before."""

    class Inputs(ml.ExecutionInput):
        depth: int = 3

    job = train(stack, hyperparameters={"depth": Inputs.depth})
    ml.Workflow(stack, "W", definition=job, inputs=Inputs)
    store = SimulatedObjects(DATA)
    ran = [
        simulate(stack, input=given, objects=store).attempts("Train")
        for given in ({}, {}, {"fresh": True}, {"fresh": ["Other"]}, {"fresh": ["Train"]}, {"depth": 4})
    ]
    assert ran == [1, 0, 1, 0, 1, 1]
    refused = simulate(stack, input={"fres": True}, objects=store)
    assert refused.error == "InvalidInput"
    assert "fres is not a field" in str(refused.cause)


# What it warns of ----------------------------------------------------------------------------------------------------


def warnings_of(stack: Stack) -> list[str]:
    found = Annotations.from_stack(stack).find_warning("*", Match.any_value())
    return [str(each.entry.data) for each in found]


def test_a_tag_is_warned_of_once(stack: Stack) -> None:
    """Another image may be pushed under it; a digest and an image that is built here say their content."""
    tagged = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/a:latest")
    ml.Workflow(stack, "W", definition=process(stack, image=tagged).next(train(stack, image=tagged)))
    (warning,) = [text for text in warnings_of(stack) if "tag" in text]
    assert warning.startswith("image 111122223333.dkr.ecr.us-east-1.amazonaws.com/a:latest has a tag")
    assert "@sha256:" in warning


def test_a_digest_is_not_warned_of(stack: Stack) -> None:
    """Nor is a value that is the same in every execution."""
    ml.Workflow(stack, "W", definition=process(stack).next(train(stack)))
    assert warnings_of(stack) == []


@pytest.mark.parametrize("value", ["$$.Execution.Name", "$$.Execution.StartTime", "$$.State.EnteredTime"])
def test_a_value_that_is_always_new_is_warned_of(stack: Stack, value: str) -> None:
    """Such a job never hits."""
    ml.Workflow(stack, "W", definition=process(stack, environment={"RUN": sfn.JsonPath.string_at(value)}))
    (warning,) = warnings_of(stack)
    assert warning.startswith("environment.RUN has ")
    assert "never taken from the cache" in warning


@pytest.mark.parametrize(
    ("make", "props"),
    [
        (process, {"arguments": ["--rows", "s3://data/more/"]}),
        (train, {"hyperparameters": {"rows": "s3://data/more/"}}),
        (train, {"environment": {"ROWS": f"s3://data/{sfn.JsonPath.string_at('$.day')}/"}}),
    ],
)
def test_a_place_in_a_text_is_warned_of(stack: Stack, make: Callable[..., Any], props: dict[str, Any]) -> None:
    """Its content is not in the key."""
    ml.Workflow(stack, "W", definition=make(stack, **props))
    (warning,) = warnings_of(stack)
    assert "names a place in S3, whose content is not in the key" in warning


def test_the_origin_of_a_result_is_recorded(stack: Stack) -> None:
    """On a hit that of the execution that ran the job."""
    prepare = process(stack)
    fit = train(
        stack,
        channels={"train": prepare.output("table"), "more": "s3://data/raw/"},
        metric_definitions={"accuracy": "accuracy=(.*)"},
    )
    fit.metric("accuracy")
    register = ml.RegisterModel(
        stack,
        "Register",
        group="churn",
        image=IMAGE,
        data=fit.model_artifacts,
        content_types=["text/csv"],
        response_types=["text/csv"],
        customer_metadata={**fit.lineage(), "team": "risk"},
    )
    ml.Workflow(stack, "W", definition=prepare.next(fit).next(register))
    store = SimulatedObjects(DATA)
    script = {"Train": reports({"accuracy": 0.9})}
    first = simulate(stack, script, objects=store, name="one")
    found = first.requests("Register")[0]["CustomerMetadataProperties"]
    assert found["Train.execution"] == "one"
    assert found["Train.key"] == first.output["Train"]["Cache"]["Key"]
    assert found["Train.channels.train"] == f"{first.output['Prepare']['Cache']['Key']}/table/"
    assert len(found["Train.channels.more"]) == 64
    assert DIGEST in found["Train.image"]
    assert found["Train.metrics.accuracy"] == "0.9"
    assert found["team"] == "risk"
    second = simulate(stack, objects=store, name="two")
    assert second.attempts("Train") == 0
    assert second.requests("Register")[0]["CustomerMetadataProperties"] == found


def test_a_bucket_with_a_key_of_its_own(stack: Stack, synth: Callable[[Stack], dict[str, Any]]) -> None:
    """The state machine may use the key for its markers; so may it list the inputs, each by its prefix, and nothing else."""
    key = kms.Key(stack, "Key")
    ml.JobDefaults(bucket=s3.Bucket(stack, "Mine", encryption_key=key, encryption=s3.BucketEncryption.KMS)).apply_to(
        stack
    )
    workflow = ml.Workflow(stack, "W", definition=process(stack))
    workflow.node.id  # noqa: B018 - it is in the template
    template = synth(stack)
    policies = [
        statement
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::IAM::Policy" and "WRole" in json.dumps(resource["Properties"]["Roles"])
        for statement in resource["Properties"]["PolicyDocument"]["Statement"]
    ]
    granted = {
        action: each
        for each in policies
        for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    }
    assert granted["kms:Decrypt"] is granted["kms:GenerateDataKey"]
    lists = [each for each in policies if each["Action"] == "s3:ListBucket"]
    assert [each.get("Condition") for each in lists] == [None, {"StringLike": {"s3:prefix": "raw/*"}}]
    assert "/cache/" in json.dumps(granted["s3:PutObject"]["Resource"])


def test_iterations_have_no_place_of_all_cached_outputs(stack: Stack) -> None:
    """Each is where its job ran first; the error says so, and a job without a cache has one."""
    each = ml.Map(stack, "Each", items_path="$.items")
    with pytest.raises(InvalidPropsError, match=r"all_of has no place for the outputs of a cached job.*cache=False"):
        each.all_of(process(each).output("table"))
    assert each.all_of(process(each, "Plain", cache=False).output("table")).objects
