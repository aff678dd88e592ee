"""Mappings, lists and numbers that are known only later, in every prop that takes one."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, CfnParameter, Duration, Fn, Size, Stack, Token
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from support.full_hosting import FULL as HOSTING
from support.full_jobs import FULL as JOBS
from support.full_registry import FULL as REGISTRY
from support.full_world import REGISTRY as IMAGE_URI
from support.full_world import ROLE, World
from support.requests import request_of

import constructs_ml as ml
from constructs_ml.asl.dynamic import is_number_token
from constructs_ml.asl.expressions import Format, Path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path as FilePath

JSONATA = sfn.QueryLanguage.JSONATA
IMAGE = ml.ContainerImage.from_registry(IMAGE_URI)
INPUT = {
    "texts": {"a": "1", "b": "x y"},
    "list": ["--day", "monday"],
    "tags": [{"Key": "team", "Value": "ml"}],
    "places": [{"ChannelName": "train", "InputName": "raw", "OutputName": "out"}],
    "regexes": [{"Name": "loss", "Regex": "loss=(.*)"}],
    "seconds": 600,
    "deep": {"MaxRuntimeInSeconds": 900},
}


def training(**props: Any) -> Callable[[Stack], ml.TrainingJob]:
    return lambda stack: ml.TrainingJob(stack, "Job", **{"image": IMAGE, **given(stack, props)})


def processing(**props: Any) -> Callable[[Stack], ml.ProcessingJob]:
    return lambda stack: ml.ProcessingJob(stack, "Job", image=IMAGE, **given(stack, props))


def tuning(**props: Any) -> Callable[[Stack], ml.TuningJob]:
    def make(stack: Stack) -> ml.TuningJob:
        trials = ml.tuning.TrainingDefinition(image=IMAGE, **given(stack, props))
        ranges = {"eta": ml.tuning.ContinuousRange(0.1, 0.3)}
        return ml.TuningJob(
            stack, "Job", training=trials, objective=ml.tuning.Objective.minimize("loss"), ranges=ranges
        )

    return make


def transform(**props: Any) -> Callable[[Stack], ml.TransformJob]:
    data = ml.S3Data.from_uri("s3://data/in/")
    role = iam.Role.from_role_arn
    return lambda stack: ml.TransformJob(
        stack, "Job", model="mine", data=data, model_role=role(stack, "R", ROLE), **given(stack, props)
    )


def model(**props: Any) -> Callable[[Stack], ml.CreateModel]:
    return lambda stack: ml.CreateModel(stack, "Job", image=IMAGE, **given(stack, props))


def given(stack: Stack, props: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value(stack) if callable(value) and name == "role" else value() if callable(value) else value
        for name, value in props.items()
    }


def with_role(stack: Stack) -> iam.IRole:
    return iam.Role.from_role_arn(stack, "Role", ROLE)


def ways(name: str) -> dict[str, Callable[[], Any]]:
    return {
        "object": lambda: sfn.JsonPath.object_at(f"$.{name}"),
        "text": lambda: ml.execution_input(name),
        "list": lambda: sfn.JsonPath.list_at(f"$.{name}"),
        "JSONata": lambda: f"{{% $states.input.{name} %}}",
    }


PLACES: dict[str, tuple[str, Callable[..., Any], str, dict[str, Any]]] = {
    "hyperparameters": ("texts", training, "HyperParameters", {}),
    "hyperparameters of trials": ("texts", tuning, "TrainingJobDefinition.StaticHyperParameters", {}),
    "environment of a training job": ("texts", training, "Environment", {}),
    "environment of a processing job": ("texts", processing, "Environment", {}),
    "environment of a transform job": ("texts", transform, "Environment", {}),
    "environment of a model": ("texts", model, "PrimaryContainer.Environment", {}),
    "arguments": ("list", processing, "AppSpecification.ContainerArguments", {}),
    "arguments of a training job": ("list", training, "AlgorithmSpecification.ContainerArguments", {}),
    "entrypoint": ("list", processing, "AppSpecification.ContainerEntrypoint", {}),
    "entrypoint of a training job": ("list", training, "AlgorithmSpecification.ContainerEntrypoint", {}),
    "tags": ("tags", processing, "Tags", {}),
    "tags of a training job": ("tags", training, "Tags", {}),
    "tags of a model": ("tags", model, "Tags", {}),
    "metric_definitions": ("regexes", training, "AlgorithmSpecification.MetricDefinitions", {}),
    "channels": ("places", training, "InputDataConfig", {"role": with_role}),
    "inputs": ("places", processing, "ProcessingInputs", {"role": with_role}),
    "outputs": ("places", processing, "ProcessingOutputConfig.Outputs", {"role": with_role}),
}


def member(request: Any, path: str) -> Any:
    for name in path.split("."):
        request = request[name]
    return request


WAYS = [(place, way) for place in PLACES for way in ("object", "JSONata")]
WAYS += [
    (place, way) for place in ("hyperparameters", "environment of a model", "arguments") for way in ("text", "list")
]


@pytest.mark.parametrize(("place", "way"), WAYS)
def test_all_of_it_is_known_at_run_time(stack: Stack, asl: Callable[..., Any], place: str, way: str) -> None:
    """The state hands on what it is given, as the API has it."""
    name, make, path, more = PLACES[place]
    job = make(**{place.split(" ", maxsplit=1)[0]: ways(name)[way], **more})(stack)
    machine = {"query_language": JSONATA} if way == "JSONata" else {}

    request = request_of(asl(stack, job, **machine)["Job"], INPUT)

    assert member(request, path) == INPUT[name]


@pytest.mark.parametrize("language", ["JSONPath", "JSONata"])
@pytest.mark.parametrize("place", ["hyperparameters", "request_overrides", "trials"])
def test_the_code_runs_whatever_the_input_says(
    stack: Stack, asl: Callable[..., Any], tmp_path: FilePath, language: str, place: str
) -> None:
    """The names that make an image run the code are put over those of the input."""
    (tmp_path / "train.py").write_text("print(1)\n")
    code = ml.Code.from_asset(tmp_path / "train.py")
    whole = sfn.JsonPath.object_at("$.texts")
    sent = {"HyperParameters": whole} if place == "request_overrides" else None
    props = {"code": code, **({"request_overrides": sent} if sent else {"hyperparameters": whole})}
    job = (tuning if place == "trials" else training)(**props)(stack)
    machine = {"query_language": JSONATA} if language == "JSONata" else {}
    state_input = {"texts": {**INPUT["texts"], "sagemaker_program": "other"}}  # type: ignore[dict-item]

    request = request_of(asl(stack, job, **machine)["Job"], state_input)

    found = (
        request["TrainingJobDefinition"]["StaticHyperParameters"] if place == "trials" else request["HyperParameters"]
    )
    assert found["a"] == "1"
    assert found["b"] == "x y"
    assert found["sagemaker_program"] == '"train.py"'
    assert found["sagemaker_submit_directory"].startswith('"s3://')


@pytest.mark.parametrize("language", ["JSONPath", "JSONata"])
def test_defaults_are_below_what_the_input_says(stack: Stack, asl: Callable[..., Any], language: str) -> None:
    """The environment of JobDefaults is joined at run time, and a text of it may be known only then too."""
    later = sfn.JsonPath.string_at("$.texts.b")
    ml.JobDefaults(environment={"a": "0", "c": 'it\'s {c} \\ "q"', "d": f"<{later}>"}).apply_to(stack)
    job = processing(environment=lambda: sfn.JsonPath.object_at("$.texts"))(stack)
    machine = {"query_language": JSONATA} if language == "JSONata" else {}

    request = request_of(asl(stack, job, **machine)["Job"], INPUT)

    assert request["Environment"] == {"a": "1", "b": "x y", "c": 'it\'s {c} \\ "q"', "d": "<x y>"}


@pytest.mark.parametrize("place", ["channels", "inputs", "outputs"])
def test_places_that_nobody_knows_need_a_role(stack: Stack, place: str) -> None:
    """Its permissions are derived from them."""
    _, make, _, _ = PLACES[place]
    with pytest.raises(ml.InvalidPropsError, match=rf"{place} are known only at run time.*pass role="):
        make(**{place: ml.execution_input("places")})(stack)


OVERRIDES: dict[str, tuple[Any, str, Any]] = {
    "a structure": (
        lambda: {"StoppingCondition": sfn.JsonPath.object_at("$.deep")},
        "StoppingCondition",
        INPUT["deep"],
    ),
    "a number": (
        lambda: {"StoppingCondition": {"MaxRuntimeInSeconds": sfn.JsonPath.number_at("$.seconds")}},
        "StoppingCondition.MaxRuntimeInSeconds",
        600,
    ),
    "a number by its object": (
        lambda: {"StoppingCondition": {"MaxRuntimeInSeconds": sfn.JsonPath.object_at("$.seconds")}},
        "StoppingCondition.MaxRuntimeInSeconds",
        600,
    ),
    "a list": (lambda: {"Tags": sfn.JsonPath.list_at("$.tags")}, "Tags", INPUT["tags"]),
    "an item": (
        lambda: {"AppSpecification": {"ContainerArguments": ["--all", sfn.JsonPath.object_at("$.texts.b")]}},
        "AppSpecification.ContainerArguments",
        ["--all", "x y"],
    ),
    "a read-only mapping": (
        lambda: MappingProxyType({"Environment": MappingProxyType({"A": "b"})}),
        "Environment",
        {"A": "b", "KEPT": "1"},
    ),
}


@pytest.mark.parametrize("case", OVERRIDES)
def test_overrides_of_the_request(stack: Stack, asl: Callable[..., Any], case: str) -> None:
    """A JsonPath may stand anywhere in it, whichever way it was made."""
    overrides, path, wanted = OVERRIDES[case]
    job = processing(request_overrides=overrides, environment={"KEPT": "1"})(stack)

    assert member(request_of(asl(stack, job)["Job"], INPUT), path) == wanted


def test_a_mapping_as_one_hyperparameter_is_json(stack: Stack, asl: Callable[..., Any]) -> None:
    """What jsii has for it is nobody's hyperparameter."""
    values: dict[str, Any] = {"m": sfn.JsonPath.object_at("$.texts")}
    job = training(hyperparameters=values, environment={"M": sfn.JsonPath.object_at("$.texts")})(stack)

    request = request_of(asl(stack, job)["Job"], INPUT)

    assert request["HyperParameters"] == {"m": '{"a":"1","b":"x y"}'}
    assert request["Environment"] == {"M": '{"a":"1","b":"x y"}'}


