"""Requests to services other than SageMaker: mistakes in them, and published definitions that are right."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from constructs_ml.lint import Severity, Violation, check_definition
from constructs_ml.lint.examples import call

ERROR, WARNING = Severity.ERROR, Severity.WARNING
Case = tuple[str, dict[str, Any], str, Severity, str]
TABLE = {"TableName": "rows"}


def found(name: str, request: dict[str, Any], **fields: Any) -> list[Violation]:
    """What is wrong with a state that sends a request."""
    body = call(name, request)
    body["States"]["Call"].update(fields)
    return check_definition(body)


WRONG: dict[str, Case] = {
    "a misspelt member": (
        "sns:publish",
        {"TopicArn": "arn:aws:sns:us-east-1:111122223333:news", "Mesage": "x"},
        "CML201",
        ERROR,
        "Call: Parameters.Mesage is not a member of PublishInput; did you mean Message?",
    ),
    "a member without which there is no call": (
        "lambda:invoke",
        {"Payload": {}},
        "CML202",
        ERROR,
        "Call: Parameters.FunctionName is required",
    ),
    "an action that is misspelt": (
        "aws-sdk:s3:putObjekt",
        {"Bucket": "b"},
        "CML014",
        ERROR,
        "names the action 'putObjekt', which s3 does not have; did you mean putObject?",
    ),
    "an action of another service": ("aws-sdk:s3:publishMessages", {}, "CML014", WARNING, "which s3 does not have"),
    "an action with another acronym": (
        "aws-sdk:rds:describeDbInstances",
        {},
        "CML014",
        WARNING,
        "which is probably spelled describeDBInstances in Step Functions",
    ),
    "an action that is not supported": (
        "aws-sdk:sts:assumeRole",
        {"RoleArn": "arn:aws:iam::111122223333:role/a", "RoleSessionName": "a"},
        "CML014",
        ERROR,
        "which Step Functions does not support; give the state Credentials with the RoleArn",
    ),
    "a service by boto3's name": (
        "aws-sdk:logs:putLogEvents",
        {},
        "CML014",
        ERROR,
        "names 'logs', which is not a service of the AWS SDK integrations; its name is cloudwatchlogs",
    ),
    "a service with a hyphen": ("aws-sdk:cognito-idp:listUsers", {}, "CML014", ERROR, "cognitoidentityprovider"),
    "a service with a capital": ("aws-sdk:S3:listBuckets", {}, "CML014", ERROR, "its name is s3"),
    "a service that is misspelt": (
        "aws-sdk:dynamodbb:listTables",
        {},
        "CML014",
        WARNING,
        "known here",
    ),
    "a service with a letter less": ("aws-sdk:dynamdb:listTables", {}, "CML014", ERROR, "did you mean dynamodb?"),
    "a service that may be new": (
        "aws-sdk:quantumlab:listThings",
        {},
        "CML014",
        WARNING,
        "pip install --upgrade botocore",
    ),
    "a small letter at the front": (
        "aws-sdk:s3:getObject",
        {"bucket": "b", "Key": "k"},
        "CML201",
        ERROR,
        "Parameters.bucket must be written Bucket: names of members begin with a capital in Step Functions",
    ),
    "camel case as the API has it": (
        "batch:submitJob",
        {"jobName": "a", "JobQueue": "q", "JobDefinition": "d"},
        "CML201",
        ERROR,
        "jobName must be written JobName",
    ),
    "camel case further inside": (
        "ecs:runTask",
        {"TaskDefinition": "t", "NetworkConfiguration": {"awsvpcConfiguration": {"Subnets": ["subnet-1"]}}},
        "CML201",
        ERROR,
        "NetworkConfiguration.awsvpcConfiguration must be written AwsvpcConfiguration",
    ),
    "an acronym as the API has it": (
        "aws-sdk:rds:describeDBInstances",
        {"DBInstanceIdentifier": "a"},
        "CML201",
        WARNING,
        "Parameters.DBInstanceIdentifier is likely written DbInstanceIdentifier in Step Functions",
    ),
    "a type of DynamoDB as the API has it": (
        "aws-sdk:dynamodb:putItem",
        {**TABLE, "Item": {"open": {"BOOL": True}}},
        "CML201",
        WARNING,
        "BOOL is likely written Bool",
    ),
    "one in the singular": (
        "aws-sdk:ec2:describeInstances",
        {"Filter": [{"Name": "a", "Values": ["b"]}]},
        "CML201",
        ERROR,
        "did you mean Filters?",
    ),
    "a member that may be new": (
        "aws-sdk:glue:startCrawler",
        {"Name": "a", "Quantum": 1},
        "CML201",
        WARNING,
        "Parameters.Quantum is not a member of StartCrawlerRequest; if it is newer than botocore",
    ),
    "a list that lacks": (
        "aws-sdk:ec2:startInstances",
        {},
        "CML202",
        ERROR,
        "Parameters.InstanceIds is required",
    ),
    "one that lacks further inside": (
        "events:putEvents",
        {"Entries": [{"Source": "a", "DetailType": "b", "Detal": {}}]},
        "CML201",
        ERROR,
        "Parameters.Entries[0].Detal is not a member of PutEventsRequestEntry; did you mean Detail?",
    ),
    "a number for a text": (
        "dynamodb:putItem",
        {**TABLE, "Item": {"id": {"S": "a"}, "rows": {"N": 5}}},
        "CML203",
        ERROR,
        'N must be a string, got 5; write "5"',
    ),
    "a text for a number": (
        "aws-sdk:s3:listObjectsV2",
        {"Bucket": "b", "MaxKeys": "10"},
        "CML203",
        ERROR,
        "MaxKeys must be a whole number, got '10'; write 10 without quotes",
    ),
    "a text for a flag": (
        "aws-sdk:ec2:stopInstances",
        {"InstanceIds": ["i-1"], "Force": "true"},
        "CML203",
        ERROR,
        "Force must be true or false, got 'true'; write true without quotes",
    ),
    "a text for a list": (
        "aws-sdk:ec2:stopInstances",
        {"InstanceIds": "i-1"},
        "CML203",
        ERROR,
        "InstanceIds must be a list, got 'i-1'; write ['i-1']",
    ),
    "a number among arguments": (
        "glue:startJobRun.sync",
        {"JobName": "clean", "Arguments": {"--days": 3}},
        "CML203",
        ERROR,
        'got 3; write "3"',
    ),
    "an object for a text": (
        "aws-sdk:iam:createRole",
        {"RoleName": "a", "AssumeRolePolicyDocument": {"Version": "2012-10-17"}},
        "CML203",
        WARNING,
        "AssumeRolePolicyDocument must be a string, got an object; write it as a string",
    ),
    "a computed number for a text": (
        "sqs:sendMessage",
        {
            "QueueUrl": "https://sqs.us-east-1.amazonaws.com/111122223333/q",
            "MessageBody": "a",
            "MessageGroupId.$": "States.MathAdd($.n, 1)",
        },
        "CML203",
        ERROR,
        "which yields a number, but must be a string",
    ),
    "a computed text for a number": (
        "ecs:runTask",
        {"TaskDefinition": "t", "Count.$": "States.Format('{}', $.n)"},
        "CML203",
        ERROR,
        "which yields a string, but must be a number",
    ),
    "a value that is misspelt": (
        "lambda:invoke",
        {"FunctionName": "a", "InvocationType": "Evnet"},
        "CML204",
        WARNING,
        "is 'Evnet', which is none of the values that it may have; did you mean 'Event'?",
    ),
    "a member of an integration of its own": (
        "http:invoke",
        {"ApiEndpoint": "https://a.example", "Methd": "GET", "InvocationConfig": {"ConnectionArn": "c"}},
        "CML201",
        ERROR,
        "did you mean Method?",
    ),
    "a request of HTTP without a connection": (
        "http:invoke",
        {"ApiEndpoint": "https://a.example", "Method.$": "$.method"},
        "CML202",
        ERROR,
        "Parameters.Authentication is required; or write InvocationConfig",
    ),
    "a method in small letters": (
        "http:invoke",
        {"ApiEndpoint": "https://a.example", "Method": "post", "Authentication": {"ConnectionArn": "c"}},
        "CML204",
        ERROR,
        "must be one of GET, POST, PUT, DELETE, PATCH, HEAD, OPTIONS, got 'post'; did you mean POST?",
    ),
    "a way to sign in that there is not": (
        "apigateway:invoke",
        {"ApiEndpoint": "a.example", "Method": "GET", "AuthType": "IAM"},
        "CML204",
        ERROR,
        "AuthType must be one of NO_AUTH, IAM_ROLE, RESOURCE_POLICY, got 'IAM'",
    ),
    "a cluster that lacks": (
        "elasticmapreduce:terminateCluster.sync",
        {},
        "CML202",
        ERROR,
        "Parameters.ClusterId is required",
    ),
}


@pytest.mark.parametrize(("name", "request_", "rule", "severity", "said"), WRONG.values(), ids=WRONG)
def test_a_mistake_in_a_request_is_told(
    name: str, request_: dict[str, Any], rule: str, severity: Severity, said: str
) -> None:
    """One finding, of this rule, that says what to write."""
    (violation,) = found(name, request_)
    assert (violation.rule, violation.severity) == (rule, severity)
    assert said in violation.message


def test_so_it_is_in_jsonata() -> None:
    state = {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": True}
    body = {
        "QueryLanguage": "JSONata",
        "StartAt": "Tell",
        "States": {"Tell": {**state, "Arguments": {"mesage": "{% 1 %}"}}},
    }
    (violation,) = check_definition(body)
    assert (violation.rule, violation.member, violation.severity) == ("CML201", "Arguments.mesage", ERROR)


# What published definitions send, by service: of the tutorials and workflows that AWS and others have put online.
PUBLISHED: list[tuple[str, dict[str, Any]]] = [
    ("aws-sdk:rds:describeDBInstances", {"DbInstanceIdentifier.$": "$.id"}),
    ("aws-sdk:rds:createDBSnapshot", {"DbInstanceIdentifier.$": "$.id", "DbSnapshotIdentifier.$": "$.name"}),
    ("aws-sdk:rds:describeDBSnapshots", {"DbSnapshotIdentifier": "a"}),
    (
        "aws-sdk:rds:createDBInstance",
        {
            "AllocatedStorage": 200,
            "StorageEncrypted": True,
            "Engine": "sqlserver-se",
            "DbParameterGroupName": "a",
            "OptionGroupName": "o",
            "VpcSecurityGroupIds": ["sg-1"],
            "DbSubnetGroupName": "s",
            "DbInstanceClass": "db.m5.2xlarge",
            "DbInstanceIdentifier.$": "$.id",
        },
    ),
    (
        "aws-sdk:rds:restoreDBClusterFromSnapshot",
        {"DbClusterIdentifier": "a", "SnapshotIdentifier": "s", "Engine": "aurora"},
    ),
    (
        "aws-sdk:rds:startExportTask",
        {"ExportTaskIdentifier": "a", "SourceArn": "a", "S3BucketName": "b", "IamRoleArn": "r", "KmsKeyId": "k"},
    ),
    (
        "aws-sdk:ec2:runInstances",
        {
            "ImageId": "ami-1",
            "InstanceType": "t3.micro",
            "MinCount": 1,
            "MaxCount": 1,
            "IamInstanceProfile": {"Name.$": "$.profile"},
            "SecurityGroupIds.$": "States.Array($.group)",
            "BlockDeviceMappings": [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 150, "VolumeType": "gp3"}}],
            "UserData.$": "States.Base64Encode($.script)",
            "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "a", "Value.$": "$$.Execution.Id"}]}],
            "LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": "$Latest"},
        },
    ),
    ("aws-sdk:ec2:describeInstances", {"Filters": [{"Name": "tag:a", "Values": ["b"]}]}),
    ("aws-sdk:ec2:createSnapshot", {"VolumeId.$": "$.id", "Description": "a"}),
    ("aws-sdk:ec2:describeLaunchTemplateVersions", {"LaunchTemplateId": "lt-1", "Filters": []}),
    (
        "aws-sdk:ec2:revokeSecurityGroupIngress",
        {"GroupId": "sg-1", "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 22}]},
    ),
    ("aws-sdk:s3:copyObject", {"Bucket": "b", "Key.$": "$.key", "CopySource.$": "States.Format('{}/{}', $.b, $.k)"}),
    ("aws-sdk:s3:putObject", {"Bucket": "b", "Key": "k", "Body": {"status": "PROCESSING"}, "SsekmsKeyId": "k"}),
    (
        "aws-sdk:s3:putObject",
        {"Bucket": "b", "Key": "k", "Body": "text", "ServerSideEncryption": "aws:kms", "Acl": "private"},
    ),
    ("aws-sdk:s3:listObjectsV2", {"Bucket.$": "$.b", "Prefix": "in/", "MaxKeys": 10}),
    ("aws-sdk:s3:deleteObjects", {"Bucket": "b", "Delete": {"Objects": [{"Key": "a"}], "Quiet": True}}),
    ("aws-sdk:s3:getBucketPolicyStatus", {"Bucket": "b"}),
    (
        "aws-sdk:dynamodb:putItem",
        {**TABLE, "Item": {"id": {"S.$": "$.id"}, "open": {"Bool": True}, "n": {"N": "1"}, "x": {"Nul": True}}},
    ),
    (
        "aws-sdk:dynamodb:query",
        {**TABLE, "KeyConditionExpression": "a = :a", "ExpressionAttributeValues": {":a": {"S": "x"}}},
    ),
    ("aws-sdk:dynamodb:transactGetItems", {"TransactItems.$": "$.items"}),
    ("aws-sdk:dynamodb:exportTableToPointInTime", {"TableArn": "a", "S3Bucket": "b", "S3Prefix": "p"}),
    (
        "aws-sdk:dynamodb:executeStatement",
        {"Statement": "SELECT * FROM a", "Parameters": [{"S": "a"}], "ConsistentRead": False},
    ),
    ("aws-sdk:glue:startCrawler", {"Name": "a"}),
    ("aws-sdk:glue:getCrawler", {"Name.$": "$.crawler"}),
    (
        "aws-sdk:glue:createPartition",
        {
            "DatabaseName": "d",
            "TableName": "t",
            "PartitionInput": {"Values": ["1"], "StorageDescriptor": {"Location": "s3://a/"}},
        },
    ),
    ("aws-sdk:glue:startWorkflowRun", {"Name": "w", "RunProperties": {"a": "b"}}),
    ("aws-sdk:iam:attachUserPolicy", {"UserName": "u", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
    ("aws-sdk:iam:listUsers", {"Marker.$": "$.m", "PathPrefix": "/path"}),
    ("aws-sdk:iam:createRole", {"RoleName": "r", "AssumeRolePolicyDocument.$": "States.JsonToString($.trust)"}),
    ("aws-sdk:iam:listMFADevices", {"UserName": "u"}),
    ("aws-sdk:iam:detachRolePolicy", {"RoleName.$": "$.r", "PolicyArn": "a"}),
    ("aws-sdk:sfn:startSyncExecution", {"StateMachineArn": "a", "Input.$": "States.JsonToString($)"}),
    ("aws-sdk:ssm:putParameter", {"Name": "/a", "Value.$": "$.id", "Type": "String", "Overwrite": True}),
    ("aws-sdk:secretsmanager:getSecretValue", {"SecretId": "a"}),
    ("aws-sdk:elasticache:createSnapshot", {"ReplicationGroupId.$": "$.id", "SnapshotName.$": "$.name"}),
    (
        "aws-sdk:cloudwatch:putMetricData",
        {"Namespace": "n", "MetricData": [{"MetricName": "m", "Value": 1.5, "Timestamp": "2026-01-01T00:00:00Z"}]},
    ),
    ("aws-sdk:cloudformation:describeStacks", {"StackName": "a"}),
    (
        "aws-sdk:sagemakerruntime:invokeEndpoint",
        {"EndpointName": "e", "Body": {"a": 1}, "ContentType": "application/json"},
    ),
    ("aws-sdk:bedrockruntime:invokeModel", {"ModelId": "m", "Body": {"a": 1}}),
    (
        "aws-sdk:costexplorer:getCostAndUsage",
        {
            "TimePeriod": {"Start": "2026-01-01", "End": "2026-02-01"},
            "Granularity": "DAILY",
            "Metrics": ["UnblendedCost"],
        },
    ),
    (
        "aws-sdk:scheduler:createSchedule",
        {
            "Name": "a",
            "ScheduleExpression": "rate(1 day)",
            "Target": {"Arn": "a", "RoleArn": "r"},
            "FlexibleTimeWindow": {"Mode": "OFF"},
        },
    ),
    ("aws-sdk:glacier:listJobs", {"VaultName": "v"}),
    ("aws-sdk:dynamodb:putItem.waitForTaskToken", {**TABLE, "Item": {"id": {"S.$": "$$.Task.Token"}}}),
    (
        "sns:publish",
        {"TopicArn": "a", "Message": {"a": 1}, "MessageAttributes": {"a": {"DataType": "String", "StringValue": "b"}}},
    ),
    ("sns:publish", {"PhoneNumber": "+1", "Message.$": "$.text"}),
    ("sqs:sendMessage", {"QueueUrl.$": "$.q", "MessageBody": {"a": ["b"]}, "MessageGroupId": "g"}),
    ("lambda:invoke", {"FunctionName": "f:live", "Payload": "text", "InvocationType": "Event"}),
    (
        "dynamodb:updateItem",
        {
            **TABLE,
            "Key": {"id": {"S": "a"}},
            "ExpressionAttributeValues": {":o": {"BOOL": True}},
            "UpdateExpression": "SET o = :o",
        },
    ),
    (
        "batch:submitJob.sync",
        {
            "JobName": "a",
            "JobQueue": "q",
            "JobDefinition": "d",
            "ContainerOverrides": {
                "Environment": [{"Name": "a", "Value": "b"}],
                "ResourceRequirements": [{"Type": "VCPU", "Value": "1"}],
            },
        },
    ),
    (
        "ecs:runTask.sync",
        {
            "Cluster": "c",
            "TaskDefinition": "t",
            "LaunchType": "FARGATE",
            "Overrides": {"ContainerOverrides": [{"Name": "a", "Command": ["b"]}]},
            "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["s"], "AssignPublicIp": "DISABLED"}},
        },
    ),
    (
        "athena:startQueryExecution.sync",
        {"QueryString": "SELECT 1", "WorkGroup": "w", "ResultConfiguration": {"OutputLocation": "s3://a/"}},
    ),
    (
        "events:putEvents",
        {"Entries": [{"Source": "a", "DetailType": "b", "Detail": {"x.$": "$.x"}, "EventBusName": "c"}]},
    ),
    (
        "states:startExecution.sync:2",
        {
            "StateMachineArn": "arn:aws:states:us-east-1:111122223333:stateMachine:a",
            "Input": {"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Id"},
        },
    ),
    ("codebuild:startBuild.sync", {"ProjectName": "p", "EnvironmentVariablesOverride": [{"Name": "a", "Value": "b"}]}),
    ("eks:createCluster.sync", {"Name": "c", "ResourcesVpcConfig": {"SubnetIds": ["s"]}, "RoleArn": "r"}),
    (
        "eks:call",
        {"ClusterName": "c", "CertificateAuthority": "x", "Endpoint": "https://a", "Method": "GET", "Path": "/api"},
    ),
    (
        "emr-serverless:startJobRun.sync",
        {"ApplicationId": "a", "ExecutionRoleArn": "r", "JobDriver": {"SparkSubmit": {"EntryPoint": "s3://a/b.py"}}},
    ),
    (
        "emr-containers:startJobRun.sync",
        {
            "VirtualClusterId": "v",
            "Name": "n",
            "ExecutionRoleArn": "r",
            "ReleaseLabel": "emr-6",
            "JobDriver": {"SparkSubmitJobDriver": {"EntryPoint": "s3://a/b.py"}},
        },
    ),
    (
        "elasticmapreduce:createCluster.sync",
        {
            "Name": "c",
            "ServiceRole": "s",
            "JobFlowRole": "j",
            "ReleaseLabel": "emr-6",
            "Instances": {"KeepJobFlowAliveWhenNoSteps": True},
        },
    ),
    ("http:invoke", {"ApiEndpoint": "https://a.example", "Method": "GET", "Authentication": {"ConnectionArn": "c"}}),
    (
        "apigateway:invoke",
        {
            "ApiEndpoint": "a.example",
            "Method": "POST",
            "Stage": "prod",
            "Path": "p",
            "RequestBody": {"a": 1},
            "AuthType": "IAM_ROLE",
        },
    ),
    ("bedrock:invokeModel", {"ModelId": "m", "Body": {"a": 1}, "Input": {"S3Uri": "s3://a/b"}}),
]


@pytest.mark.parametrize(
    ("name", "request_"), PUBLISHED, ids=[f"{at}-{name}" for at, (name, _) in enumerate(PUBLISHED)]
)
def test_a_request_that_is_right_passes(name: str, request_: dict[str, Any]) -> None:
    """Of these rules, that is; whether a token comes back and the like is others' business."""
    rules = {"CML014", "CML201", "CML202", "CML203", "CML204"}
    assert [str(item) for item in found(name, request_) if item.rule in rules] == []


