"""State machines are read from templates as a deployment would read them."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_ml.asl.machine import Granted, Machine
from constructs_ml.cfn.intrinsics import Resolver
from constructs_ml.cfn.template import machines_of
from constructs_ml.errors import readable

DEFINITION = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}'
POLICY = {"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": {"Fn::GetAtt": ["Data", "Arn"]}}}
GRANTED = Granted("Allow", ("s3:GetObject",), ("${Token[Data.Arn]}",), {}, "Role")


def machine_of(properties: dict[str, Any], **resources: Any) -> Machine:
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    (found,) = machines_of({"Resources": {"Machine": machine, **resources}})
    return found


def role(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::IAM::Role", "Properties": properties}


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        ({"Ref": "AWS::Partition"}, "aws"),
        ({"Ref": "Data"}, "${Token[Data]}"),
        ({"Fn::GetAtt": "Data.Arn"}, "${Token[Data.Arn]}"),
        ({"Fn::Join": ["-", ["a", {"Ref": "AWS::Region"}, 3]]}, "a-us-east-1-3"),
        ({"Fn::Sub": "${AWS::Region}/${Data.Arn}/${!Kept}"}, "us-east-1/${Token[Data.Arn]}/${Kept}"),
        ({"Fn::Sub": ["${x}", {"x": {"Ref": "AWS::Region"}}]}, "us-east-1"),
        ({"Fn::If": ["IsProd", "big", "small"]}, "big"),
        ({"Fn::Select": [1, {"Fn::Split": ["/", "a/b"]}]}, "b"),
        ({"Fn::FindInMap": ["Images", {"Ref": "AWS::Region"}, "account"]}, "1"),
        ({"Fn::FindInMap": ["Images", "mars", "account"]}, "${Token[FindInMap(Images,mars,account)]}"),
        ({"Fn::ImportValue": "Shared"}, "${Token[ImportValue(Shared)]}"),
        ([{"Ref": "AWS::NoValue"}, 1], [1]),
        ({"a": {"Ref": "AWS::NoValue"}, "b": {"c": True}}, {"b": {"c": True}}),
        ({"a": None}, {"a": None}),
        ({"Fn::ToJsonString": {"a": {"Ref": "AWS::Region"}}}, '{"a": "us-east-1"}'),
    ],
)
def test_intrinsic_functions(value: Any, resolved: Any) -> None:
    """What is known before a deployment is filled in; the rest is marked, the same wherever it stands."""
    template = {"Mappings": {"Images": {"us-east-1": {"account": "1"}}}}
    assert Resolver(template).resolve(value) == resolved


@pytest.mark.parametrize(
    ("condition", "chosen"),
    [
        ("Unheard", "yes"),
        ("IsProd", "no"),
        ("IsNotProd", "yes"),
        ("IsEast", "yes"),
        ("IsNotEast", "no"),
        ("Both", "no"),
        ("Either", "yes"),
        ("Same", "yes"),
        ("Round", "yes"),
        ("Odd", "yes"),
    ],
)
def test_a_condition_holds_in_all_places_or_in_none(condition: str, chosen: str) -> None:
    """By the defaults of parameters; what depends on what is not known holds, and its opposite does not."""
    template = {
        "Parameters": {"Stage": {"Type": "String", "Default": "test"}, "Where": {"Type": "String"}},
        "Conditions": {
            "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
            "IsNotProd": {"Fn::Not": [{"Condition": "IsProd"}]},
            "IsEast": {"Fn::Equals": [{"Ref": "Where"}, "east"]},
            "IsNotEast": {"Fn::Not": [{"Condition": "IsEast"}]},
            "Both": {"Fn::And": [{"Condition": "IsEast"}, {"Condition": "IsProd"}]},
            "Either": {"Fn::Or": [{"Condition": "IsProd"}, {"Condition": "IsEast"}]},
            "Same": {"Fn::Equals": ["a", "a"]},
            "Round": {"Condition": "Round"},
            "Odd": {"Fn::Not": "IsProd"},
        },
    }
    assert Resolver(template).resolve({"Fn::If": [condition, "yes", "no"]}) == chosen


def test_what_a_condition_leaves_out() -> None:
    """It is left out if that is known, else what would stand there is the better example."""
    template = {"Conditions": {"Never": {"Fn::Equals": ["a", "b"]}, "Perhaps": {"Fn::Equals": [{"Ref": "Where"}, "b"]}}}
    nothing = {"Ref": "AWS::NoValue"}
    assert Resolver(template).resolve([{"Fn::If": ["Never", "x", nothing]}]) == []
    assert Resolver(template).resolve([{"Fn::If": ["Perhaps", nothing, "x"]}]) == ["x"]


def test_a_part_of_what_is_known_later_is_known_later() -> None:
    """Neither Select nor Split can be worked out then."""
    found = Resolver({}).resolve({"Fn::Select": [0, {"Fn::Split": ["/", {"Ref": "Data"}]}]})
    assert found.startswith("${Token[Select(0,")


def test_what_is_known_later_is_shown_in_brackets() -> None:
    """Messages name the resource."""
    assert readable("s3://${Token[Data]}/in and ${Token[Role.Arn]}") == "s3://<Data>/in and <Role.Arn>"


def test_a_definition_may_be_text_or_an_object() -> None:
    """CloudFormation takes both; SAM's own resource is read too."""
    assert machine_of({"DefinitionString": DEFINITION}).definition.start == "A"
    assert machine_of({"Definition": {"StartAt": "B", "States": {}}}).definition.start == "B"
    sam = {"Type": "AWS::Serverless::StateMachine", "Properties": {"Definition": {"StartAt": "C"}, "Type": "EXPRESS"}}
    (found,) = machines_of({"Resources": {"Machine": sam}})
    assert found.express
    assert found.definition.start == "C"


