"""EventBridge rules that match nothing or reach nobody, and unusual ones that do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk.assertions import Template

import constructs_ml as ml
from constructs_ml.lint import Severity, Violation, check_template
from constructs_ml.lint.input.files import read_file
from constructs_ml.sagemaker.events import DETAIL_TYPES, SAGEMAKER, STATES, detail_of

if TYPE_CHECKING:
    from pathlib import Path

ERROR, WARNING = Severity.ERROR, Severity.WARNING
TRAINING = "SageMaker Training Job State Change"
ENDPOINT = "SageMaker Endpoint State Change"
EXECUTION = "Step Functions Execution Status Change"


def found(pattern: Any) -> list[Violation]:
    """What is wrong with a rule that stands alone in a template."""
    rule = {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": pattern}}
    return check_template({"Resources": {"Rule": rule}})


def pattern(source: str, *types: str, **detail: Any) -> dict[str, Any]:
    body: dict[str, Any] = {"source": [source], "detail-type": list(types)}
    return {**body, "detail": detail} if detail else body


def asked(*types: str, **detail: Any) -> dict[str, Any]:
    return pattern(SAGEMAKER, *types, **detail)


WRONG: dict[str, tuple[dict[str, Any], str, Severity, str]] = {
    "Status for State": (asked("SageMaker Training Job Status Change"), "CML601", ERROR, f"did you mean '{TRAINING}'?"),
    "State for Status": (
        asked("SageMaker Model Building Pipeline Execution State Change"),
        "CML601",
        ERROR,
        "did you mean 'SageMaker Model Building Pipeline Execution Status Change'?",
    ),
    "small letters": (asked("sagemaker training job state change"), "CML601", ERROR, TRAINING),
    "a small p": (
        asked("SageMaker Hyperparameter Tuning Job State Change"),
        "CML601",
        ERROR,
        "did you mean 'SageMaker HyperParameter Tuning Job State Change'?",
    ),
    "no space": (asked("SageMaker TrainingJob State Change"), "CML601", ERROR, TRAINING),
    "no SageMaker": (asked("Training Job State Change"), "CML601", ERROR, TRAINING),
    "a letter too many": (asked("SageMaker Processsing Job State Change"), "CML601", ERROR, "SageMaker Processing Job"),
    "one of two": (asked(TRAINING, "SageMaker Transform Jobs State Change"), "CML601", ERROR, "detail-type[1]"),
    "State for Status of an execution": (
        pattern(STATES, "Step Functions Execution State Change"),
        "CML601",
        ERROR,
        f"did you mean '{EXECUTION}'?",
    ),
    "a type of another source": (
        pattern(STATES, TRAINING),
        "CML601",
        ERROR,
        "which aws.sagemaker sends; write aws.sagemaker as the source",
    ),
    "a type that may be new": (
        asked("SageMaker Quantum Job State Change"),
        "CML601",
        WARNING,
        "is not a type of event that aws.sagemaker was known to send in 2026-11; if it is newer than that, acknowledge this finding",
    ),
    "a node event that may be new": (
        asked("SageMaker HyperPod Cluster Node Replacement Event"),
        "CML601",
        WARNING,
        "was known to send",
    ),
    "the source without aws": (pattern("sagemaker", TRAINING), "CML601", ERROR, "did you mean 'aws.sagemaker'?"),
    "the source with a capital": (pattern("aws.SageMaker", TRAINING), "CML601", ERROR, "did you mean 'aws.sagemaker'?"),
    "another name of Step Functions": (
        pattern("aws.stepfunctions", EXECUTION),
        "CML601",
        ERROR,
        "did you mean 'aws.states'?",
    ),
    "a source that an application may have": (
        pattern("sagemaker", "Model Ready"),
        "CML601",
        WARNING,
        "which is not a source of AWS's events",
    ),
    "a source that is no list": (
        {"source": SAGEMAKER, "detail-type": [TRAINING]},
        "CML601",
        ERROR,
        "EventPattern.source must be a list, got 'aws.sagemaker'; write ['aws.sagemaker']",
    ),
    "a type that is no list": ({"source": [SAGEMAKER], "detail-type": TRAINING}, "CML601", ERROR, "must be a list"),
    "a status in capitals": (
        asked(TRAINING, TrainingJobStatus=["FAILED"]),
        "CML602",
        ERROR,
        "TrainingJobStatus is 'FAILED', which such events never have; did you mean 'Failed'?",
    ),
    "a status of another service": (
        asked(TRAINING, TrainingJobStatus=["Succeeded", "Failed"]),
        "CML602",
        ERROR,
        "is 'Succeeded', which such events never have",
    ),
    "a status that is misspelt": (
        asked(ENDPOINT, EndpointStatus=["IN_SERVCE"]),
        "CML602",
        ERROR,
        "did you mean 'IN_SERVICE'?",
    ),
    "a status of an execution": (
        pattern(STATES, EXECUTION, status=["Failed"]),
        "CML602",
        ERROR,
        "did you mean 'FAILED'?",
    ),
    "a status of a step": (
        asked("SageMaker Model Building Pipeline Execution Step Status Change", currentStepStatus=["Completed"]),
        "CML602",
        ERROR,
        "write one of ",
    ),
    "a member with a small letter": (
        asked(TRAINING, trainingJobStatus=["Failed"]),
        "CML602",
        ERROR,
        "detail.trainingJobStatus is not a member of such events; did you mean TrainingJobStatus?",
    ),
    "a member of another type": (
        asked("SageMaker Processing Job State Change", TrainingJobStatus=["Failed"]),
        "CML602",
        WARNING,
        "is not known to be a member of such events",
    ),
    "a member of an execution with a capital": (
        pattern(STATES, EXECUTION, StateMachineArn=["arn:aws:states:us-east-1:111122223333:stateMachine:a"]),
        "CML602",
        ERROR,
        "did you mean stateMachineArn?",
    ),
    "a member of a pipeline": (
        asked("SageMaker Model Building Pipeline Execution Status Change", currentPipelineExecutionstatus=["Failed"]),
        "CML602",
        ERROR,
        "did you mean currentPipelineExecutionStatus?",
    ),
    "a status that is no list": (
        asked(TRAINING, TrainingJobStatus="Failed"),
        "CML602",
        ERROR,
        "must be a list, got 'Failed'; write ['Failed']",
    ),
    "a status in an alternative": (
        asked(TRAINING, **{"$or": [{"TrainingJobStatus": ["Faild"]}, {"TrainingJobName": [{"prefix": "a"}]}]}),
        "CML602",
        ERROR,
        "detail.$or[0].TrainingJobStatus is 'Faild'",
    ),
    "a status of labeling": (
        asked("SageMaker Ground Truth Labeling Job State Change", LabelingJobStatus=["Complete"]),
        "CML602",
        ERROR,
        "did you mean 'Completed'?",
    ),
}


@pytest.mark.parametrize(("body", "rule", "severity", "said"), WRONG.values(), ids=WRONG)
def test_a_pattern_that_matches_nothing_is_told(body: Any, rule: str, severity: Severity, said: str) -> None:
    """One finding, about the rule."""
    (violation,) = found(body)
    assert (violation.rule, violation.severity, violation.machine) == (rule, severity, "Rule")
    assert said in violation.message


RIGHT: list[Any] = [
    *(asked(name) for name in DETAIL_TYPES[SAGEMAKER]),
    {"source": [SAGEMAKER]},
    {"source": [{"prefix": "aws."}], "detail-type": [{"suffix": "State Change"}]},
    {"source": [{"prefix": "my."}], "detail-type": ["SageMaker Training Job Finished For Me"]},
    {"source": ["my.app"], "detail-type": ["SageMaker Training Job Status Change"]},
    {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": {"bucket": {"name": ["b"]}}},
    {"source": [SAGEMAKER, "aws.s3"], "detail-type": ["Object Created", TRAINING]},
    {"detail-type": ["Object Created"]},
    {
        "source": [{"wildcard": "aws.sage*"}],
        "detail-type": [{"equals-ignore-case": "sagemaker training job state change"}],
    },
    asked(TRAINING, TrainingJobStatus=["Failed", "Stopped"], TrainingJobName=[{"prefix": "churn-"}]),
    asked(TRAINING, TrainingJobStatus=[{"anything-but": ["InProgress"]}]),
    asked(TRAINING, TrainingJobStatus=[{"anything-but": {"prefix": "X"}}], FailureReason=[{"exists": True}]),
    asked(TRAINING, TrainingJobStatus=[{"equals-ignore-case": "FAILED"}]),
    asked(TRAINING, BillableTimeInSeconds=[{"numeric": [">", 3600]}], SecondaryStatus=["Failed"]),
    asked(TRAINING, **{"$or": [{"TrainingJobStatus": ["Failed"]}, {"FailureReason": [{"wildcard": "*Capacity*"}]}]}),
    asked(TRAINING, Tags={"team": ["risk"]}, ResourceConfig={"InstanceType": [{"prefix": "ml.g5"}]}),
    asked(
        TRAINING, "SageMaker Processing Job State Change", TrainingJobStatus=["Failed"], ProcessingJobStatus=["Failed"]
    ),
    asked(ENDPOINT, EndpointStatus=["FAILED", "IN_SERVICE"]),
    asked(ENDPOINT, EndpointStatus=["InService"]),
    asked("SageMaker Model Package State Change", ModelApprovalStatus=["Approved"], ModelPackageGroupName=["churn"]),
    asked("SageMaker HyperPod Cluster State Change", ClusterStatus=["anything"]),
    asked(
        "SageMaker Model Building Pipeline Execution Status Change",
        currentPipelineExecutionStatus=["Failed"],
        pipelineArn=["a"],
    ),
    asked("AWS API Call via CloudTrail", eventSource=["sagemaker.amazonaws.com"], eventName=["CreateTrainingJob"]),
    pattern(STATES, EXECUTION, status=["FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"], stateMachineArn=["a"]),
    pattern(STATES, "AWS API Call via CloudTrail", eventName=["StartExecution"]),
    pattern(SAGEMAKER, {"Ref": "Type"}),  # type: ignore[arg-type]
    asked(TRAINING, TrainingJobStatus=[{"Ref": "Status"}]),
    json.dumps(asked(TRAINING, TrainingJobStatus=["Failed"])),
    {"$or": [{"source": ["my.app"]}, {"source": [SAGEMAKER]}], "detail-type": ["Mine"]},
    {"account": ["111122223333"], "source": [SAGEMAKER], "resources": [{"prefix": "arn:aws:sagemaker:"}]},
    None,
    "not json",
    {"source": [None, 3], "detail-type": [None]},
]


@pytest.mark.parametrize("body", RIGHT, ids=range(len(RIGHT)))
def test_a_pattern_that_may_match_passes(body: Any) -> None:
    assert [str(item) for item in found(body)] == []


def test_the_types_are_those_of_the_page() -> None:
    """As many as the page lists, and CloudTrail's; each once."""
    assert len(DETAIL_TYPES[SAGEMAKER]) - len([name for name in DETAIL_TYPES[SAGEMAKER] if "CloudTrail" in name]) == 58
    assert len(set(DETAIL_TYPES[SAGEMAKER])) == len(DETAIL_TYPES[SAGEMAKER])
    assert {
        "SageMaker Tracking Server Creating",
        "SageMaker Tracking Server Create Failed",
        "SageMaker Tracking Server Updated",
        "SageMaker Tracking Server Start Failed",
        "SageMaker Tracking Server Stopped",
        "SageMaker Tracking Server Maintenance In Progress",
        "SageMaker Human Loop Step Execution Finished",
        "SageMaker A2I HumanLoop Status Change",
        "SageMaker MLFlow Tracking Server Setting Registered Model Alias",
    } <= set(DETAIL_TYPES[SAGEMAKER])


