"""Literals, tokens, JsonPath, JSONata and references to the execution's input, in every kind of place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Aws, CfnParameter, Token
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from support.requests import request_of

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

INPUT = {
    "x": "one",
    "size": 50,
    "list": ["a", "b"],
    "Preprocess": {"ProcessingJobArn": "arn:1", "ProcessingJobStatus": "Completed", "ProcessingJobName": "p"},
}
JSONATA = sfn.QueryLanguage.JSONATA
IMAGE = ml.ContainerImage.from_registry("mine")
IMAGE_URI = "111122223333.dkr.ecr.us-east-1.amazonaws.com/mine"


@dataclass
class Place:
    """Where a value may stand: the props that put it there, and where the request has it."""

    props: Callable[[str], dict[str, Any]]
    found: Callable[[Any], Any]
    shown: str = "{}"


def data(bucket: str, prefix: str) -> ml.S3Data:
    within = ml.S3Data(f"s3://{bucket}/", (ml.S3Data.from_uri(f"s3://{bucket}/").objects))
    return ml.S3Data.from_uri(f"s3://{bucket}/{prefix}", within=[within])


PLACES = {
    "scalar": Place(lambda value: {"instance_type": value}, lambda r: cluster(r)["InstanceType"]),
    "image": Place(
        lambda value: {"image": ml.ContainerImage.from_registry(f"{IMAGE_URI}:{value}")},
        lambda r: r["AppSpecification"]["ImageUri"],
        "111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:{}",
    ),
    "argument": Place(
        lambda value: {"arguments": ["--x", value, "--y's {}\\"]},
        lambda r: r["AppSpecification"]["ContainerArguments"],
        "['--x', '{}', \"--y's {{}}\\\\\"]",
    ),
    "part of an argument": Place(
        lambda value: {"arguments": [f"--x={value}!", "z"]},
        lambda r: r["AppSpecification"]["ContainerArguments"],
        "['--x={}!', 'z']",
    ),
    "entry point": Place(
        lambda value: {"entrypoint": ["python3", value]},
        lambda r: r["AppSpecification"]["ContainerEntrypoint"],
        "['python3', '{}']",
    ),
    "environment": Place(
        lambda value: {"environment": {"A": value, "B": f"<{value}>"}},
        lambda r: r["Environment"],
        "{{'A': '{0}', 'B': '<{0}>'}}",
    ),
    "tag": Place(lambda value: {"tags": {"k": value}}, lambda r: r["Tags"], "[{{'Key': 'k', 'Value': '{}'}}]"),
    "s3 prefix": Place(
        lambda value: {"inputs": {"raw": data("data", f"raw/{value}/")}},
        lambda r: r["ProcessingInputs"][0]["S3Input"]["S3Uri"],
        "s3://data/raw/{}/",
    ),
    "local path": Place(
        lambda value: {
            "inputs": {"raw": ml.ProcessingInput(source=data("data", ""), local_path=f"/opt/ml/processing/{value}")}
        },
        lambda r: r["ProcessingInputs"][0]["S3Input"]["LocalPath"],
        "/opt/ml/processing/{}",
    ),
    "output": Place(
        lambda value: {"outputs": {"out": data("data", f"out/{value}")}},
        lambda r: r["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"],
        "s3://data/out/{}",
    ),
    "query": Place(
        lambda value: {
            "inputs": {
                "q": ml.ProcessingInput(
                    source=ml.processing.AthenaDataset(
                        database="d", query=f"SELECT '{value}'", output=ml.S3Data.from_uri("s3://data/q/")
                    )
                )
            }
        },
        lambda r: r["ProcessingInputs"][0]["DatasetDefinition"]["AthenaDatasetDefinition"]["QueryString"],
        "SELECT '{}'",
    ),
    "experiment": Place(
        lambda value: {"experiment": ml.props.Experiment(experiment_name=value)},
        lambda r: r["ExperimentConfig"]["ExperimentName"],
    ),
    "job name": Place(lambda value: {"job_name": f"nightly-{value}"}, lambda r: r["ProcessingJobName"], "nightly-{}"),
}
VALUES = {
    "JsonPath": lambda: sfn.JsonPath.string_at("$.x"),
    "execution input": lambda: ml.execution_input("x"),
    "JSONata": lambda: "{% $states.input.x %}",
    "JSONata that computes": lambda: "{% $states.input.missing ? 'no' : $states.input.x %}",
}
CASES = [
    (value, place, language)
    for value in VALUES
    for place in PLACES
    for language in ("JSONPath", "JSONata")
    if language == "JSONata" or "JSONata" not in value
]


def cluster(request: Any) -> Any:
    return request["ProcessingResources"]["ClusterConfig"]


@pytest.mark.parametrize(("value", "place", "language"), CASES, ids=["-".join(case) for case in CASES])
def test_a_runtime_value_reaches_the_request(
    stack: Stack, asl: Callable[..., Any], value: str, place: str, language: str
) -> None:
    """Evaluated as Step Functions does, the request has the text where it was put."""
    props = {"image": IMAGE, **PLACES[place].props(VALUES[value]())}
    machine = {"query_language": JSONATA} if language == "JSONata" else {}

    state = asl(stack, ml.ProcessingJob(stack, "Job", **props), **machine)["Job"]

    found = PLACES[place].found(request_of(state, INPUT))
    assert str(found) == PLACES[place].shown.format("one")
    assert ("Arguments" in state) is (language == "JSONata")


@pytest.mark.parametrize(
    "place", [name for name in PLACES if name not in {"job name", "scalar", "s3 prefix", "output"}]
)
def test_a_token_reaches_the_template(stack: Stack, asl: Callable[..., Any], place: str) -> None:
    """What CloudFormation knows is filled in when the template is deployed."""
    props = {"image": IMAGE, **PLACES[place].props(Aws.REGION)}

    state = asl(stack, ml.ProcessingJob(stack, "Job", **props))["Job"]

    assert str(PLACES[place].found(request_of(state, INPUT))) == PLACES[place].shown.format("us-east-1")


def test_a_list_of_the_input_is_all_arguments(stack: Stack, asl: Callable[..., Any]) -> None:
    """JsonPath.list_at() stands for the whole list."""
    job = ml.ProcessingJob(stack, "Job", image=IMAGE, arguments=sfn.JsonPath.list_at("$.list"))

    state = asl(stack, job)["Job"]

    assert state["Parameters"]["AppSpecification"]["ContainerArguments.$"] == "$.list"


def test_a_list_among_other_arguments_is_refused(stack: Stack) -> None:
    """No query language can join them."""
    with pytest.raises(ml.InvalidPropsError, match=r"Census/Job: arguments must be one list that is known only later"):
        ml.ProcessingJob(stack, "Job", image=IMAGE, arguments=["--x", *sfn.JsonPath.list_at("$.list")])


@pytest.mark.parametrize("language", ["JSONPath", "JSONata"])
def test_numbers_of_the_input(stack: Stack, asl: Callable[..., Any], language: str) -> None:
    """A number stays one where the API takes numbers, and becomes a text where it takes texts."""
    number = sfn.JsonPath.number_at("$.size")
    job = ml.TrainingJob(
        stack,
        "Job",
        image=IMAGE,
        volume_size=sfn.JsonPath.string_at("$.size"),
        instance_count=number,  # type: ignore[arg-type]
        hyperparameters={"size": number},
        environment={"SIZE": number},  # type: ignore[dict-item]
    )
    machine = {"query_language": JSONATA} if language == "JSONata" else {}

    request = request_of(asl(stack, job, **machine)["Job"], INPUT)

    assert request["ResourceConfig"] == {"InstanceCount": 50, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 50}
    assert request["HyperParameters"] == {"size": "50"}
    assert request["Environment"] == {"SIZE": "50"}


def test_a_number_of_cloudformation_as_a_hyperparameter(stack: Stack, asl: Callable[..., Any]) -> None:
    """It becomes a text, not the number that CDK stands in for it."""
    epochs = CfnParameter(stack, "Epochs", type="Number").value_as_number
    job = ml.TrainingJob(stack, "Job", image=IMAGE, hyperparameters={"epochs": epochs})

    assert Token.is_unresolved(epochs)
    assert asl(stack, job)["Job"]["Parameters"]["HyperParameters"] == {"epochs": "parameter-Epochs"}


def test_a_state_of_its_own_language_in_a_jsonpath_machine(stack: Stack, asl: Callable[..., Any]) -> None:
    """The state says so."""
    job = ml.ProcessingJob(
        stack, "Job", image=IMAGE, query_language=JSONATA, environment={"A": "{% $states.input.x %}"}
    )

    state = asl(stack, job)["Job"]

    assert state["QueryLanguage"] == "JSONata"
    assert request_of(state, INPUT)["Environment"] == {"A": "one"}


def test_jsonata_in_a_jsonpath_machine_is_refused(stack: Stack) -> None:
    """Step Functions would take it for text."""
    job = ml.ProcessingJob(stack, "Job", image=IMAGE, environment={"A": "{% $states.input.x %}"})

    with pytest.raises(RuntimeError, match=r"Census/Job: Environment cannot be written: .* is JSONata, and the query"):
        sfn.StateMachine(stack, "Machine", definition_body=sfn.DefinitionBody.from_chainable(job))


def test_jsonata_in_a_jsonpath_job_is_refused_at_once(stack: Stack) -> None:
    """The job's own language is known when it is made."""
    with pytest.raises(ml.InvalidPropsError, match=r"environment cannot be written: .* pass query_language="):
        ml.ProcessingJob(
            stack, "Job", image=IMAGE, environment={"A": "{% $x %}"}, query_language=sfn.QueryLanguage.JSON_PATH
        )


