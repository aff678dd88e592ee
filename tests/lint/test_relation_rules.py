"""Relations between members that are broken: in a definition, in a resource of the template, in an execution, on the laptop."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.relation_cases import CASES, request

import constructs_ml as ml
from constructs_ml.lint import Severity, all_rules, check_definition, check_template
from constructs_ml.local.api.requests import problems
from constructs_ml.sagemaker.relations.table import RELATIONS
from constructs_ml.testing import SimulationError, simulate

BY_NAME = {relation.name: relation for relation in RELATIONS}
RULES = {
    "local_path": "CML209",
    "names": "CML210",
    "places": "CML211",
    "spot": "CML212",
    "volume_key": "CML213",
    "gzip": "CML214",
    "feature_store": "CML215",
    "algorithm": "CML216",
    "payload": "CML217",
    "instance_choice": "CML218",
    "container_names": "CML219",
    "channels": "CML220",
    "local_path_required": "CML221",
    "tags": "CML222",
    "hyperband": "CML223",
    "augmented_manifest": "CML224",
    "alternatives": "CML230",
    "limits": "CML231",
    "distinct": "CML232",
    "requires": "CML233",
    "excludes": "CML234",
    "references": "CML235",
    "values": "CML236",
}
OURS = set(RULES.values())
FEW = list(CASES)[::9]


def definition(operation: str, asked: Any, language: str) -> dict[str, Any]:
    action = operation[0].lower() + operation[1:]
    state = {"Type": "Task", "Resource": f"arn:aws:states:::aws-sdk:sagemaker:{action}", "End": True}
    field = "Arguments" if language == "JSONata" else "Parameters"
    return {"StartAt": "Ask", "QueryLanguage": language, "States": {"Ask": {**state, field: asked}}}


def test_each_topic_has_a_rule() -> None:
    assert {relation.about for relation in RELATIONS} == set(RULES)
    assert {rule.id for rule in all_rules()} >= OURS


@pytest.mark.parametrize("name", CASES)
def test_a_definition_breaks_the_rule_of_the_topic(name: str) -> None:
    """One violation at least, all of this rule; the right request has none."""
    operation, wrong, right = CASES[name]
    severity = Severity.ERROR if BY_NAME[name].certain else Severity.WARNING
    language = "JSONata" if len(name) % 2 else "JSONPath"
    found = [
        one for one in check_definition(definition(operation, request(operation, wrong), language)) if one.rule in OURS
    ]

    assert {(one.rule, one.severity, one.state) for one in found} == {(RULES[BY_NAME[name].about], severity, "Ask")}
    clean = check_definition(definition(operation, request(operation, right), language))
    assert [str(one) for one in clean if one.rule in OURS] == []


def template(kind: str, properties: Any) -> dict[str, Any]:
    body = {"StartAt": "Ready", "States": {"Ready": {"Type": "Succeed"}}}
    flow = {"Definition": body, "RoleArn": "arn:aws:iam::111122223333:role/Flow"}
    resource = {"Type": f"AWS::SageMaker::{kind}", "Properties": properties}
    machines = {f"Flow{at}": {"Type": "AWS::StepFunctions::StateMachine", "Properties": flow} for at in range(2)}
    return {"Resources": {"Thing": resource, **machines}}


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("Model", "a model has one container or several"),
        ("Model", "a prefix of model data ends in a slash"),
        ("EndpointConfig", "variants have names of their own"),
        ("EndpointConfig", "serverless memory comes in steps"),
        ("EndpointConfig", "a serverless variant has no instances"),
        ("Endpoint", "a canary is at most half"),
        ("ModelPackage", "a version has the tags of its group"),
        ("FeatureGroup", "records are identified by a feature"),
    ],
)
def test_a_resource_of_the_template_breaks_it_too(kind: str, name: str) -> None:
    """It is told once, with its logical id and property."""
    operation, wrong, right = CASES[name]
    (found,) = [one for one in check_template(template(kind, request(operation, wrong))) if one.rule in OURS]

    assert (found.rule, found.state) == (RULES[BY_NAME[name].about], "")
    assert found.member.startswith("Thing.Properties")
    assert not [one for one in check_template(template(kind, request(operation, right))) if one.rule in OURS]


def test_what_the_template_decides_is_not_judged() -> None:
    """Conditions, parameters and members that are there only sometimes."""
    variant = {
        "VariantName": {"Ref": "Name"},
        "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]},
        "ServerlessConfig": {"Fn::If": ["Small", {"MemorySizeInMB": 1, "MaxConcurrency": 1}, {"Ref": "AWS::NoValue"}]},
        "InstanceType": {"Fn::If": ["Small", {"Ref": "AWS::NoValue"}, "ml.m5.xlarge"]},
    }
    properties = {"ProductionVariants": [variant, variant]}

    assert [str(one) for one in check_template(template("EndpointConfig", properties)) if one.rule in OURS] == []
    assert check_template(template("Model", {"Fn::If": ["a", {}, {}]})) == check_template(template("Model", None))


@pytest.mark.parametrize("name", FEW)
def test_the_local_api_refuses_it_as_sagemaker_does(name: str) -> None:
    """A ValidationException's message; what is only advised against is let through."""
    operation, wrong, right = CASES[name]
    told = problems(operation, request(operation, wrong))

    assert (told is not None) == BY_NAME[name].certain
    assert told is None or "validation error" in told
    assert problems(operation, request(operation, right)) is None


