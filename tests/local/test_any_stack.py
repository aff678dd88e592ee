"""Any stack runs: what is not real is stood in for and fails by name, or is refused by name before anything starts."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from local_bench import Bench, Workflow, chain, machine, statement, write_assembly

from constructs_ml import cli
from constructs_ml.errors import LocalRunError
from constructs_ml.local import LocalAws, run
from constructs_ml.local.emulator.resource_types import Support, support_of

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.local
# Permissions are no matter of these tests: their state machines have wide ones.
_WIDE = ("CML501", "CML502", "CML503", "CML504")


@pytest.mark.parametrize(
    ("resource_type", "support"),
    [
        ("AWS::S3::Bucket", Support.REAL),
        ("AWS::DynamoDB::GlobalTable", Support.REAL),
        ("AWS::SageMaker::Endpoint", Support.REAL),
        ("Custom::Anything", Support.REAL),
        ("AWS::EC2::TransitGateway", Support.STOOD_IN),
        ("AWS::RDS::DBCluster", Support.STOOD_IN),
        ("AWS::CloudWatch::Alarm", Support.STOOD_IN),
        ("AWS::SageMaker::Domain", Support.STOOD_IN),
        ("AWS::Glue::Job", Support.STOOD_IN),
        ("AWS::S3::Bukcet", Support.REFUSED),
        ("AWS::NoSuchService::Thing", Support.REFUSED),
        ("Datadog::Monitors::Monitor", Support.REFUSED),
        ("AWS::S3", Support.REFUSED),
        ("", Support.REFUSED),
    ],
)
def test_a_type_is_real_or_stood_in_for_or_refused(resource_type: str, support: Support) -> None:
    assert support_of(resource_type) is support
    assert support_of(resource_type, {resource_type}) is Support.STOOD_IN


def _template(**resources: dict[str, Any]) -> dict[str, Any]:
    template = Workflow(machine(Go={"Type": "Pass", "End": True}), resources=resources).template("Stack")
    for name in resources:
        template["Resources"][name]["Metadata"] = {"aws:cdk:path": f"Stack/Things/{name}/Resource"}
    return template


def test_a_type_that_is_neither_is_named_with_its_construct_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = _template(Cache={"Type": "AWS::S3::Bukcet"}, Monitor={"Type": "Datadog::Monitors::Monitor"})
    assembly = write_assembly(tmp_path / "out", "Stack", template)
    monkeypatch.setattr(LocalAws, "start", lambda _aws: pytest.fail("it was started"))
    with pytest.raises(LocalRunError) as caught:
        run(str(assembly))
    text = str(caught.value)
    assert "AWS::S3::Bukcet (Stack/Things/Cache/Resource); did you mean AWS::S3::Bucket?" in text
    assert "Datadog::Monitors::Monitor (Stack/Things/Monitor/Resource)" in text
    assert "--stand-in AWS::S3::Bukcet" in text


def test_a_type_that_does_not_matter_can_be_stood_in_for(tmp_path: Path) -> None:
    monitor = {"Type": "Datadog::Monitors::Monitor"}
    template = _template(Monitor=monitor)
    template["Outputs"]["Id"] = {"Value": {"Fn::GetAtt": ["Monitor", "Arn"]}}
    assembly = write_assembly(tmp_path / "out", "Stack", template)
    report = run(str(assembly), stand_in=["Datadog::Monitors::Monitor"])
    assert report.succeeded
    assert "Monitors does nothing: Monitor" in report.simulated
    assert report.outputs["Id"]


def test_what_is_stood_in_for_has_ids_and_attributes(tmp_path: Path) -> None:
    template = _template(
        Vpc={"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.9.0.0/16"}},
        Subnet={"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.9.1.0/24"}},
        Db={"Type": "AWS::RDS::DBInstance", "Properties": {}},
        Endpoint={"Type": "AWS::EC2::VPCEndpoint", "Properties": {"VpcId": {"Ref": "Vpc"}}},
    )
    template["Outputs"] |= {
        "Vpc": {"Value": {"Ref": "Vpc"}},
        "Cidr": {"Value": {"Fn::GetAtt": ["Vpc", "CidrBlock"]}},
        "Group": {"Value": {"Fn::GetAtt": "Vpc.DefaultSecurityGroup"}},
        "Url": {"Value": {"Fn::Sub": "postgres://${Db.Endpoint.Address}:${Db.Endpoint.Port}"}},
        "Dns": {"Value": {"Fn::Select": [0, {"Fn::GetAtt": ["Endpoint", "DnsEntries"]}]}},
    }
    report = run(str(write_assembly(tmp_path / "out", "Stack", template)))
    assert report.outputs["Vpc"].startswith("vpc-")
    assert report.outputs["Cidr"] == "10.9.0.0/16"
    assert report.outputs["Group"].startswith("sg-")
    assert report.outputs["Url"].endswith(".amazonaws.com:5432")
    assert "vpce-" in report.outputs["Dns"]
    assert report.simulated == ["EC2 does nothing: VPC, Subnet, VPCEndpoint", "RDS does nothing: DBInstance"]


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("ec2", "describe_vpcs", {}),
        ("rds", "describe_db_instances", {}),
        ("ecs", "list_clusters", {}),
        ("athena", "list_work_groups", {}),
        ("batch", "describe_job_queues", {}),
        ("cloudwatch", "describe_alarms", {}),
        ("cloudwatch", "put_dashboard", {"DashboardName": "d", "DashboardBody": "{}"}),
        ("glue", "start_job_run", {"JobName": "j"}),
        ("elasticache", "describe_cache_clusters", {}),
        ("route53", "list_hosted_zones", {}),
        ("cognito-idp", "list_user_pools", {"MaxResults": 1}),
        ("ssm", "send_command", {"DocumentName": "d"}),
        ("bedrock-runtime", "converse", {"modelId": "m", "messages": []}),
    ],
)
def test_a_call_of_what_is_stood_in_for_fails_and_names_it(
    bench: Bench, service: str, operation: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(bench.aws.client(service), operation)(**arguments)
    assert "a local run has only a stand-in for it" in str(caught.value)


def test_metrics_of_ones_own_are_real(bench: Bench) -> None:
    cloudwatch = bench.aws.client("cloudwatch")
    cloudwatch.put_metric_data(Namespace="own", MetricData=[{"MetricName": "rows", "Value": 3}])
    assert [found["MetricName"] for found in cloudwatch.list_metrics(Namespace="own")["Metrics"]] == ["rows"]


@pytest.mark.parametrize(
    "resource",
    [
        "arn:aws:states:::ecs:runTask.sync",
        "arn:aws:states:::batch:submitJob.sync",
        "arn:aws:states:::glue:startJobRun.sync",
        "arn:aws:states:::athena:startQueryExecution.sync",
        "arn:aws:states:::elasticmapreduce:addStep.sync",
        "arn:aws:states:::codebuild:startBuild.sync",
        "arn:aws:states:::bedrock:invokeModel",
        "arn:aws:states:::aws-sdk:ec2:describeVpcs",
        "arn:aws:states:::aws-sdk:rds:startDBInstance",
        "arn:aws:states:::aws-sdk:glue:startJobRun",
        "arn:aws:states:::aws-sdk:cloudwatch:describeAlarms",
    ],
)
def test_a_task_of_what_is_stood_in_for_fails_and_names_it(bench: Bench, resource: str) -> None:
    caught = {"Type": "Pass", "End": True}
    task = {
        "Type": "Task",
        "Resource": resource,
        "Parameters": {},
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
        "End": True,
    }
    workflow = Workflow(machine(Call=task, Caught=caught), machine=[statement("*")])
    _, execution = bench.run(workflow)
    assert execution.status == "FAILED"  # also where every error is caught: it is none that AWS would give
    assert execution.error == "States.Runtime"
    assert "a local run has only a stand-in for" in str(execution.cause)


def _sdk(action: str, parameters: dict[str, Any], **changes: Any) -> dict[str, Any]:
    resource = f"arn:aws:states:::aws-sdk:{action}"
    return {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True, **changes}


def test_states_read_and_write_what_is_real(bench: Bench) -> None:
    place = {"Bucket": "${Bucket}", "Key": "in/found.json"}
    states = chain(
        Put=_sdk("s3:putObject", {**place, "Body": {"accuracy": 0.9}}),
        Get=_sdk("s3:getObject", place, ResultSelector={"body.$": "States.StringToJson($.Body)"}),
        Head=_sdk("s3:headObject", place, ResultSelector={"length.$": "$.ContentLength"}),
        Store=_sdk("ssm:putParameter", {"Name": "/any/stack", "Value": "v", "Type": "String"}),
        Read=_sdk("ssm:getParameter", {"Name": "/any/stack"}),
        Logs=_sdk("cloudwatchlogs:createLogGroup", {"LogGroupName": "/any/stack"}),
        Groups=_sdk("cloudwatchlogs:describeLogGroups", {"LogGroupNamePrefix": "/any/"}),
        Who=_sdk("sts:getCallerIdentity", {}),
        Keys=_sdk("kms:listKeys", {}),
        Machines=_sdk("sfn:listStateMachines", {}),
    )
    deployment, execution = bench.run(Workflow(states, machine=[statement("*")]))
    assert execution.status == "SUCCEEDED", (execution.error, execution.cause)
    out = execution.output
    assert out["Get"]["body"] == {"accuracy": 0.9}
    assert out["Head"]["length"] == len('{"accuracy":0.9}')
    assert out["Read"]["Parameter"]["Value"] == "v"
    assert out["Read"]["Parameter"]["LastModifiedDate"].endswith("Z")
    assert out["Groups"]["LogGroups"][0]["LogGroupName"] == "/any/stack"
    assert ":assumed-role/" in out["Who"]["Arn"]
    assert len(out["Machines"]["StateMachines"]) >= 1
    assert bench.objects(deployment, "in/") == {"in/found.json": b'{"accuracy":0.9}'}


@pytest.mark.parametrize(
    ("task", "error", "said"),
    [
        (_sdk("s3:getObject", {"Bucket": "${Bucket}", "Key": "none"}), "S3.NoSuchKeyException", "does not exist"),
        (_sdk("s3:getObject", {"Bucket": "${Bucket}", "Kee": "x"}), "States.Runtime", "did you mean Key"),
        (_sdk("s3:getObject", {"bucket": "${Bucket}", "Key": "x"}), "States.Runtime", "did you mean Bucket"),
        (_sdk("s3:getObjekt", {}), "States.Runtime", "did you mean getObject"),
        (_sdk("s3:GetObject", {}), "States.Runtime", "has no operation GetObject"),
        (_sdk("ssm:getParameter", {"Name": "/none"}), "Ssm.ParameterNotFoundException", ""),
        (_sdk("dynamodb:getItem", {"TableName": "none", "Key": {}}), "DynamoDb.ResourceNotFoundException", ""),
        (_sdk("secretsmanager:getSecretValue", {"SecretId": "x"}), "SecretsManager.ResourceNotFoundException", ""),
    ],
)
def test_errors_of_services_have_the_names_of_step_functions(
    bench: Bench, task: dict[str, Any], error: str, said: str
) -> None:
    _, execution = bench.run(Workflow(machine(Call=task), machine=[statement("*")]))
    assert execution.error == error, execution.cause
    assert said in str(execution.cause)


def test_a_large_object_is_more_than_a_state_takes(bench: Bench) -> None:
    task = _sdk("s3:getObject", {"Bucket": "${Bucket}", "Key": "in/large"})
    _, execution = bench.run(Workflow(machine(Call=task), machine=[statement("*")]), large=b"x" * 300_000)
    assert execution.status == "FAILED"
    assert execution.error in {"States.DataLimitExceeded", "S3.NoSuchKeyException"}


@pytest.mark.parametrize(
    ("resource", "parameters", "action"),
    [
        ("aws-sdk:s3:putObject", {"Bucket": "${Bucket}", "Key": "x", "Body": "x"}, "s3:PutObject"),
        ("aws-sdk:ssm:getParameter", {"Name": "/x"}, "ssm:GetParameter"),
        ("sqs:sendMessage", {"QueueUrl": "https://sqs/111122223333/q", "MessageBody": "x"}, "sqs:SendMessage"),
        ("sns:publish", {"TopicArn": "arn:aws:sns:us-east-1:111122223333:t", "Message": "x"}, "sns:Publish"),
        ("dynamodb:getItem", {"TableName": "t", "Key": {"id": {"S": "x"}}}, "dynamodb:GetItem"),
        ("lambda:invoke", {"FunctionName": "f"}, "lambda:InvokeFunction"),
        ("events:putEvents", {"Entries": [{"Source": "s", "DetailType": "d", "Detail": {}}]}, "events:PutEvents"),
        (
            "states:startExecution",
            {"StateMachineArn": "arn:aws:states:us-east-1:1:stateMachine:m"},
            "states:StartExecution",
        ),
    ],
)
def test_a_task_needs_its_state_machines_permission(
    bench: Bench, resource: str, parameters: dict[str, Any], action: str
) -> None:
    task = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters, "End": True}
    _, execution = bench.run(Workflow(machine(Call=task)))
    assert execution.status == "FAILED"
    assert "AccessDenied" in str(execution.error), (execution.error, execution.cause)
    assert action in str(execution.cause)


def test_a_template_of_a_megabyte_is_deployed_in_time(tmp_path: Path) -> None:
    states = {f"S{number}": {"Type": "Pass", "Result": "x" * 9_000, "Next": f"S{number + 1}"} for number in range(107)}
    states["S107"] = {"Type": "Pass", "End": True}
    template = Workflow(machine(**states)).template("Large")
    size = len(json.dumps(template, separators=(",", ":")))
    assert 950_000 < size < 1_000_000
    with LocalAws() as aws:
        started = time.monotonic()
        deployment = aws.deploy(write_assembly(tmp_path / "out", "Large", template))
        assert time.monotonic() - started < 20
        assert deployment.start().wait(60).status == "SUCCEEDED"


# What lives elsewhere.


def _reading(name: str) -> Workflow:
    task = _sdk("s3:listObjectsV2", {"Bucket": name}, ResultSelector={"keys.$": "$.Contents[*].Key"})
    return Workflow(machine(List=task), machine=[statement("s3:ListBucket", "s3:GetObject")])


def test_a_bucket_that_lives_elsewhere_is_given_with_its_files(tmp_path: Path) -> None:
    (tmp_path / "files" / "deep").mkdir(parents=True)
    (tmp_path / "files" / "a.csv").write_text("a")
    (tmp_path / "files" / "deep" / "b.csv").write_text("b")
    assembly = write_assembly(tmp_path / "out", "Stack", _reading("elsewhere-data").template("Stack"))
    report = run(str(assembly), bucket={"elsewhere-data": str(tmp_path / "files")}, ignore=_WIDE)
    assert report.output == {"keys": ["a.csv", "deep/b.csv"]}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"bucket": {"elsewhere-data": "none"}}, "bucket elsewhere-data: there is no folder"),
        ({"role": {"r": "none.json"}}, "role r: "),
        ({"table": {"t": "bad.json"}}, "table t: "),
        ({"table": {"t": "list.json"}}, "must be an object, got \\[\\]"),
    ],
)
def test_what_is_given_wrongly_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], said: str
) -> None:
    (tmp_path / "bad.json").write_text("{")
    (tmp_path / "list.json").write_text("[]")
    assembly = write_assembly(tmp_path / "out", "Stack", _reading("elsewhere-data").template("Stack"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LocalRunError, match=said):
        run(str(assembly), **options)


def test_a_table_with_two_keys_and_a_queue_and_a_topic(tmp_path: Path) -> None:
    content = {"partition_key": "id", "sort_key": "day", "items": [{"id": "a", "day": 3, "share": 0.25, "tags": ["x"]}]}
    (tmp_path / "items.json").write_text(json.dumps(content))
    key = {"id": {"S": "a"}, "day": {"N": "3"}}
    states = chain(
        Get={
            "Type": "Task",
            "Resource": "arn:aws:states:::dynamodb:getItem",
            "Parameters": {"TableName": "elsewhere", "Key": key},
        },
        Queue=_sdk("sqs:getQueueUrl", {"QueueName": "inbox.fifo"}),
        Topics=_sdk("sns:listTopics", {}),
        Secret=_sdk("secretsmanager:getSecretValue", {"SecretId": "token"}),
    )
    assembly = write_assembly(tmp_path / "out", "Stack", Workflow(states, machine=[statement("*")]).template("Stack"))
    report = run(
        str(assembly),
        table={"elsewhere": str(tmp_path / "items.json")},
        queue={"inbox.fifo": ""},
        topic={"alerts": ""},
        secret={"token": "s3cr3t"},
        ignore=_WIDE,
    )
    assert report.succeeded, report.cause
    assert report.output["Get"]["Item"]["share"] == {"N": "0.25"}
    assert report.output["Queue"]["QueueUrl"].endswith("/inbox.fifo")
    assert report.output["Topics"]["Topics"][0]["TopicArn"].endswith(":alerts")
    assert report.output["Secret"]["SecretString"] == "s3cr3t"


def test_a_parameter_of_the_template_or_of_ssm_must_be_given(tmp_path: Path) -> None:
    template = _template()
    template["Parameters"] = {
        "Depth": {"Type": "String"},
        "Stored": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/elsewhere/day"},
        "Known": {"Type": "String", "Default": "k"},
    }
    template["Outputs"] |= {name: {"Value": {"Ref": name}} for name in template["Parameters"]}
    assembly = str(write_assembly(tmp_path / "out", "Stack", template))
    with pytest.raises(LocalRunError) as caught:
        run(assembly)
    assert "--parameter 'Depth=VALUE' --parameter '/elsewhere/day=VALUE'" in str(caught.value)
    report = run(assembly, parameter={"Depth": "6", "/elsewhere/day": "monday"})
    assert {name: report.outputs[name] for name in template["Parameters"]} == {
        "Depth": "6",
        "Stored": "monday",
        "Known": "k",
    }


_LOOKS_UP = """
import json, os, pathlib
context = json.loads(os.environ["CDK_CONTEXT_JSON"])
out = pathlib.Path(os.environ["CDK_OUTDIR"]); out.mkdir(exist_ok=True)
for file in pathlib.Path("made").iterdir():
    text = file.read_text().replace("LOOKED-UP", context.get("ssm:a:parameterName=/x", "dummy-value-for-/x"))
    (out / file.name).write_text(text)
