"""The facts that a picture shows of a state."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_ml.asl.definition import read_definition
from constructs_ml.insight.graph.captions import captions_of, title_of

ARN = "arn:aws:states:::"


@pytest.mark.parametrize(
    ("body", "title", "captions"),
    [
        ({"Type": "Wait", "Seconds": 90}, "Wait", ["waits 1 minute 30 seconds"]),
        ({"Type": "Wait", "SecondsPath": "$.s"}, "Wait", ["waits $.s seconds"]),
        ({"Type": "Wait", "Timestamp": "2026-01-31T12:00:00Z"}, "Wait", ["waits until 2026-01-31T12:00:00Z"]),
        ({"Type": "Wait", "TimestampPath": "$.at"}, "Wait", ["waits until $.at"]),
        ({"Type": "Fail", "Error": "E", "Cause": "because"}, "Fail", ["error: E", "cause: because"]),
        ({"Type": "Fail", "ErrorPath": "$.e"}, "Fail", ["error: $.e"]),
        ({"Type": "Succeed"}, "Succeed", []),
        (
            {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111122223333:function:clean"},
            "Lambda function",
            ["clean"],
        ),
        ({"Type": "Task", "Resource": "arn:aws:states:us-east-1:1:activity:look"}, "Activity", ["look"]),
        ({"Type": "Task"}, "Task", ["no resource"]),
        (
            {
                "Type": "Task",
                "Resource": f"{ARN}lambda:invoke.waitForTaskToken",
                "Parameters": {"FunctionName": "f"},
                "TimeoutSeconds": 60,
            },
            "Lambda function",
            ["f", "waits for a callback", "times out after 1 minute"],
        ),
        (
            {
                "Type": "Task",
                "Resource": f"{ARN}states:startExecution.sync:2",
                "Parameters": {"StateMachineArn": "arn:a:b:c:d:e:m"},
            },
            "Step Functions execution",
            ["m"],
        ),
        (
            {"Type": "Task", "Resource": f"{ARN}sns:publish", "Parameters": {"TopicArn": "arn:aws:sns:r:1:alerts"}},
            "SNS: publish",
            ["alerts"],
        ),
        (
            {"Type": "Task", "Resource": f"{ARN}aws-sdk:dynamodb:putItem", "Parameters": {"TableName.$": "$.table"}},
            "DynamoDB: put item",
            ["$.table"],
        ),
        (
            {
                "Type": "Task",
                "Resource": f"{ARN}sagemaker:createTrainingJob",
                "Parameters": {
                    "AlgorithmSpecification": {
                        "TrainingImage": "1.dkr.ecr.eu-central-1.amazonaws.com/a/b@sha256:0123456789abcdef"
                    },
                    "ResourceConfig": {"InstanceCount": 2, "InstanceType": "ml.g5.xlarge"},
                    "EnableManagedSpotTraining": True,
                },
            },
            "SageMaker training job",
            ["b@0123456789ab", "2 × ml.g5.xlarge, spot", "does not wait for its end"],
        ),
        # An app for any region has the registry's account in a mapping, as a token.
        (
            {
                "Type": "Task",
                "Resource": f"{ARN}sagemaker:createModel",
                "Parameters": {
                    "PrimaryContainer": {"Image": "${Token[FindInMap(A,B)]}.dkr.ecr.${AWS::Region}.x/own:2"}
                },
            },
            "SageMaker: create model",
            ["own:2"],
        ),
        (
            {
                "Type": "Map",
                "ItemReader": {
                    "Resource": f"{ARN}s3:getObject",
                    "ReaderConfig": {"InputType": "CSV"},
                    "Parameters": {"Bucket": "b", "Key": "k.csv"},
                },
                "ItemBatcher": {"MaxItemsPerBatch": 10},
                "MaxConcurrency": 1,
                "ToleratedFailurePercentage": 5,
                "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}},
            },
            "Distributed map",
            [
                "for each of the CSV file s3://b/k.csv",
                "in batches of 10",
                "one at a time",
                "tolerates 5 % failures",
                "as Express executions",
            ],
        ),
        ({"Type": "Map", "ItemsPath": "$.xs"}, "Map", ["for each of $.xs", "any number at once"]),
        (
            {
                "Type": "Map",
                "QueryLanguage": "JSONata",
                "Items": "{% $states.input.xs %}",
                "MaxConcurrency": "{% $n %}",
            },
            "Map",
            ["for each of input.xs", "at most $n at once"],
        ),
        (
            {"Type": "Map", "QueryLanguage": "JSONata", "Items": [1, 2]},
            "Map",
            ["for each of 2 given items", "any number at once"],
        ),
    ],
)
def test_a_state_says_what_it_is(body: dict[str, Any], title: str, captions: list[str]) -> None:
    state = read_definition({"StartAt": "A", "States": {"A": body}}).states["A"]
    assert title_of(state) == title
    assert captions_of(state) == captions