def test_statuses_go_by_the_type() -> None:
    training, endpoint = detail_of(TRAINING), detail_of(ENDPOINT)
    assert training is not None
    assert endpoint is not None
    assert "FAILED" not in training.statuses["TrainingJobStatus"]
    assert {"FAILED", "ROLLING_BACK"} <= set(endpoint.statuses["EndpointStatus"])


def test_rules_that_sam_makes_are_read_too() -> None:
    event = {"Type": "EventBridgeRule", "Properties": {"Pattern": asked(TRAINING, TrainingJobStatus=["FAILED"])}}
    function = {"Type": "AWS::Serverless::Function", "Properties": {"Events": {"Failed": event}}}
    (violation,) = check_template({"Resources": {"Tell": function}})
    assert (violation.rule, violation.machine) == ("CML602", "Tell")
    assert "Tell.Events.Failed.Properties.Pattern.detail.TrainingJobStatus" in violation.message


def test_a_file_with_a_rule_alone_is_checked_with_its_line(tmp_path: Path) -> None:
    """As `constructs-ml check` reads it: without a state machine in it."""
    file = tmp_path / "rules.json"
    rule = {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": asked("SageMaker Training Job Status Change")}}
    file.write_text(json.dumps({"Resources": {"Rule": rule}}, indent=1))
    (violation,) = read_file(file).violations()
    assert (violation.rule, violation.line) == ("CML601", 3)


def test_an_app_with_a_rule_alone_is_checked_when_it_is_synthesized(tmp_path: Path) -> None:
    """A stack of rules for the jobs of another stack has no state machine."""
    app = App(outdir=str(tmp_path))
    stack = Stack(app, "Rules")
    events.Rule(
        stack,
        "Rule",
        event_pattern=events.EventPattern(source=[SAGEMAKER], detail_type=["SageMaker Training Job Status Change"]),
    )
    ml.checks.WorkflowChecks.of(app)
    with pytest.raises(RuntimeError, match="CML601"):
        app.synth()


def template(**resources: Any) -> dict[str, Any]:
    """A template of these."""
    return {"Resources": resources}


TRUST = {
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "events.amazonaws.com"}}]
}
FLOW = {
    "Type": "AWS::StepFunctions::StateMachine",
    "Properties": {
        "RoleArn": "arn:aws:iam::111122223333:role/Flow",
        "Definition": {"StartAt": "Keep", "States": {"Keep": {"Type": "Pass", "End": True}}},
    },
}