def test_an_intrinsic_function_in_a_jsonata_job_is_refused(stack: Stack) -> None:
    """JSONata has functions of its own."""
    call = sfn.JsonPath.format("x-{}", sfn.JsonPath.string_at("$.x"))

    with pytest.raises(ml.InvalidPropsError, match=r"environment cannot be written: .* has no counterpart in JSONata"):
        ml.ProcessingJob(stack, "Job", image=IMAGE, environment={"A": call}, query_language=JSONATA)


def test_an_intrinsic_function_in_jsonpath(stack: Stack, asl: Callable[..., Any]) -> None:
    """As a whole value, in a list and inside a text."""
    call = sfn.JsonPath.format("x-{}", sfn.JsonPath.string_at("$.x"))
    job = ml.ProcessingJob(stack, "Job", image=IMAGE, environment={"A": call, "B": f"<{call}>"}, arguments=["a", call])

    request = request_of(asl(stack, job)["Job"], INPUT)

    assert request["Environment"] == {"A": "x-one", "B": "<x-one>"}
    assert request["AppSpecification"]["ContainerArguments"] == ["a", "x-one"]


@pytest.mark.parametrize(
    ("prop", "value"), [("result_path", "$.r"), ("input_path", "$.x"), ("output_path", "$.x"), ("result_selector", {})]
)
def test_props_of_jsonpath_in_a_jsonata_job_are_refused(stack: Stack, prop: str, value: Any) -> None:
    """aws-cdk-lib would write fields that Step Functions refuses."""
    with pytest.raises(ml.InvalidPropsError, match=rf"{prop} cannot be used in JSONata, got .*; pass state_output="):
        ml.ProcessingJob(stack, "Job", image=IMAGE, query_language=JSONATA, **{prop: value})