def test_substitutions_are_filled_in() -> None:
    """What DefinitionSubstitutions do not name stays as it is."""
    definition = '{"StartAt": "${first}", "Comment": "${other}", "TimeoutSeconds": "${n}"}'
    substitutions = {"first": "A", "n": {"Ref": "Seconds"}}
    body = machine_of({"DefinitionString": definition, "DefinitionSubstitutions": substitutions}).body
    assert body == {"StartAt": "A", "Comment": "${other}", "TimeoutSeconds": "${Token[Seconds]}"}


def test_a_number_that_is_known_later_is_read() -> None:
    """An intrinsic function that stands in the text without quotes."""
    text = {"Fn::Join": ["", ['{"TimeoutSeconds": ', {"Ref": "Seconds"}, "}"]]}
    assert machine_of({"DefinitionString": text}).body == {"TimeoutSeconds": "${Token[Seconds]}"}


@pytest.mark.parametrize(
    "properties",
    [
        {"DefinitionString": {"Ref": "Parameter"}},
        {"DefinitionString": {"Fn::ImportValue": "Definition"}},
        {"Definition": {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://b/x"}}}},
        {},
    ],
)
def test_a_definition_that_is_known_later_is_left_out(properties: dict[str, Any]) -> None:
    """It cannot be checked, and is not wrong."""
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    assert list(machines_of({"Resources": {"Machine": machine}})) == []


def test_numbers_are_filled_in() -> None:
    """Where they stand without quotes."""
    definition = '{"TimeoutSeconds": ${n}, "Comment": "in: ${n}, out"}'
    properties = {"DefinitionString": definition, "DefinitionSubstitutions": {"n": 10}}
    assert machine_of(properties).body == {"TimeoutSeconds": 10, "Comment": "in: 10, out"}


def test_what_sam_says_of_all_state_machines() -> None:
    """Globals hold unless a state machine says otherwise."""
    sam = {"Type": "AWS::Serverless::StateMachine", "Properties": {"Definition": {"StartAt": "C"}}}
    every = {"Globals": {"StateMachine": {"Type": "EXPRESS"}}, "Resources": {"Machine": sam}}
    (found,) = machines_of(every)
    assert found.express


@pytest.mark.parametrize(("given", "why"), [("{", "is not JSON"), ("[]", "must be an object, got list")])
def test_a_definition_that_cannot_be_read_is_told(given: str, why: str) -> None:
    """It is no reason to fail: a rule reports it."""
    assert why in machine_of({"DefinitionString": given}).unreadable


def test_a_definition_in_a_file_is_left_out() -> None:
    """What is not in the template cannot be checked with it."""
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"DefinitionS3Location": {}}}
    assert list(machines_of({"Resources": {"Machine": machine}})) == []


@pytest.mark.parametrize(
    "resources",
    [
        {"Role": role(Policies=[{"PolicyDocument": POLICY}])},
        {
            "Role": role(ManagedPolicyArns=[{"Ref": "Managed"}]),
            "Managed": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": POLICY}},
        },
        {
            "Role": role(),
            "Own": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyDocument": POLICY, "Roles": [{"Ref": "Role"}]}},
        },
        {
            "Role": role(),
            "Own": {
                "Type": "AWS::IAM::Policy",
                "Properties": {"PolicyDocument": POLICY, "Roles": {"Fn::If": ["Yes", [{"Fn::Sub": "${Role}"}], []]}},
            },
        },
        {
            "Role": role(RoleName="flow"),
            "Own": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyDocument": POLICY, "Roles": ["flow"]}},
        },
        {
            "Role": role(),
            "Own": {
                "Type": "AWS::IAM::RolePolicy",
                "Properties": {"PolicyDocument": POLICY, "RoleName": {"Ref": "Role"}},
            },
        },
        {"Role": role(Policies=[{"Fn::If": ["Yes", {"PolicyDocument": POLICY}, {"Ref": "AWS::NoValue"}]}])},
        {"Role": role(Policies={"Fn::If": ["Yes", [{"PolicyDocument": POLICY}], {"Ref": "AWS::NoValue"}]})},
    ],
    ids=["inline", "managed", "policy", "chosen roles", "by name", "of a role", "a chosen policy", "chosen policies"],
)
def test_what_a_role_is_allowed(resources: dict[str, Any]) -> None:
    """Wherever in the template its policies stand."""
    found = machine_of({"DefinitionString": DEFINITION, "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}}, **resources)
    assert found.granted is not None
    (granted,) = found.granted
    assert (granted.actions, granted.resources) == (GRANTED.actions, GRANTED.resources)


@pytest.mark.parametrize(
    "resources",
    [
        {},
        {"Role": role(ManagedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"])},
        {"Role": role(), "Connector": {"Type": "AWS::Serverless::Connector", "Properties": {}}},
        {"Role": role(), "Table": {"Type": "AWS::Serverless::SimpleTable", "Connectors": {}}},
        {"Role": role(Policies=[{"PolicyDocument": {"Statement": {"Fn::Transform": "Theirs"}}}])},
    ],
    ids=["imported", "managed by AWS", "connected", "connected at a resource", "unreadable"],
)
def test_permissions_from_elsewhere_are_unknown(resources: dict[str, Any]) -> None:
    """Nothing is said of a role that is not wholly in the template."""
    found = machine_of({"DefinitionString": DEFINITION, "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}}, **resources)
    assert found.granted is None