def rule(arn: Any, **target: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::Events::Rule",
        "Properties": {"ScheduleExpression": "rate(1 day)", "Targets": [{"Id": "T", "Arn": arn, **target}]},
    }


def role(action: str = "states:StartExecution", on: Any = None, trust: Any = TRUST) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, "Resource": on or {"Ref": "Flow"}}
    policy = {"PolicyName": "Start", "PolicyDocument": {"Statement": [statement]}}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust, "Policies": [policy]}}


def told(body: dict[str, Any]) -> list[tuple[str, str]]:
    return [(item.rule, item.message) for item in check_template(body)]


ROLE = {"RoleArn": {"Fn::GetAtt": ["Start", "Arn"]}}
AT = {"Ref": "Flow"}
OF_STATES = json.loads(json.dumps(TRUST).replace("events.", "states."))


@pytest.mark.parametrize(
    ("body", "rule_", "said"),
    [
        (template(Flow=FLOW, Rule=rule(AT)), "CML603", "RoleArn is missing: Flow needs a role"),
        (
            template(
                Flow=FLOW,
                Start=role(on="arn:aws:states:us-east-1:111122223333:stateMachine:other"),
                Rule=rule(AT, **ROLE),
            ),
            "CML603",
            "",
        ),
        (
            template(Flow=FLOW, Start=role("states:StopExecution"), Rule=rule(AT, **ROLE)),
            "CML603",
            "does not allow states:StartExecution",
        ),
        (
            template(Flow=FLOW, Start=role(trust=OF_STATES), Rule=rule(AT, **ROLE)),
            "CML506",
            "names states.amazonaws.com instead of events.amazonaws.com",
        ),
        (
            template(Stream={"Type": "AWS::Kinesis::Stream"}, Rule=rule({"Fn::GetAtt": ["Stream", "Arn"]})),
            "CML603",
            "kinesis:PutRecord",
        ),
        (
            template(
                F={"Type": "AWS::Lambda::Function", "Properties": {"Role": "arn:aws:iam::1:role/a"}},
                Rule=rule({"Fn::GetAtt": ["F", "Arn"]}),
            ),
            "CML604",
            "is the function F, which no AWS::Lambda::Permission allows events.amazonaws.com to invoke",
        ),
        (
            template(T={"Type": "AWS::SNS::Topic"}, Rule=rule({"Ref": "T"})),
            "CML604",
            "is the topic T, whose policy does not allow",
        ),
        (
            template(Q={"Type": "AWS::SQS::Queue"}, Rule=rule({"Fn::GetAtt": ["Q", "Arn"]})),
            "CML604",
            "is the queue Q, whose policy",
        ),
        (
            template(
                Q={"Type": "AWS::SQS::Queue"},
                Rule=rule(
                    "arn:aws:sns:us-east-1:111122223333:a", DeadLetterConfig={"Arn": {"Fn::GetAtt": ["Q", "Arn"]}}
                ),
            ),
            "CML604",
            "Targets[0].DeadLetterConfig.Arn is the queue Q, whose policy does not allow sqs:SendMessage for events.amazonaws.com",
        ),
    ],
)
def test_a_target_that_is_not_reached_is_told(body: dict[str, Any], rule_: str, said: str) -> None:
    if not said:  # an ARN may be anybody's: not certain
        assert told(body) == []
        return
    ((rule_id, message),) = told(body)
    assert rule_id == rule_
    assert said in message


