"""Roles that are allowed too little or too much for their workflow, each as a user might write it, are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.defects import template_violations, violations

from constructs_ml.lint import Severity, check_template
from constructs_ml.lint.examples import read_object

if TYPE_CHECKING:
    from collections.abc import Callable

    Defect = Callable[[dict[str, Any]], object]

ERROR, WARNING = Severity.ERROR, Severity.WARNING
POLICY = "CensusRoleDefaultPolicy"
PLACE = "arn:aws:sagemaker:us-east-1:111122223333"


def statements(resources: dict[str, Any]) -> list[dict[str, Any]]:
    """The statements of the state machine's role."""
    (policy,) = (resource for name, resource in resources.items() if name.startswith(POLICY))
    found: list[dict[str, Any]] = policy["Properties"]["PolicyDocument"]["Statement"]
    return found


def about(resources: dict[str, Any], text: str) -> dict[str, Any]:
    """The first statement with a text in its actions or its resources."""
    return next(item for item in statements(resources) if text in f"{item['Action']} {item['Resource']}")


def without(text: str) -> Defect:
    """Takes away the statement with a text in it."""
    return lambda resources: statements(resources).remove(about(resources, text))


def without_action(action: str) -> Defect:
    """Takes an action out of its statement."""
    return lambda resources: about(resources, action)["Action"].remove(action)


def change(text: str, **fields: Any) -> Defect:
    """Changes fields of the statement with a text in it."""
    return lambda resources: about(resources, text).update(fields)


def add(*actions: str, on: Any = "*") -> Defect:
    """Allows more."""
    return lambda resources: statements(resources).append({"Effect": "Allow", "Action": list(actions), "Resource": on})


def another_function(resources: dict[str, Any]) -> None:
    """Lets the role invoke another function of the stack."""
    resources["Other"] = {**next(item for name, item in resources.items() if name.startswith("Counter4"))}
    about(resources, "lambda:InvokeFunction")["Resource"] = {"Fn::GetAtt": ["Other", "Arn"]}


def another_role(resources: dict[str, Any]) -> None:
    """Lets the role pass another role of the stack."""
    (other,) = (name for name in resources if name.startswith("CounterServiceRole"))
    about(resources, "iam:PassRole")["Resource"] = {"Fn::GetAtt": [other, "Arn"]}


def no_condition(resources: dict[str, Any]) -> None:
    """Lets the role pass the jobs' role to any service."""
    del about(resources, "iam:PassRole")["Condition"]


TO_LAMBDA = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}