manifest = json.loads((out / "manifest.json").read_text())
missing = [{"key": "vpc-provider:a", "provider": "vpc-provider", "props": {"filter": {}}}]
if "ssm:a:parameterName=/x" not in context:
    missing.append({"key": "ssm:a:parameterName=/x", "provider": "ssm", "props": {"parameterName": "/x"}})
manifest["missing"] = missing
(out / "manifest.json").write_text(json.dumps(manifest))
"""


def test_a_look_up_is_answered_by_what_is_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template = Workflow(machine(Go={"Type": "Pass", "Result": "LOOKED-UP", "End": True})).template("Stack")
    write_assembly(tmp_path / "made", "Stack", template)
    (tmp_path / "app.py").write_text(_LOOKS_UP)
    with pytest.raises(LocalRunError, match=r"looks up /x, and cdk\.context\.json has no value: run `cdk synth` once"):
        run(tmp_path)
    report = run(tmp_path, parameter={"/x": "from me"})
    assert report.output == "from me"
    assert [note for note in report.simulated if "vpc-provider looked up" in note]
    (tmp_path / "cdk.context.json").write_text(json.dumps({"ssm:a:parameterName=/x": "from the file"}))
    assert run(tmp_path).output == "from the file"
    with pytest.raises(SystemExit) as caught:
        cli.main(["run", "--app", str(tmp_path), "--parameter", "/x=on the line"])
    assert caught.value.code == 0
    assert "SUCCEEDED" in capsys.readouterr().out


def test_what_lives_elsewhere_is_given_by_cdk_json_too(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.csv").write_text("a")
    write_assembly(tmp_path / "made", "Stack", _reading("elsewhere-data").template("Stack"))
    (tmp_path / "app.py").write_text("import os, shutil; shutil.copytree('made', os.environ['CDK_OUTDIR'])")
    settings = {
        "bucket": {"elsewhere-data": "files"},
        "image": {"my-image": "python3 serve.py"},
        "stand_in": ["A::B::C"],
    }
    config = {"app": "python3 app.py", "context": {"constructs-ml:run": settings}}
    (tmp_path / "cdk.json").write_text(json.dumps(config))
    assert run(tmp_path).output == {"keys": ["a.csv"]}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--bucket", "=folder"], "must begin with a name, got =folder"),
        (["--parameter", "x"], "must be NAME=VALUE, got x"),
        (["--secret", "=v"], "must be NAME=VALUE, got =v"),
        (["--image", "x"], "must be NAME=VALUE, got x"),
    ],
)
def test_bad_options_are_one_line(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["run", *arguments])
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("role", "given", "said"),
    [
        ("arn:aws:iam::111122223333:role/team/ml", {}, "a role that no stack makes is given to a local run: --role"),
        ("arn:aws:iam::444455556666:role/ml", {"arn:aws:iam::444455556666:role/ml": ""}, "Cross-account pass role"),
        ("arn:aws:iam::111122223333:role/team/ml", {"arn:aws:iam::111122223333:role/team/ml": "none"}, "AccessDenied"),
        ("arn:aws:iam::111122223333:role/team/ml", {"arn:aws:iam::111122223333:role/team/ml": ""}, ""),
    ],
)
def test_a_role_that_lives_elsewhere_runs_a_job(tmp_path: Path, role: str, given: dict[str, str], said: str) -> None:
    from local_bench import processing, task

    nothing = {"Version": "2012-10-17", "Statement": [statement("ec2:DescribeVpcs")]}
    (tmp_path / "none.json").write_text(json.dumps(nothing))
    given = {name: str(tmp_path / "none.json") if file else "" for name, file in given.items()}
    request = processing("work.py", RoleArn=role)
    passing = statement("iam:PassRole", resource=role)
    workflow = Workflow(
        machine(Run=task("Processing", request)), machine=[statement("sagemaker:*", "events:*"), passing]
    )
    assembly = str(write_assembly(tmp_path / "out", "Stack", workflow.template("Stack")))
    script = tmp_path / "work.py"
    script.write_text("import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])")
    report = run(assembly, data={str(script): "s3://${RawData}/in/code/work.py"}, role=given, ignore=_WIDE)
    assert said in str(report.cause)
    assert report.succeeded is not bool(said)
    if report.succeeded:
        assert any("may do everything here" in note for note in report.simulated)


# What there is to run.


def test_workflows_are_listed_without_running_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    states = {
        "Go": {"Type": "Pass", "Parameters": {"day.$": "$.day", "to.$": "$$.Execution.Input.to"}, "Next": "On"},
        "On": {"Type": "Pass", "Parameters": {"x.$": "$.made", "y.$": "$$.Execution.Input['rows']"}, "End": True},
    }
    resources = {"Vpc": {"Type": "AWS::EC2::VPC"}}
    template = Workflow(machine(**states), resources=resources).template("Stack")
    template["Parameters"] = {"Depth": {"Type": "String"}}
    assembly = str(write_assembly(tmp_path / "out", "Stack", template))
    monkeypatch.setattr(LocalAws, "start", lambda _aws: pytest.fail("it was started"))
    with pytest.raises(SystemExit) as caught:
        cli.main(["run", "--app", assembly, "--list"])
    assert caught.value.code == 0
    assert capsys.readouterr().out.splitlines() == [
        "Census: --stack Stack --state-machine Census",
        "  input: day, rows, to",
        "  required: --parameter 'Depth=VALUE'",
        "  simulated: EC2 does nothing: VPC",
    ]


def test_a_workflow_that_cannot_run_is_listed_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assembly = str(write_assembly(tmp_path / "out", "Stack", _template(Thing={"Type": "AWS::S3::Bukcet"})))
    with pytest.raises(SystemExit):
        cli.main(["run", "--app", assembly, "--list"])
    assert "cannot run: a local run has no AWS::S3::Bukcet (Stack/Things/Thing/Resource)" in capsys.readouterr().out


def test_an_app_without_a_workflow_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assembly = str(write_assembly(tmp_path / "out", "Stack", {"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}))
    with pytest.raises(SystemExit) as caught:
        cli.main(["run", "--app", assembly, "--list"])
    assert caught.value.code == 1
    assert "has no state machine" in capsys.readouterr().out