def topic(policy: dict[str, Any], **properties: Any) -> dict[str, Any]:
    """A rule that tells a topic, which has a policy."""
    statement = {
        "Effect": "Allow",
        "Action": "sns:Publish",
        "Resource": {"Ref": "T"},
        "Principal": {"Service": "events.amazonaws.com"},
    }
    document = {"Statement": [{**statement, **policy}]}
    return template(
        T={"Type": "AWS::SNS::Topic", "Properties": properties},
        P={"Type": "AWS::SNS::TopicPolicy", "Properties": {"PolicyDocument": document, "Topics": [{"Ref": "T"}]}},
        Other=rule("arn:aws:sns:us-east-1:111122223333:a"),
        Rule=rule({"Ref": "T"}),
        Key={
            "Type": "AWS::KMS::Key",
            "Properties": {
                "KeyPolicy": {
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Action": "kms:*",
                            "Resource": "*",
                            "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
                        }
                    ]
                }
            },
        },
    )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (topic({"Action": "sns:Subscribe"}), "does not allow sns:Publish for events.amazonaws.com"),
        (topic({"Effect": "Deny"}), "does not allow"),
        (topic({"Principal": {"Service": "sagemaker.amazonaws.com"}}), "does not allow"),
        (topic({"Condition": {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["Other", "Arn"]}}}}), "does not allow"),
        (
            topic({}, KmsMasterKeyId="alias/aws/sns"),
            "encrypted with alias/aws/sns, which events.amazonaws.com cannot use",
        ),
        (
            topic({}, KmsMasterKeyId={"Ref": "Key"}),
            "whose key Key does not allow kms:Decrypt, kms:GenerateDataKey for events.amazonaws.com",
        ),
    ],
)
def test_a_topic_that_lets_eventbridge_not_in_is_told(body: dict[str, Any], said: str) -> None:
    ((rule_id, message),) = told(body)
    assert rule_id == "CML604"
    assert said in message