@pytest.mark.parametrize(
    ("props", "problem"),
    [
        (
            {"request_overrides": lambda: sfn.JsonPath.object_at("$.x")},
            "request_overrides must be a mapping, got a value",
        ),
        ({"inputs": {"raw": "no uri"}}, "inputs"),
        ({"environment": "A=b"}, "environment must be a mapping, got str 'A=b'"),
        (
            {"arguments": "--x 1"},
            r"arguments must be a list of strings, got the string '--x 1'; pass \[",
        ),
        ({"arguments": lambda: f"--x={ml.execution_input('x')}"}, "arguments must be a list of strings"),
        (
            {"role": "{% $states.input.role %}"},
            "role must be an iam.IRole, got a value that is known only later",
        ),
        ({"output_key": lambda: ml.execution_input("key")}, "of one that is known before the workflow runs"),
        ({"tags": {"a": float("nan")}}, r"tags\['a'\] must be a finite number, got nan"),
        ({"instance_count": float("nan")}, "instance_count must be a finite number, got nan"),
        ({"environment": {"A": float("-inf")}}, r"environment\['A'\] must be a finite number, got -inf"),
        ({"request_overrides": {"A": [{"B": float("inf")}]}}, r"\['A'\]\[0\]\['B'\] must be a finite number, got inf"),
        ({"result_selector": {"x": float("nan")}}, r"result_selector\['x'\] must be a finite number"),
        (
            {"environment": {"A": PurePosixPath("/opt/a")}},
            r"environment\['A'\] must be a string, got PurePosixPath .*pass '/opt/a'",
        ),
        (
            {"arguments": ["--a", PurePosixPath("/opt/a")]},
            r"arguments\[1\] must be a string, got PurePosixPath .*pass '/opt/a'",
        ),
        ({"arguments": ["a\nb"]}, r"arguments\[0\] must be one line, got 'a\\nb'"),
        (
            {"environment": lambda: {ml.execution_input("x"): "1"}},
            r"environment cannot have \$\$\.Execution\.Input\['x'\] for a key",
        ),
        (
            {"instance_count": lambda: -sfn.JsonPath.number_at("$.n")},
            "instance_count must be an integer, got the result of arithmetic on a number that is known only later",
        ),
        (
            {"instance_count": lambda: Token.as_string(Fn.import_value("n"))},
            "instance_count must be an integer, got a string that is known only when the stack is deployed; pass Token.as_num",
        ),
        (
            {"network_isolation": lambda: Token.as_string(Fn.import_value("n"))},
            "network_isolation must be a boolean, got a string that is known only when the stack is deployed",
        ),
    ],
)
def test_what_cannot_be_read_is_a_clear_fault(stack: Stack, props: dict[str, Any], problem: str) -> None:
    """No address in memory, no token's own text, and aws-cdk-lib's process goes on."""
    with pytest.raises(ml.InvalidPropsError, match=problem) as caught:
        processing(**props)(stack)

    assert "object at 0x" not in str(caught.value)
    assert Stack(App(), "Alive").stack_name == "Alive"


