"""Workflows whose data flow looks doubtful and is right: nothing is found in them."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_ml.lint import Machine, check_machine

FUNCTION = {"FunctionName": "arn:aws:lambda:us-east-1:111122223333:function:f"}
END = {"Type": "Succeed"}
FAILED = {"Type": "Fail", "Error": "Broken", "Cause": "it is"}
JOB_NAME = {"ProcessingJobName.$": "$.job"}
ALL = ["States.ALL"]


def invoke(**fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": FUNCTION, **fields}


def describe(**fields: Any) -> dict[str, Any]:
    resource = "arn:aws:states:::aws-sdk:sagemaker:describeProcessingJob"
    return {"Type": "Task", "Resource": resource, "Parameters": JOB_NAME, **fields}


def publish(message: str, **fields: Any) -> dict[str, Any]:
    parameters = {"TopicArn": "arn:aws:sns:us-east-1:111122223333:t", "Message.$": message}
    return {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Parameters": parameters, **fields}


def choice(variable: str, then: str, otherwise: str, **operator: Any) -> dict[str, Any]:
    rule = {"Variable": variable, **(operator or {"BooleanEquals": True}), "Next": then}
    return {"Type": "Choice", "Choices": [rule], "Default": otherwise}


RIGHT: dict[str, dict[str, Any]] = {
    "one of two models that the execution is given": {
        "Train": describe(
            ResultSelector={"ModelArtifacts": {"S3ModelArtifacts": "s3://b/k"}}, ResultPath="$.model_b", Next="Old"
        ),
        "Old": publish("$.model_a.ModelArtifacts.S3ModelArtifacts", ResultPath=None, Next="Older"),
        "Older": publish("$.model_bs.ModelArtifacts.S3ModelArtifacts", ResultPath=None, Next="Oldest"),
        "Oldest": publish("$.model_bound.ModelArtifacts.S3ModelArtifacts", End=True),
    },
    "what one Choice leaves out another leaves out too": {
        "Train?": choice("$.train", "Train", "Tell?"),
        "Train": invoke(ResultSelector={"id.$": "$.Payload.id"}, ResultPath="$.Trained", Next="Tell?"),
        "Tell?": choice("$.train", "Tell", "Done"),
        "Tell": publish("$.Trained.id", End=True),
        "Done": END,
    },
    "a flag that is set on both ways decides later": {
        "Start": {"Type": "Pass", "Result": {"parts": 3}, "Next": "Many?"},
        "Many?": choice("$.parts", "Count", "Few", NumericGreaterThan=2),
        "Count": invoke(ResultSelector={"n.$": "$.Payload"}, ResultPath="$.Counted", Next="Yes"),
        "Yes": {"Type": "Pass", "Result": True, "ResultPath": "$.counted", "Next": "Counted?"},
        "Few": {"Type": "Pass", "Result": False, "ResultPath": "$.counted", "Next": "Counted?"},
        "Counted?": choice("$.counted", "Tell", "Done"),
        "Tell": publish("States.Format('{}', $.Counted.n)", End=True),
        "Done": END,
    },
    "a Map through the members of an object": {
        "Make": {"Type": "Pass", "Result": {"a": 1, "b": 2}, "Next": "Each"},
        "Each": {
            "Type": "Map",
            "ItemSelector": {"name.$": "$$.Map.Item.Key", "value.$": "$$.Map.Item.Value"},
            "ItemProcessor": {
                "StartAt": "Step",
                "States": {"Step": {"Type": "Pass", "InputPath": "$.name", "End": True}},
            },
            "End": True,
        },
    },
    "an execution that goes on where another ended": {
        "Begun?": choice("$.Trained.id", "Tell", "Train", IsPresent=True),
        "Train": invoke(ResultSelector={"id.$": "$.Payload.id"}, ResultPath="$.Trained", Next="Tell"),
        "Tell": publish("$.Trained.id", End=True),
    },
    "a counter that the execution is given": {
        "Count": {
            "Type": "Pass",
            "Parameters": {"at.$": "States.MathAdd($.counter.at, 1)"},
            "ResultPath": "$.counter",
            "Next": "Again?",
        },
        "Again?": choice("$.counter.at", "Count", "Done", NumericLessThan=5),
        "Done": END,
    },
    "the reason of a failure after the status was looked at": {
        "Describe": describe(ResultPath="$.Prepare", Next="Failed?"),
        "Failed?": choice("$.Prepare.ProcessingJobStatus", "Tell", "Done", StringEquals="Failed"),
        "Tell": publish("$.Prepare.FailureReason", End=True),
        "Done": END,
    },
    "the reason of a failure after an error was caught": {
        "Run": invoke(Catch=[{"ErrorEquals": ALL, "ResultPath": "$.error", "Next": "Describe"}], End=True),
        "Describe": describe(Next="Tell"),
        "Tell": publish("$.FailureReason", End=True),
    },
    "a job that is looked at again and again": {
        "Wait": {"Type": "Wait", "Seconds": 30, "Next": "Describe"},
        "Describe": describe(ResultPath="$.Prepare", Next="Done?"),
        "Done?": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.Prepare.ProcessingJobStatus", "StringEquals": "Completed", "Next": "Tell"},
                {"Variable": "$.Prepare.ProcessingJobStatus", "StringEquals": "InProgress", "Next": "Wait"},
            ],
            "Default": "Failed",
        },
        "Tell": publish("$.Prepare.ExitMessage", End=True),
        "Failed": FAILED,
    },
    "an error and its cause": {
        "Run": invoke(Catch=[{"ErrorEquals": ALL, "ResultPath": "$.error", "Next": "Read"}], End=True),
        "Read": {
            "Type": "Pass",
            "Parameters": {"cause.$": "States.StringToJson($.error.Cause)", "job.$": "$.job"},
            "Next": "Tell",
        },
        "Tell": publish("$.cause.errorMessage", End=True),
    },
    "an error that is told by the same state as a refusal": {
        "Run": invoke(
            ResultPath="$.run",
            Catch=[{"ErrorEquals": ALL, "ResultPath": "$.error", "Next": "Error?"}],
            Next="Good?",
        ),
        "Good?": choice("$.run.Payload.good", "Done", "Error?"),
        "Error?": choice("$.error", "Tell", "Failed", IsPresent=True),
        "Tell": publish("$.error.Cause", End=True),
        "Failed": FAILED,
        "Done": END,
    },
    "an error in the place of what was lacking": {
        "Start": {"Type": "Pass", "Result": {"error": None, "job": "x"}, "Next": "Run"},
        "Run": invoke(
            ResultPath=None, Catch=[{"ErrorEquals": ALL, "ResultPath": "$.error", "Next": "Bad?"}], Next="Bad?"
        ),
        "Bad?": choice("$.error", "Done", "Tell", IsNull=True),
        "Tell": publish("$.error.Cause", End=True),
        "Done": END,
    },
    "another way to the same result": {
        "Run": invoke(
            ResultSelector={"id.$": "$.Payload.id"},
            ResultPath="$.Run",
            Catch=[{"ErrorEquals": ALL, "ResultPath": "$.error", "Next": "Instead"}],
            Next="Tell",
        ),
        "Instead": {"Type": "Pass", "Result": {"id": "none"}, "ResultPath": "$.Run", "Next": "Tell"},
        "Tell": publish("$.Run.id", End=True),
    },
    "a list that is given": {
        "First": {"Type": "Pass", "InputPath": "$[0].body", "Next": "Read"},
        "Read": {"Type": "Pass", "Parameters": {"all.$": "$..id", "some.$": "$.parts[?(@.id > 1)].name"}, "End": True},
    },
    "paths that a service follows": {
        "Score": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sagemaker:createTransformJob.sync",
            "Parameters": {
                "TransformJobName.$": "States.Format('score-{}', States.UUID())",
                "ModelName": "churn",
                "TransformInput": {
                    "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://churn/in/"}}
                },
                "TransformOutput": {"S3OutputPath": "s3://churn/out/"},
                "TransformResources": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1},
                "DataProcessing": {"InputFilter": "$.features", "OutputFilter": "$.score", "JoinSource": "Input"},
            },
            "Next": "Watch",
        },
        "Watch": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:eventbridge:putTargets",
            "Parameters": {
                "Rule": "jobs",
                "Targets": [{"InputTransformer": {"InputPathsMap": {"job": "$.detail.job"}, "InputTemplate": "<job>"}}],
            },
            "End": True,
        },
    },
    "what a description repeats of the request": {
        "Prepare": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sagemaker:createProcessingJob.sync",
            "Parameters": {
                "ProcessingJobName.$": "States.Format('prepare-{}', States.UUID())",
                "AppSpecification": {"ImageUri": "111122223333.dkr.ecr.us-east-1.amazonaws.com/prepare:1"},
                "ProcessingOutputConfig": {
                    "Outputs": [
                        {
                            "OutputName": "train",
                            "S3Output": {
                                "S3Uri": "s3://churn/train/",
                                "LocalPath": "/opt/ml/processing/output/train",
                                "S3UploadMode": "EndOfJob",
                            },
                        }
                    ]
                },
                "ProcessingResources": {
                    "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}
                },
                "RoleArn": "arn:aws:iam::111122223333:role/Jobs",
            },
            "Next": "Tell",
        },
        "Tell": publish("$.ProcessingOutputConfig.Outputs[0].S3Output.S3Uri", End=True),
    },
}
IN_JSONATA: dict[str, dict[str, Any]] = {
    "what may be lacking is tested": {
        "Say": {
            "Type": "Pass",
            "Output": {
                "a": "{% $exists($states.input.error) ? $states.input.error.Cause : 'none' %}",
                "b": "{% $states.input.error.Cause & '' %}",
                "c": "{% $boolean($states.input.error) %}",
            },
            "Next": "Read",
        },
        "Read": {"Type": "Pass", "Output": "{% $merge([$states.input, {'d': $states.input.a}]) %}", "End": True},
    },
    "functions, blocks and lists": {
        "Say": {
            "Type": "Pass",
            "Assign": {"sum": "{% ($add := function($x, $y) { $x + $y }; $reduce($states.input.parts.size, $add)) %}"},
            "Output": {
                "names": "{% [$states.input.parts.name] %}",
                "big": "{% $filter($states.input.parts, function($p) { $p.size > 3 })[0].name %}",
                "by": "{% $states.input.parts{name: size} %}",
                "sorted": "{% $states.input.parts^(>size).name %}",
                "text": "{% $states.input.parts.(name & ':' & $string(size)) ~> $join(', ') %}",
                "drawn": "{% $partition($range(0, 9, 1), 3) %}",
                "hash": "{% $hash($states.context.Execution.Name, 'MD5') & $uuid() & $string($random()) %}",
                "parsed": "{% $parse('{}').x %}",
            },
            "Next": "Add",
        },
        "Add": {"Type": "Pass", "Output": "{% $sum + $count($states.input.names) %}", "End": True},
    },
    "names in the steps, filters and functions of paths": {
        "Say": {
            "Type": "Pass",
            "Output": {
                "steps": "{% $states.input.rows.(price * number) %}",
                "filtered": "{% $states.input.rows[$.price > 1 and kind = 'x'].name %}",
                "sorted": "{% $states.input.rows^(>price).name %}",
                "grouped": "{% $states.input.rows{kind: $sum(price)} %}",
                "changed": "{% $states.input ~> |rows|{'price': price * 2}| %}",
                "mapped": "{% $map($states.input.rows, function($row) { $row.name & kind }) %}",
                "bound": "{% $states.input.rows@$row#$at.{'at': $at, 'name': $row.name} %}",
                "called": "{% ($one := function($n) { $two($n) }; $two := function($n) { $n }; $one(1)) %}",
            },
            "End": True,
        },
    },
    "a template of another language": {
        "Say": {"Type": "Pass", "Output": {"text": "Hello {% if name %}you{% endif %}"}, "End": True},
    },
    "a loop with what lasts in a variable": {
        "Begin": {"Type": "Pass", "Assign": {"n": 0, "last": None}, "Next": "Count"},
        "Count": {
            "Type": "Pass",
            "Assign": {"n": "{% $n + 1 %}", "last": {"n": "{% $n %}"}},
            "Next": "Again?",
        },
        "Again?": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $n < 5 and $last.n < 4 %}", "Next": "Count"}],
            "Default": "Done",
        },
        "Done": {"Type": "Succeed", "Output": "{% $last %}"},
    },
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_let_pass(name: str) -> None:
    """Not even a warning about the data flow."""
    assert told_of({"StartAt": next(iter(RIGHT[name])), "States": RIGHT[name]}) == []


@pytest.mark.parametrize("name", IN_JSONATA)
def test_what_is_right_in_jsonata_is_let_pass(name: str) -> None:
    """The same in JSONata."""
    states = IN_JSONATA[name]
    assert told_of({"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states}) == []


def told_of(definition: dict[str, Any]) -> list[str]:
    return [str(found) for found in check_machine(Machine(definition)) if found.rule.startswith("CML1")]