@pytest.mark.parametrize(
    "body",
    [
        topic({}),
        topic({"Action": ["sns:*"]}),
        topic({"Principal": "*"}),
        topic({"Principal": {"AWS": "*"}}),
        topic({"Principal": {"Service": ["events.amazonaws.com", "s3.amazonaws.com"]}}),
        topic({"Condition": {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["Rule", "Arn"]}}}}),
        topic({"Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}),
        topic({}, KmsMasterKeyId="arn:aws:kms:us-east-1:111122223333:key/a"),
        template(Rule=rule({"Ref": "Elsewhere"})),
        template(Rule=rule({"Fn::ImportValue": "Topic"})),
        template(Flow=FLOW, Rule=rule(AT, RoleArn="arn:aws:iam::111122223333:role/a")),
        template(Flow=FLOW, Start=role(), Rule=rule(AT, **ROLE)),
        template(Flow=FLOW, Start=role("states:*", on="*"), Rule=rule(AT, **ROLE)),
    ],
)
def test_what_reaches_its_target_passes(body: dict[str, Any]) -> None:
    """What is from elsewhere is not judged."""
    assert told(body) == []


@pytest.fixture(scope="module")
def cdk() -> dict[str, Any]:
    """The targets of aws-cdk-lib and of this library, all in one stack."""
    stack = Stack(App(), "All")
    key = kms.Key(stack, "Key")
    topic_, queue = sns.Topic(stack, "Topic"), sqs.Queue(stack, "Queue")
    secret = sqs.Queue(stack, "Secret", encryption_master_key=key)
    code = lambda_.Code.from_inline("def handler(event, context): pass")
    function = lambda_.Function(stack, "F", runtime=lambda_.Runtime.PYTHON_3_13, handler="index.handler", code=code)
    flow = sfn.StateMachine(stack, "Flow", definition_body=sfn.DefinitionBody.from_chainable(sfn.Pass(stack, "Keep")))
    stream = kinesis.Stream(stack, "Stream")
    dead = sqs.Queue(stack, "Dead")
    events.Rule(
        stack,
        "Rule",
        schedule=events.Schedule.rate(Duration.days(1)),
        targets=[
            targets.SnsTopic(topic_, dead_letter_queue=dead),
            targets.SqsQueue(queue),
            targets.SqsQueue(secret),
            targets.LambdaFunction(function),
            targets.SfnStateMachine(flow),
        ],
    )
    events.Rule(stack, "More", schedule=events.Schedule.rate(Duration.days(1)), targets=[targets.KinesisStream(stream)])
    ml.events.EndpointStateChangeRule(
        stack, "Endpoint", endpoints=["churn"], statuses=["Failed"], targets=[topic_, function, flow, queue]
    )
    ml.events.ModelPackageStateChangeRule(
        stack, "Package", groups=["churn"], approval_statuses=["Approved"], targets=[flow]
    )
    ml.JobStateChangeRule(stack, "Jobs", kinds=ml.events.JobKind.ALL, statuses=["Failed"], targets=[topic_])
    made: dict[str, Any] = Template.from_stack(stack).to_json()
    return made