def test_tags_of_the_input_beside_those_of_the_defaults(stack: Stack) -> None:
    """No language joins them by key."""
    ml.JobDefaults(tags={"team": "ml"}).apply_to(stack)
    with pytest.raises(
        ml.InvalidPropsError, match="tags cannot be known only at run time when JobDefaults has some too"
    ):
        processing(tags=lambda: sfn.JsonPath.list_at("$.tags"))(stack)


# Numbers -------------------------------------------------------------------------------------------------------------

FULL = {**JOBS, **HOSTING, **REGISTRY}
LATER: dict[str, Callable[[Stack], float]] = {
    "JsonPath": lambda _: sfn.JsonPath.number_at("$.seconds"),
    "parameter": lambda stack: CfnParameter(stack, "Later", type="Number").value_as_number,
}
OF_FACTORIES = "deployment.max_duration"
"""Worked into the request when the deployment is made, and kept beside it for the waits."""


def numbers(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """All durations, sizes and numbers in some props."""
    if isinstance(value, (Duration, Size)) or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        yield path, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from numbers(item, (*path, name))
    elif isinstance(value, (list, tuple)):
        for at, item in enumerate(value):
            yield from numbers(item, (*path, at))
    elif is_dataclass(value) and type(value).__module__.startswith("constructs_ml."):
        for field in fields(value):
            yield from numbers(getattr(value, field.name), (*path, field.name)) if field.init else ()


def leaves_of(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from leaves_of(item)
    else:
        yield value


def is_later(leaf: Any, number: float) -> bool:
    """Whether a value of a request is the number that is known only later, or a text of it."""
    if isinstance(leaf, Format):
        return Path("$.seconds") in leaf.parts
    return is_number_token(leaf) or leaf in (Path("$.seconds"), Token.as_string(number))


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The same props with another value at a path."""
    if not path:
        return new
    at, *rest = path
    if isinstance(value, dict):
        return {**value, at: put(value[at], tuple(rest), new)}
    if isinstance(value, (list, tuple)):
        return [put(item, tuple(rest), new) if at == place else item for place, item in enumerate(value)]
    return replace(value, **{at: put(getattr(value, at), tuple(rest), new)})


def in_place_of(value: Any, path: tuple[Any, ...], number: float) -> Any:
    if isinstance(value, Size):
        return Size.mebibytes(number) if path[-1] in ("memory", "max_payload") else Size.gibibytes(number)
    if isinstance(value, Duration):
        unit = {"cooldown": Duration.minutes, "interval": Duration.millis}.get(path[-1], Duration.seconds)
        return unit(number)
    return number


OF_CLOUDFORMATION = ("CreateTrainingJob", "CreateProcessingJob", "CreateEndpointConfig")
WITHOUT_NUMBERS = {"UpdateModelPackage"}


@pytest.mark.parametrize(
    ("operation", "kind"),
    [*((operation, "JsonPath") for operation in FULL), *((operation, "parameter") for operation in OF_CLOUDFORMATION)],
)
def test_every_number_may_be_known_only_later(operation: str, kind: str) -> None:
    """In a duration, a size or alone, in every prop: it reaches the request as it is."""
    construct, full = FULL[operation]
    stack = Stack(App(), "Census")
    number = LATER[kind](stack)
    found = 0
    for at, props in enumerate(full(World(stack))):
        later, every = (
            props,
            [(path, value) for path, value in numbers(props) if ".".join(map(str, path)) != OF_FACTORIES],
        )
        for path, value in every:
            later = put(later, path, in_place_of(value, path, number))

        request = construct(stack, f"Job{at}", **later).request

        assert len([leaf for leaf in leaves_of(request) if is_later(leaf, number)]) >= len(every)
        found += len(every)
    assert bool(found) is (operation not in WITHOUT_NUMBERS)


@pytest.mark.parametrize("kind", LATER)
def test_numbers_of_a_deployment(stack: Stack, kind: str) -> None:
    """Durations that go into its policy, and the limit that the state waits by default."""
    number = LATER[kind](stack)
    rolling = ml.hosting.Deployment.rolling(
        ml.hosting.Capacity.percent(25), bake=Duration.seconds(number), max_duration=Duration.seconds(number)
    )
    deploy = ml.DeployEndpoint(stack, "Deploy", endpoint_name="mine", endpoint_config="config", deployment=rolling)

    assert deploy.policies is not None


@pytest.mark.parametrize("spot", [{}, {"max_wait": 7200}])
def test_spot_with_limits_of_the_input(stack: Stack, asl: Callable[..., Any], spot: dict[str, int]) -> None:
    """Only what is known is compared; the default is worked out at run time."""
    wait = {name: Duration.seconds(value) for name, value in spot.items()}
    later = Duration.seconds(sfn.JsonPath.number_at("$.seconds"))
    job = training(spot=True, max_runtime=later, **wait)(stack)

    stopping = request_of(asl(stack, job)["Job"], INPUT)["StoppingCondition"]

    assert stopping == {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 7200 if spot else 1200}


def test_the_default_of_spot_in_jsonata(stack: Stack, asl: Callable[..., Any]) -> None:
    """The same."""
    job = training(spot=True, max_runtime="{% $states.input.seconds %}")(stack)

    stopping = request_of(asl(stack, job, query_language=JSONATA)["Job"], INPUT)["StoppingCondition"]

    assert stopping == {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 1200}


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (
            processing(max_runtime=lambda: Duration.hours(sfn.JsonPath.number_at("$.h"))),
            "max_runtime must be in seconds",
        ),
        (
            processing(volume_size=lambda: Size.mebibytes(sfn.JsonPath.number_at("$.h"))),
            "volume_size must be in gibibytes",
        ),
        (
            lambda stack: ml.AutoMLJob(
                stack,
                "Job",
                problem=ml.automl.AutoMLProblem.tabular("y"),
                training=ml.S3Data.from_uri("s3://data/in/"),
                timeout=Duration.seconds(sfn.JsonPath.number_at("$.s")),
            ),
            "timeout must be known before the workflow runs",
        ),
        (
            lambda stack: ml.DeployEndpoint(
                stack,
                "Job",
                endpoint_name="mine",
                endpoint_config="config",
                timeout=Duration.seconds(sfn.JsonPath.number_at("$.s")),
            ),
            "timeout must be known before the workflow runs",
        ),
    ],
)
def test_numbers_that_must_be_known(stack: Stack, make: Callable[[Stack], Any], problem: str) -> None:
    """Said of the prop, not of the number that stands for a token."""
    with pytest.raises(ml.InvalidPropsError, match=problem) as caught:
        make(stack)

    assert "e+28" not in str(caught.value)


# Members of the execution's input ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["arr[0]", "a.b", "$.x", "*", "a]", "a..b", "[0]", "arr[*].x", "arr[-1]", ".a"])
def test_a_path_is_no_name(name: str) -> None:
    """It would mean a member of that very name."""
    with pytest.raises(ValueError, match=r"must be names.*pass"):
        ml.execution_input(name)


@pytest.mark.parametrize("uri", ["$.uri", "$$.Execution.Input.uri", "States.Format('s3://{}', $.bucket)"])
def test_a_path_is_no_uri(uri: str) -> None:
    """What it would have to be passed as is told."""
    with pytest.raises(ml.InvalidPropsError, match=r"must be an S3 URI, .*pass sfn\.JsonPath\.string_at\("):
        ml.S3Data.from_uri(uri)


@pytest.mark.parametrize("index", [-1, True, None, 1.0])
def test_a_number_counts_items(index: int) -> None:
    """From the first."""
    with pytest.raises(ValueError, match="member names and list indices"):
        ml.execution_input("days", index)


@pytest.mark.parametrize("language", ["JSONPath", "JSONata"])
def test_an_item_of_a_list_of_the_input(stack: Stack, asl: Callable[..., Any], language: str) -> None:
    """By its number, among names."""
    job = processing(arguments=lambda: ["--key", ml.execution_input("tags", 0, "Value")])(stack)
    machine = {"query_language": JSONATA} if language == "JSONata" else {}

    request = request_of(asl(stack, job, **machine)["Job"], INPUT)

    assert request["AppSpecification"]["ContainerArguments"] == ["--key", "ml"]