@pytest.mark.parametrize(
    "name",
    [
        "forecast",
        "honeycode",
        "iotanalytics",
        "lookoutmetrics",
        "mediastore",
        "opsworks",
        "qldb",
        "robomaker",
        "sms",
        "chime",
    ],
)
def test_services_that_are_retired_are_at_most_warned_of(name: str) -> None:
    """The page has them; newer models do not."""
    assert all(item.severity is WARNING for item in found(f"aws-sdk:{name}:listThings", {}))


@pytest.mark.parametrize(
    ("name", "error", "meant"),
    [
        ("aws-sdk:s3:createBucket", "S3.BucketAlreadyExists", "S3.BucketAlreadyExistsException"),
        ("aws-sdk:rds:describeDBInstances", "Rds.DBInstanceNotFound", "Rds.DbInstanceNotFoundException"),
        ("aws-sdk:rds:describeDBInstances", "Rds.DBInstanceNotFoundFault", "Rds.DbInstanceNotFoundException"),
        ("aws-sdk:iam:getRole", "Iam.NoSuchEntity", "Iam.NoSuchEntityException"),
    ],
)
def test_an_error_without_exception_is_told(name: str, error: str, meant: str) -> None:
    request = {"s3": {"Bucket": "b"}, "iam": {"RoleName": "r"}}.get(name.split(":")[1], {})
    (violation,) = found(name, request, Retry=[{"ErrorEquals": [error]}])
    assert (violation.rule, violation.severity) == ("CML311", ERROR)
    assert violation.message.endswith(f"did you mean {meant}?")


@pytest.mark.parametrize(
    "error", ["S3.BucketAlreadyExistsException", "S3.S3Exception", "S3.Mine", "Mine", "States.ALL"]
)
def test_others_pass(error: str) -> None:
    assert found("aws-sdk:s3:createBucket", {"Bucket": "b"}, Retry=[{"ErrorEquals": [error]}]) == []


def test_no_model_is_read_before_a_state_calls_its_service() -> None:
    """Neither by importing the checks nor by checking jobs; botocore itself is imported in no case."""
    script = """
import json, sys
from constructs_ml.lint import check_definition
from constructs_ml.lint.examples import call, training
from constructs_ml.services import model
read = lambda: model._read.cache_info().currsize
check_definition(training())
before = read()
check_definition(call("aws-sdk:glue:startCrawler", {"Name": "a"}))
print(json.dumps([before, read(), "botocore" in sys.modules]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [0, 1, False]