@pytest.mark.parametrize("jsonata", [False, True])
def test_a_value_that_only_an_execution_has_fails_its_state(*, jsonata: bool) -> None:
    """With the name that Step Functions gives a ValidationException; another value is taken."""
    place = {"MaxWaitTimeInSeconds": "{% $states.input.wait %}"} if jsonata else {"MaxWaitTimeInSeconds.$": "$.wait"}
    asked = request("CreateTrainingJob", {"EnableManagedSpotTraining": True})
    asked = {**asked, "StoppingCondition": {"MaxRuntimeInSeconds": 3600, **place}}
    body = definition("CreateTrainingJob", asked, "JSONata" if jsonata else "JSONPath")
    body["States"]["Ask"]["Resource"] = "arn:aws:states:::sagemaker:createTrainingJob.sync"

    failed = simulate(body, input={"wait": 60})
    assert (failed.status, failed.error) == ("FAILED", "SageMaker.AmazonSageMakerException")
    assert "StoppingCondition.MaxWaitTimeInSeconds must be at least MaxRuntimeInSeconds, 3600, with" in str(
        failed.cause
    )
    assert "ValidationException" in str(failed.cause)
    assert simulate(body, input={"wait": 3600}).status == "SUCCEEDED"


def test_a_request_that_is_wrong_in_every_execution_is_the_definitions_fault() -> None:
    """Retries and catches would only hide it."""
    operation, wrong, _ = CASES["a range starts below its end"]
    with pytest.raises(SimulationError, match=r"MinValue must be at most MaxValue, 0\.1, got '0\.5'"):
        simulate(definition(operation, request(operation, wrong), "JSONPath"))


@pytest.mark.parametrize("value", ['{"StartAt": "A"}', b"{}", [1], None, 7])
def test_what_is_no_object_is_refused_in_a_sentence(value: Any) -> None:
    """Instead of an AttributeError."""
    for check, name in ((check_definition, "definition"), (check_template, "template")):
        with pytest.raises(ml.ConstructsMLError, match=f"the {name} must be a JSON object, got ") as raised:
            check(value)
        assert ("json.loads" in str(raised.value)) is isinstance(value, (str, bytes))


def test_unusual_but_legal_requests_raise_no_alarm() -> None:
    """Each was near a relation once: zero, equal bounds, defaults written out, lists of one, empty lists."""
    legal: list[tuple[str, dict[str, Any]]] = [
        ("CreateTransformJob", {"MaxPayloadInMB": 0, "MaxConcurrentTransforms": 100}),
        ("CreateTransformJob", {"BatchStrategy": "SingleRecord"}),
        ("CreateTransformJob", {"BatchStrategy": "MultiRecord", "TransformInput": {"SplitType": "Line"}}),
        (
            "CreateTrainingJob",
            {"EnableManagedSpotTraining": False, "ResourceConfig": {"KeepAlivePeriodInSeconds": 3600}},
        ),
        ("CreateTrainingJob", {"ResourceConfig": {"InstanceGroups": []}}),
        ("CreateTrainingJob", {"ResourceConfig": {"InstanceType": "ml.g5.xlarge"}}),
        ("CreateTrainingJob", {"Tags": []}),
        ("CreateModel", {"Containers": []}),
        ("CreateEndpointConfig", {"ShadowProductionVariants": []}),
        ("UpdateEndpoint", {"DeploymentConfig": {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "a"}]}}}),
        ("CreateProcessingJob", {"ProcessingInputs": []}),
    ]
    for operation, changes in legal:
        found = check_definition(definition(operation, request(operation, changes), "JSONPath"))
        assert [str(one) for one in found if one.rule in OURS] == [], json.dumps(changes)