DEFECTS: dict[str, tuple[Defect, str, Severity, str]] = {
    "training may not be started": (
        without("sagemaker:CreateTrainingJob"),
        "CML501",
        ERROR,
        "Train: needs sagemaker:CreateTrainingJob, sagemaker:DescribeTrainingJob, sagemaker:StopTrainingJob",
    ),
    "jobs may not be stopped": (
        without_action("sagemaker:StopTransformJob"),
        "CML501",
        ERROR,
        "Score: needs sagemaker:StopTransformJob on transform-job/Census-RoVC-Score2Wl9qi-*, which the role",
    ),
    "jobs may not be tagged": (
        lambda resources: about(resources, "sagemaker:CreateProcessingJob")["Action"].remove("sagemaker:AddTags"),
        "CML501",
        ERROR,
        "Preprocess: needs sagemaker:AddTags",
    ),
    "jobs are of another kind": (
        change("sagemaker:CreateTrainingJob", Resource=f"{PLACE}:processing-job/Census-RoVC-*"),
        "CML501",
        ERROR,
        "training-job/Census-RoVC-Train-*",
    ),
    "jobs have another prefix": (
        change("sagemaker:CreateTransformJob", Resource=f"{PLACE}:transform-job/Cenus-*"),
        "CML501",
        ERROR,
        'add {"Effect": "Allow"',
    ),
    "a parameter of the input may be read": (
        add("ssm:GetParameters", on="$$.Execution.Input['role']"),
        "CML510",
        ERROR,
        "Resource of a policy contains \"$$.Execution.Input['role']\", which only a state machine evaluates",
    ),
    "objects of the input may be read": (
        add("s3:GetObjectTagging", on={"Fn::Join": ["", ["arn:aws:s3:::", "$.bucket", "/*"]]}),
        "CML510",
        ERROR,
        "contains '$.bucket'",
    ),
    "a text of JSONata may be read": (
        add("ssm:GetParameter", on="{% $name %}"),
        "CML510",
        ERROR,
        "contains '{% $name %}'",
    ),
    "no role may be passed": (
        without("iam:PassRole"),
        "CML501",
        ERROR,
        "Preprocess: needs iam:PassRole on <ConstructsMlJobRole",
    ),
    "another role may be passed": (another_role, "CML501", ERROR, "for sagemaker.amazonaws.com"),
    "the role may be passed to another service": (
        change("iam:PassRole", Condition=TO_LAMBDA),
        "CML501",
        ERROR,
        '"Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}',
    ),
    "the managed rule may not be made": (
        without("SageMakerTuningJobsRule"),
        "CML501",
        ERROR,
        "Tune: needs events:DescribeRule, events:PutRule, events:PutTargets on rule/StepFunctionsGetEventsForSageMakerTuning",
    ),
    "the managed rule is another's": (
        change("SageMakerTrainingJobsRule", Resource="arn:aws:events:us-east-1:111122223333:rule/SageMakerRule"),
        "CML501",
        ERROR,
        "rule/StepFunctionsGetEventsForSageMakerTrainingJobsRule",
    ),
    "the model may not be made": (
        without("sagemaker:CreateModel"),
        "CML501",
        ERROR,
        "Model: needs sagemaker:CreateModel",
    ),
    "the function may not be invoked": (
        without("lambda:InvokeFunction"),
        "CML501",
        ERROR,
        "Count: needs lambda:InvokeFunction on <Counter44A08DAC.Arn>",
    ),
    "another function may be invoked": (another_function, "CML501", ERROR, "Count: needs lambda:InvokeFunction"),
    "the topic may not be told": (without("sns:Publish"), "CML501", ERROR, "Tell: needs sns:Publish on <NewsE995708C>"),
    "the role may be passed to any service": (no_condition, "CML502", ERROR, 'add "Condition": {"StringEquals"'),
    "any role may be passed": (
        change("iam:PassRole", Resource="*"),
        "CML502",
        ERROR,
        "pass any role: iam:PassRole on *",
    ),
    "any role of the account may be passed": (
        change("iam:PassRole", Resource="arn:aws:iam::111122223333:role/*"),
        "CML502",
        ERROR,
        "name the roles of its jobs",
    ),
    "every action of SageMaker is granted": (
        change("sagemaker:CreateTrainingJob", Action="sagemaker:*"),
        "CML503",
        ERROR,
        f"{POLICY}D56968A9 grants 'sagemaker:*', every action of sagemaker",
    ),
    "every action is granted": (add("*"), "CML503", ERROR, "grants '*', every action"),
    "every action of S3 is granted": (add("s3:*", on="arn:aws:s3:::census"), "CML503", ERROR, "grants 's3:*'"),
    "every job may be made": (
        change("sagemaker:CreateModel", Action=["sagemaker:Create*"]),
        "CML503",
        WARNING,
        "grants 'sagemaker:Create*'",
    ),
    "jobs may have any name": (
        change("sagemaker:CreateTrainingJob", Resource="*"),
        "CML504",
        ERROR,
        "CreateTrainingJob, sagemaker:DescribeTrainingJob, sagemaker:StopTrainingJob on *, although the states",
    ),
    "any function may be invoked": (
        change("lambda:InvokeFunction", Resource="*"),
        "CML504",
        ERROR,
        "grants lambda:InvokeFunction on *, although the states that need it name the resource: Count",
    ),
    "any rule may be written": (
        change("SageMakerTuningJobsRule", Resource="*"),
        "CML504",
        ERROR,
        "grants events:DescribeRule, events:PutRule, events:PutTargets on *",
    ),
    "endpoints may be deleted": (
        add("sagemaker:DeleteEndpoint", on=f"{PLACE}:endpoint/census"),
        "CML505",
        WARNING,
        "grants sagemaker:DeleteEndpoint",
    ),
    "another topic may be told": (
        add("sns:Publish", on={"Ref": "Alarms"}),
        "CML505",
        WARNING,
        "grants sns:Publish on <Alarms>, which no state needs",
    ),
}


@pytest.mark.parametrize("jsonata", [False, True], ids=["JSONPath", "JSONata"])
@pytest.mark.parametrize(("defect", "rule", "severity", "said"), DEFECTS.values(), ids=DEFECTS)
def test_a_wrong_role_is_told_of(defect: Defect, rule: str, severity: Severity, said: str, *, jsonata: bool) -> None:
    """Whatever is found is of this rule, and it says what is wrong."""

    def with_topic(resources: dict[str, Any]) -> None:
        resources["Alarms"] = {"Type": "AWS::SNS::Topic"}
        defect(resources)

    found = template_violations(with_topic, jsonata=jsonata)
    assert {(item.rule, item.severity) for item in found} == {(rule, severity)}
    assert said in found[0].message


def test_a_mistake_that_many_states_feel_is_told_once() -> None:
    """Three jobs hand over the same role."""
    (found,) = template_violations(without("iam:PassRole"))
    assert "(as do 3 other states)" in found.message