def test_what_aws_cdk_lib_and_this_library_make_passes(cdk: dict[str, Any]) -> None:
    assert told(cdk) == []


@pytest.mark.parametrize("kind", ["AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy", "AWS::Lambda::Permission"])
def test_without_a_policy_of_them_it_does_not(cdk: dict[str, Any], kind: str) -> None:
    kept = {name: item for name, item in cdk["Resources"].items() if item["Type"] != kind}
    assert {rule_id for rule_id, _ in told({"Resources": kept})} == {"CML604"}


# Content filters, and what is no pattern

FILTERED: dict[str, tuple[Any, str, Severity, str]] = {
    "a prefix in other letters": (
        [{"prefix": "FAIL"}],
        "CML602",
        ERROR,
        "has a filter that matches no status of such events",
    ),
    "an end that none has": ([{"suffix": "ure"}], "CML602", ERROR, "matches no status of such events: Completed"),
    "a wildcard that matches none": ([{"wildcard": "*AIL*"}], "CML602", ERROR, "matches no status of such events"),
    "a number": ([{"numeric": [">", 1]}], "CML602", ERROR, "matches no status of such events"),
    "all but what there is not": ([{"anything-but": ["FAILED"]}], "CML602", ERROR, "did you mean 'Failed'?"),
    "all but one that there is not": (
        [{"anything-but": "Gone"}],
        "CML602",
        WARNING,
        "is 'Gone', which such events never have",
    ),
    "nothing": ([], "CML605", ERROR, "detail.TrainingJobStatus must not be empty"),
    "a filter that there is not": ([{"prefx": "Fail"}], "CML605", ERROR, "did you mean prefix?"),
    "two filters": ([{"prefix": "Fai", "suffix": "ed"}], "CML605", ERROR, "combines 2 filters"),
}


