"""Roles that the wrong service trusts, explicit denials, and the policies of SAM's state machines."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from support.defects import template_violations

from constructs_ml.lint import Severity, check_template
from constructs_ml.lint.examples import policy, template
from constructs_ml.lint.rules.access.cml506_trust import ASSUMED

ON = "arn:aws:lambda:us-east-1:111122223333:function:score"
ALLOWED = policy("lambda:InvokeFunction", on=ON)


def told(body: dict[str, Any]) -> list[tuple[str, str]]:
    assert all(item.severity is Severity.ERROR for item in check_template(body))
    return [(item.rule, item.message) for item in check_template(body)]


def trust(*principals: Any, **statement: Any) -> dict[str, Any]:
    made = [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": each, **statement} for each in principals]
    return {"Version": "2012-10-17", "Statement": made}


def assumed(kind: str, place: str, document: Any) -> dict[str, Any]:
    """A resource with a role whose trust policy this is."""
    value: Any = {"Fn::GetAtt": ["Role", "Arn"]}
    for name in reversed(place.split(".")):
        value = {name.removesuffix("[]"): [value] if name.endswith("[]") else value}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    return {"Resources": {"Role": role, "Thing": {"Type": kind, "Properties": value}}}


PLACES = [(kind, *place) for kind, places in ASSUMED.items() for place in places]


@pytest.mark.parametrize(("kind", "place", "service"), PLACES)
def test_a_role_that_does_not_trust_who_assumes_it_is_told(kind: str, place: str, service: str) -> None:
    found = told(assumed(kind, place, trust({"Service": "ec2.amazonaws.com"})))
    ((_rule, message),) = [item for item in found if item[0] == "CML506"]
    assert f"whose trust policy names ec2.amazonaws.com instead of {service}.amazonaws.com, which assumes it" in message
    right = assumed(kind, place, trust({"Service": f"{service}.amazonaws.com"}))
    assert "CML506" not in {rule for rule, _ in told(right)}


FLOW = ("AWS::StepFunctions::StateMachine", "RoleArn")
ST = trust({"Service": "states.amazonaws.com"})


@pytest.mark.parametrize(
    "document",
    [
        trust({"Service": "states.amazonaws.com"}),
        trust({"Service": "states.eu-west-1.amazonaws.com"}),
        trust({"Service": "states.amazonaws.com.cn"}),
        trust({"Service": ["lambda.amazonaws.com", "states.amazonaws.com"]}),
        trust({"Service": "lambda.amazonaws.com"}, {"Service": "states.amazonaws.com"}),
        trust({"Service": {"Fn::Join": ["", ["states.", {"Ref": "AWS::Region"}, ".amazonaws.com"]]}}),
        trust({"Service": {"Ref": "Service"}}),
        trust("*"),
        trust({"Service": "states.amazonaws.com"}, Action=["sts:TagSession", "STS:assumerole"]),
        trust({"Service": "states.amazonaws.com"}, Action="sts:*"),
        trust({"Service": "states.amazonaws.com"}, Action={"Ref": "Action"}),
        {"Statement": [*ST["Statement"], *trust({"Service": "ec2.amazonaws.com"}, Effect="Deny")["Statement"]]},
        {"Statement": [*ST["Statement"], *trust("*", Effect="Deny", Condition={"Bool": {"a": "b"}})["Statement"]]},
        {"Fn::If": ["Mine", {"Ref": "A"}, {"Ref": "B"}]},
        {"Ref": "Document"},
        trust({"Service": "states.amazonaws.com"}, Condition={"StringEquals": {"aws:SourceAccount": "111122223333"}}),
    ],
)
def test_one_that_may_trust_it_passes(document: Any) -> None:
    assert "CML506" not in {rule for rule, _ in told(assumed(*FLOW, document))}


@pytest.mark.parametrize(
    "document",
    [
        trust({"AWS": "arn:aws:iam::111122223333:root"}),
        trust({"Federated": "cognito-identity.amazonaws.com"}),
        trust({"Service": "states.amazonaws.com"}, Effect="Deny"),
        trust({"Service": "states.amazonaws.com"}, Action="sts:AssumeRoleWithWebIdentity"),
        trust({"Service": "states.amazonaws.com"}, Action=["sts:TagSession"]),
        {"Statement": [*ST["Statement"], *trust({"Service": "states.amazonaws.com"}, Effect="Deny")["Statement"]]},
        {"Statement": [*ST["Statement"], *trust("*", Effect="Deny", Action="sts:*")["Statement"]]},
        trust({"Service": "statesman.amazonaws.com"}),
        trust({"Service": "sagemaker.amazonaws.com"}),
        {"Version": "2012-10-17", "Statement": []},
    ],
)
def test_one_that_does_not_is_told(document: Any) -> None:
    ((_rule, message),) = [item for item in told(assumed(*FLOW, document)) if item[0] == "CML506"]
    assert "names states.amazonaws.com, and not states.amazonaws.com" not in message


def test_a_role_from_elsewhere_is_not_judged() -> None:
    body = assumed(*FLOW, trust({"Service": "ec2.amazonaws.com"}))
    body["Resources"]["Thing"]["Properties"]["RoleArn"] = {"Ref": "RoleArn"}
    assert told(body) == []


def test_the_role_of_jobs_has_to_trust_sagemaker() -> None:
    """One finding for all the jobs that it is handed to."""

    def defect(resources: dict[str, Any]) -> None:
        (role,) = [
            item
            for name, item in resources.items()
            if name.startswith("ConstructsMlJobRole") and item["Type"] == "AWS::IAM::Role"
        ]
        text = json.dumps(role["Properties"]["AssumeRolePolicyDocument"]).replace("sagemaker", "lambda")
        role["Properties"]["AssumeRolePolicyDocument"] = json.loads(text)

    found = template_violations(defect)
    assert {item.rule for item in found} == {"CML508"}
    assert "whose trust policy names lambda.amazonaws.com instead of sagemaker.amazonaws.com" in found[0].message


def deny(*actions: str, on: Any = "*", **fields: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": list(actions), "Resource": on, **fields}


@pytest.mark.parametrize(
    "statement",
    [
        deny("*"),
        deny("lambda:*"),
        deny("lambda:InvokeFunction", on=ON),
        deny("LAMBDA:invokefunction", on=[ON, "arn:aws:s3:::a"]),
        {"Effect": "Deny", "NotAction": ["s3:*", "lambda:Get*"], "Resource": "*"},
        {"Effect": "Deny", "NotAction": "s3:*", "Resource": ON},
        {"Effect": "Deny", "Action": "lambda:*", "NotResource": "arn:aws:lambda:*:*:function:another"},
    ],
)
def test_what_is_denied_is_told(statement: dict[str, Any]) -> None:
    ((rule, message),) = told(template(ALLOWED, statement))
    assert rule == "CML507"
    assert message.startswith("Call: needs lambda:InvokeFunction, which FlowRole denies")


@pytest.mark.parametrize(
    "statement",
    [
        deny("lambda:DeleteFunction"),
        deny("lambda:InvokeFunction", on=f"{ON}2"),
        deny("lambda:InvokeFunction", Condition={"Bool": {"aws:SecureTransport": "false"}}),
        {"Effect": "Deny", "NotAction": "lambda:*", "Resource": "*"},
        {"Effect": "Deny", "NotAction": {"Ref": "Actions"}, "Resource": "*"},
        {"Effect": "Deny", "NotAction": "s3:*", "Resource": f"{ON}2"},
        {"Effect": "Deny", "Action": "lambda:*", "NotResource": "arn:aws:lambda:*"},
        {"Effect": "Deny", "Action": "lambda:*", "NotResource": {"Ref": "Resources"}},
        {"Effect": "Deny", "NotAction": "lambda:InvokeFunction", "Resource": "*"},
        {"Effect": "Deny", "Action": "lambda:InvokeFunction", "NotResource": ON},
    ],
)
def test_a_denial_that_may_not_hold_is_not_judged(statement: dict[str, Any]) -> None:
    assert told(template(ALLOWED, statement)) == []


def sam(*policies: Any, **fields: Any) -> dict[str, Any]:
    """A state machine of SAM that waits for a Glue job and an execution, with policies of its own."""
    start = {
        "Type": "Task",
        "Resource": "arn:aws:states:::glue:startJobRun.sync",
        "Parameters": {"JobName": "clean"},
        "End": True,
    }
    definition = {"StartAt": "Clean", "States": {"Clean": start}}
    properties = {"Definition": definition, "Policies": list(policies), **fields}
    return {"Resources": {"Flow": {"Type": "AWS::Serverless::StateMachine", "Properties": properties}}}


JOB = {"Fn::Sub": "arn:aws:glue:${AWS::Region}:${AWS::AccountId}:job/clean"}
START = policy("glue:StartJobRun", on=JOB)  # type: ignore[arg-type]
WAIT = policy("glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun", on="*")


def test_what_sam_s_policies_lack_for_sync_is_told() -> None:
    """A policy in the state machine is all that SAM's role has."""
    ((rule, message),) = told(sam({"Version": "2012-10-17", "Statement": [START]}))
    assert rule == "CML501"
    assert "Clean: needs glue:GetJobRun, glue:GetJobRuns, glue:BatchStopJobRun" in message


@pytest.mark.parametrize(
    "body",
    [
        sam({"Statement": [START, WAIT]}),
        sam({"Statement": [START]}, {"Statement": WAIT}),
        sam({"Statement": [START]}, {"LambdaInvokePolicy": {"FunctionName": "score"}}),
        sam({"Statement": [START]}, "arn:aws:iam::aws:policy/AWSGlueConsoleFullAccess"),
        sam({"Statement": [START]}, Role="arn:aws:iam::111122223333:role/Flow"),
        sam("AWSGlueConsoleFullAccess"),
        sam({"Statement": [START]}, Connectors={"A": {"Properties": {}}}),
    ],
)
def test_policies_that_are_elsewhere_are_not_judged(body: dict[str, Any]) -> None:
    if "Connectors" in body["Resources"]["Flow"]["Properties"]:
        body = copy.deepcopy(body)
        body["Resources"]["Flow"]["Connectors"] = body["Resources"]["Flow"]["Properties"].pop("Connectors")
    assert told(body) == []
