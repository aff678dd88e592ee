"""Building blocks for the examples of rules: small definitions, and requests that SageMaker accepts."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.cache_key import CacheKey, Listing
from constructs_ml.asl.cached_job import CachedJob

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ROLE = "arn:aws:iam::111122223333:role/Jobs"
_IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/churn:1"
_FRESH = "States.Format('churn-{}', States.UUID())"

PROCESSING: Mapping[str, Any] = MappingProxyType(
    {
        "ProcessingJobName.$": _FRESH,
        "AppSpecification": {"ImageUri": _IMAGE},
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}
        },
        "RoleArn": _ROLE,
    }
)
TRAINING: Mapping[str, Any] = MappingProxyType(
    {
        "TrainingJobName.$": _FRESH,
        "AlgorithmSpecification": {"TrainingImage": _IMAGE, "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://churn/models/"},
        "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        "RoleArn": _ROLE,
    }
)
TRANSFORM: Mapping[str, Any] = MappingProxyType(
    {
        "TransformJobName.$": _FRESH,
        "ModelName": "churn",
        "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://churn/parts/"}}},
        "TransformOutput": {"S3OutputPath": "s3://churn/scores/"},
        "TransformResources": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge"},
    }
)


def definition(**states: Mapping[str, Any]) -> dict[str, Any]:
    """Return a definition that starts at the first of these states."""
    return {"StartAt": next(iter(states)), "States": dict(states)}


def processing(**members: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a definition that runs a processing job with these members in its request; None removes a member."""
    return definition(Prepare=_job("createProcessingJob", PROCESSING, members))


def training(**members: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a definition that runs a training job, likewise."""
    return definition(Train=_job("createTrainingJob", TRAINING, members))


def transform(**members: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a definition that runs a transform job, likewise."""
    return definition(Score=_job("createTransformJob", TRANSFORM, members))


def call(integration: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return a definition that calls an integration such as ``sagemaker:createModel``."""
    resource = f"arn:aws:states:::{integration}"
    return definition(Call={"Type": "Task", "Resource": resource, "Parameters": dict(request), "End": True})


def _job(action: str, request: Mapping[str, Any], members: Mapping[str, Any]) -> dict[str, Any]:
    parameters = {name: value for name, value in {**request, **members}.items() if value is not None}
    resource = f"arn:aws:states:::sagemaker:{action}.sync"
    return {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}


def template(*policies: Mapping[str, Any]) -> dict[str, Any]:
    """Return a template whose state machine invokes the function ``score``; its role has these statements."""
    request = {"FunctionName": "arn:aws:lambda:us-east-1:111122223333:function:score", "Payload": {"part": 1}}
    return _template(call("lambda:invoke", request), policies)


def run_job(*policies: Mapping[str, Any]) -> dict[str, Any]:
    """Return a template whose state machine starts a processing job without waiting, with these extra statements."""
    start = {"Effect": "Allow", "Action": "sagemaker:CreateProcessingJob", "Resource": _JOBS}
    return _template(call("sagemaker:createProcessingJob", PROCESSING), [start, *policies])


def read_object(*statements: Mapping[str, Any]) -> dict[str, Any]:
    """Return a template whose state machine reads an object; the policy of its bucket has these statements."""
    read = call("aws-sdk:s3:getObject", {"Bucket": {"Ref": "Reports"}, "Key": "metrics.json", "Range": "bytes=0-32767"})
    objects = {"Fn::Join": ["", [{"Fn::GetAtt": ["Reports", "Arn"]}, "/*"]]}
    whole = [{"Principal": "*", "Resource": objects, **statement} for statement in statements]
    document = {"Version": "2012-10-17", "Statement": whole}
    found = _template(read, [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": objects}])
    found["Resources"] |= {
        "Reports": {"Type": "AWS::S3::Bucket", "Properties": {}},
        "ReportsPolicy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {"Bucket": {"Ref": "Reports"}, "PolicyDocument": document},
        },
    }
    return found


def policy(*actions: str, on: str, condition: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a statement that allows actions on a resource."""
    statement: dict[str, Any] = {"Effect": "Allow", "Action": list(actions), "Resource": on}
    return statement if condition is None else {**statement, "Condition": condition}


_JOBS = "arn:aws:sagemaker:us-east-1:111122223333:processing-job/churn-*"
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "states.amazonaws.com"}}],
}


def _template(body: Mapping[str, Any], statements: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    role = {"AssumeRolePolicyDocument": _TRUST, "Policies": [{"PolicyName": "Flow", "PolicyDocument": document}]}
    flow = {"Definition": body, "RoleArn": {"Fn::GetAtt": ["FlowRole", "Arn"]}}
    return {
        "Resources": {
            "FlowRole": {"Type": "AWS::IAM::Role", "Properties": role},
            "Flow": {"Type": "AWS::StepFunctions::StateMachine", "Properties": flow},
        }
    }


def cached(*policies: Mapping[str, Any], lifecycle: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a template whose state machine runs a training job that is cached for 30 days.

    Args:
        policies: Statements of the job's role.
        lifecycle: The lifecycle rules of the bucket of its markers and outputs; by default, the bucket is not in the template.
    """
    bucket = "churn-results" if lifecycle is None else "${Results}"
    output = f"{{% 's3://{bucket}/Churn-1a2B/cache/Train/' & $cacheTrain.key & '/' & $cacheTrain.attempt & '/' %}}"
    request = {name: value for name, value in TRAINING.items() if name != "TrainingJobName.$"}
    request |= {
        "TrainingJobName": "{% 'churn-' & $uuid() %}",
        "OutputDataConfig": {"S3OutputPath": output},
        "RoleArn": "${JobRole.Arn}" if policies else _ROLE,
    }
    train = CachedJob(
        name="Train",
        part="Train",
        partition="aws",
        bucket=bucket,
        folder="cache/Churn-1a2B/Train/",
        key=CacheKey("Train", fixed={"image": _IMAGE}, listings=[Listing("train", "churn", "parts/")]),
        expires=30 * 86_400_000,
        place="$job.OutputDataConfig.S3OutputPath",
        output="$job",
    )
    run = {**_job("createTrainingJob", request, {}), "QueryLanguage": "JSONata", "Arguments": request}
    run = {name: value for name, value in run.items() if name not in {"Parameters", "End"}}
    body = definition(Train={"Type": "Parallel", "Branches": [train.to_asl(run)], "OutputPath": "$[0]", "End": True})
    resources: dict[str, Any] = {
        "Flow": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "DefinitionString": {"Fn::Sub": json.dumps(body)},
                "RoleArn": "arn:aws:iam::111122223333:role/Flow",
            },
        }
    }
    if policies:
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "sagemaker.amazonaws.com"}}
        document = {"Version": "2012-10-17", "Statement": list(policies)}
        resources["JobRole"] = {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
                "Policies": [{"PolicyName": "Jobs", "PolicyDocument": document}],
            },
        }
    if lifecycle is not None:
        resources["Results"] = {"Type": "AWS::S3::Bucket", "Properties": {"LifecycleConfiguration": lifecycle}}
    return {"Resources": resources}