@pytest.mark.parametrize(("status", "rule", "severity", "said"), FILTERED.values(), ids=FILTERED)
def test_a_filter_that_matches_nothing_is_told(status: Any, rule: str, severity: Severity, said: str) -> None:
    [one] = found(asked(TRAINING, TrainingJobStatus=status))

    assert (one.rule, one.severity) == (rule, severity)
    assert said in str(one)


@pytest.mark.parametrize(
    "status",
    [
        [{"prefix": "Fail"}, {"suffix": "ed"}],
        [{"prefix": {"equals-ignore-case": "FAIL"}}],
        [{"suffix": {"equals-ignore-case": "ED"}}],
        [{"equals-ignore-case": "failed"}],
        [{"wildcard": "*ail*"}],
        [{"wildcard": "${Status}*"}],
        [{"anything-but": ["Failed", "Stopped"]}],
        [{"anything-but": {"prefix": "Fail"}}],
        [{"exists": True}],
        [{"exists": False}],
    ],
)
def test_a_filter_that_may_match_passes(status: Any) -> None:
    assert found(asked(TRAINING, TrainingJobStatus=status)) == []


@pytest.mark.parametrize(
    ("name", "severity", "said"),
    [
        ("detailType", ERROR, "detailType is not a field of any event; did you mean detail-type?"),
        ("Detail-Type", ERROR, "did you mean detail-type?"),
        ("detail_type", ERROR, "did you mean detail-type?"),
        ("Source", ERROR, "did you mean source?"),
        ("TrainingJobStatus", WARNING, "TrainingJobStatus is not a field of any event; move it into detail"),
    ],
)
def test_a_field_that_no_event_has_is_told(name: str, severity: Severity, said: str) -> None:
    [one] = [each for each in found({"source": [SAGEMAKER], name: ["x"]}) if each.rule == "CML605"]

    assert one.severity is severity
    assert said in str(one)


def test_patterns_of_other_sources_are_taken_as_they_are() -> None:
    detail = {"size": [{"numeric": [">", 0, "<=", 5]}], "ip": [{"cidr": "10.0.0.0/24"}], "a": {"b": ["c"]}}
    body = {"source": ["mine"], "account": ["111122223333"], "resources": [{"suffix": "x"}], "replay-name": ["r"]}

    assert found({**body, "region": ["eu-west-1"], "detail": {"$or": [detail, {"x": [None]}]}}) == []