def test_a_job_that_gets_another_name_is_not_allowed_any_more() -> None:
    """The policy still has the old prefix."""

    def rename(at: dict[str, Any]) -> None:
        at["Train"]["Parameters"]["TrainingJobName.$"] = "States.Format('nightly-{}', States.UUID())"

    (found,) = violations(rename)
    assert found.rule == "CML501"
    assert "training-job/nightly-*" in found.message


def test_a_job_that_gets_another_name_in_jsonata_is_not_allowed_any_more() -> None:
    """A text before the first operator is what the names start with."""

    def rename(at: dict[str, Any]) -> None:
        at["Train"]["Arguments"]["TrainingJobName"] = "{% 'nightly-' & $uuid() %}"

    (found,) = violations(rename, jsonata=True)
    assert found.rule == "CML501"
    assert "training-job/nightly-*" in found.message


def test_a_name_that_is_known_only_at_run_time_may_be_an_allowed_one() -> None:
    """Nobody can say that it is not."""

    def later(at: dict[str, Any]) -> None:
        at["Train"]["Parameters"]["TrainingJobName.$"] = "$$.Execution.Name"

    assert [found.rule for found in violations(later) if found.rule.startswith("CML5")] == []


def test_a_state_that_was_added_without_its_permissions_is_not_allowed() -> None:
    """An endpoint takes its own ARN and its configuration's."""

    def endpoint(at: dict[str, Any]) -> None:
        del at["CoolDown"]["Seconds"]
        request = {"EndpointName": "census", "EndpointConfigName": "census-1"}
        resource = "arn:aws:states:::sagemaker:updateEndpoint"
        at["CoolDown"].update(Type="Task", Resource=resource, Parameters=request, ResultPath=None)

    found = violations(endpoint)
    assert {item.rule for item in found} == {"CML501"}
    assert [item.problem.partition(" on ")[2].partition(",")[0] for item in found] == [
        "endpoint/census",
        "endpoint-config/census-1",
    ]


def test_what_was_granted_for_a_state_that_is_gone_is_told_of() -> None:
    """The statement for its topic is left behind."""

    def remove(at: dict[str, Any]) -> None:
        del at["Tell"]["Resource"]
        del at["Tell"]["Parameters"]
        at["Tell"]["Type"] = "Pass"

    (found,) = violations(remove)
    assert (found.rule, found.severity) == ("CML505", WARNING)
    assert "grants sns:Publish on <NewsE995708C>, which no state needs" in found.message


VPCE = {"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}
ROLE = {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/Flow"}}


def reading(**statement: Any) -> list[str]:
    """The rules that a workflow breaks which reads an object of a bucket with a statement in its policy."""
    found = check_template(read_object({"Effect": "Deny", "Action": "s3:*", "Condition": VPCE, **statement}))
    return [each.rule for each in found]


@pytest.mark.parametrize(
    "statement",
    [
        {},
        {"Action": ["s3:PutObject", "s3:GetObject"]},
        {"Action": "s3:Get*", "Principal": {"AWS": "*"}},
        {"Condition": {"StringNotEqualsIfExists": {"aws:sourceVpc": ["vpc-1", "vpc-2"]}}},
        {"Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "Bool": {"aws:ViaAWSService": "false"}}},
        {"Condition": {"Null": {"aws:SourceVpce": "true"}}},
        {"Resource": "*"},
    ],
)
def test_a_bucket_that_only_a_network_may_read_is_told_of(statement: dict[str, Any]) -> None:
    """Step Functions reads it from none."""
    assert reading(**statement) == ["CML511"]


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow"},
        {"Action": "s3:PutObject"},
        {"Condition": {**VPCE, **ROLE}},
        {"Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}},
        {"Condition": {"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/0"]}}},
        {"Condition": {"Bool": {"aws:ViaAWSService": "false"}}},
        {"Condition": {"ForAllValues:StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}},
        {"Principal": {"AWS": "arn:aws:iam::111122223333:role/Other"}},
        {"Resource": {"Fn::Join": ["", [{"Fn::GetAtt": ["Reports", "Arn"]}, "/raw/*"]]}},
    ],
)
def test_a_policy_that_may_let_it_read_is_not(statement: dict[str, Any]) -> None:
    """Where the harm is not certain."""
    assert "CML511" not in reading(**statement)


def test_a_read_that_the_role_does_not_allow_is_told_of() -> None:
    """Of the object that the state names."""
    template = read_object({"Effect": "Allow", "Action": "s3:PutObject"})
    (statement,) = template["Resources"]["FlowRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    statement["Resource"]["Fn::Join"][1][1] = "/others.json"
    (found,) = check_template(template)
    assert found.rule == "CML501"
    assert "needs s3:GetObject on " in found.message
    statement["Resource"]["Fn::Join"][1][1] = "/metrics.json"
    assert check_template(template) == []