def test_props_of_jsonata_in_a_jsonpath_machine_are_refused(stack: Stack) -> None:
    """Also if only the state machine tells the language."""
    job = ml.ProcessingJob(stack, "Job", image=IMAGE, state_output="{% 1 %}")

    with pytest.raises(RuntimeError, match="state_output cannot be used in JSONPath"):
        sfn.StateMachine(stack, "Machine", definition_body=sfn.DefinitionBody.from_chainable(job))


def test_locations_with_runtime_buckets(stack: Stack, asl: Callable[..., Any], synth: Callable[..., Any]) -> None:
    """What the role may read is told beside them."""
    known = ml.S3Data.from_bucket(s3.Bucket.from_bucket_name(stack, "Data", "data"), "raw/")
    given = ml.S3Data.from_uri(ml.execution_input("RawData"), within=[known])
    job = ml.ProcessingJob(stack, "Job", image=IMAGE, inputs={"raw": given})

    state = asl(stack, job)["Job"]

    s3_input = state["Parameters"]["ProcessingInputs"][0]["S3Input"]
    assert s3_input["S3Uri.$"] == "$$.Execution.Input['RawData']"
    assert ":s3:::data/raw/*" in str(synth(stack))


@pytest.mark.parametrize("language", ["JSONPath", "JSONata"])
def test_an_output_is_a_place_of_the_execution(stack: Stack, asl: Callable[..., Any], language: str) -> None:
    """What another execution wrote does not match it as a prefix."""
    job = ml.ProcessingJob(stack, "Job", image=IMAGE, outputs=["train"])
    machine = {"query_language": JSONATA} if language == "JSONata" else {}

    request = request_of(asl(stack, job, **machine)["Job"], INPUT)

    uri = request["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]
    assert uri.startswith("s3://constructsmlartifacts")
    assert uri.endswith("/Job/train/run-1/")


def test_an_outputs_uri_in_tasks_of_aws_cdk_lib(stack: Stack, asl: Callable[..., Any]) -> None:
    """It is a JsonPath token that they understand."""
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_stepfunctions_tasks as tasks

    job = ml.ProcessingJob(stack, "Job", image=IMAGE, outputs=["train"])
    uri = job.output("train").uri
    function = lambda_.Function.from_function_name(stack, "Function", "f")
    steps = (
        job.next(sfn.Pass(stack, "Pass", parameters={"uri": uri}))
        .next(
            tasks.LambdaInvoke(stack, "Invoke", lambda_function=function, payload=sfn.TaskInput.from_object({"u": uri}))
        )
        .next(
            tasks.CallAwsService(
                stack, "Call", service="s3", action="listObjectsV2", iam_resources=["*"], parameters={"Prefix": uri}
            )
        )
    )

    states = asl(stack, steps)

    written = request_of(states["Job"], INPUT)["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]
    assert request_of(states["Pass"], INPUT) == {"uri": written}
    assert request_of(states["Invoke"], INPUT)["Payload"] == {"u": written}
    assert request_of(states["Call"], INPUT) == {"Prefix": written}


def test_an_outputs_uri_in_jsonata_tasks_of_aws_cdk_lib(stack: Stack, asl: Callable[..., Any]) -> None:
    """They take it as an expression."""
    job = ml.ProcessingJob(stack, "Job", image=IMAGE, outputs=["train"])
    after = sfn.Pass.jsonata(stack, "Pass", outputs={"uri": job.output("train").jsonata_uri})

    states = asl(stack, job.next(after), query_language=JSONATA)

    written = request_of(states["Job"], INPUT)["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]
    assert request_of({"Arguments": states["Pass"]["Output"]}, INPUT) == {"uri": written}


@pytest.mark.parametrize("language", ["JSONPath", "JSONata"])
def test_a_result_goes_into_the_next_job(stack: Stack, asl: Callable[..., Any], language: str) -> None:
    """A reference made without a language works in either."""
    first = ml.ProcessingJob(stack, "Preprocess", image=IMAGE)
    second = ml.ProcessingJob(stack, "Job", image=IMAGE, environment={"ARN": first.result("ProcessingJobArn")})
    machine = {"query_language": JSONATA} if language == "JSONata" else {}

    states = asl(stack, first.next(second), **machine)

    assert request_of(states["Job"], INPUT)["Environment"] == {"ARN": "arn:1"}


def test_the_language_of_a_workflow_reaches_into_branches(stack: Stack, asl: Callable[..., Any]) -> None:
    """aws-cdk-lib does not tell it to the states inside Parallel."""
    parallel = sfn.Parallel.jsonata(stack, "Both").branch(
        ml.ProcessingJob(stack, "Job", image=IMAGE, arguments=["{% $states.input.x %}"])
    )
    ml.Workflow(stack, "Workflow", definition=parallel, query_language=JSONATA)

    request = request_of(asl(stack)["Job"], INPUT)

    assert request["AppSpecification"]["ContainerArguments"] == ["one"]


def test_what_is_wrong_in_a_workflows_language_is_one_clear_error(stack: Stack) -> None:
    """An error of the library, not the text of one that came back from aws-cdk-lib."""
    job = ml.ProcessingJob(stack, "Job", image=IMAGE, environment={"A": "{% $x %}"})

    with pytest.raises(ml.InvalidPropsError, match="Census/Job: Environment cannot be written"):
        ml.Workflow(stack, "Workflow", definition=job)


def test_a_status_that_was_compared_in_the_wrong_language(stack: Stack) -> None:
    """A Choice of a JSONata state machine takes no JSONPath."""
    job = ml.ProcessingJob(stack, "Job", image=IMAGE)
    choice = sfn.Choice(stack, "Done?").when(job.status_is("Completed"), sfn.Succeed(stack, "Yes"))

    with pytest.raises(ml.InvalidPropsError, match=r"status_is is a JSONPath condition, .*; pass query_language="):
        ml.Workflow(stack, "Workflow", definition=job.next(choice), query_language=JSONATA)
