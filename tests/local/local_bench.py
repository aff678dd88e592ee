"""A small stack, written by hand: nothing here depends on the library's constructs."""

from __future__ import annotations

import io
import itertools
import json
import os
import tarfile
import textwrap
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.sagemaker.model import output_shape

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.local import LocalAws
    from constructs_ml.local.runner.deployment import Deployment
    from constructs_ml.local.runner.execution import Execution

ACCOUNT = "111122223333"
REGION = "us-east-1"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/my-repo:latest"
_numbers = itertools.count()


def statement(*actions: str, resource: Any = "*", condition: dict[str, Any] | None = None) -> dict[str, Any]:
    found = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
    return {**found, "Condition": condition} if condition else found


def job_statements(kinds: tuple[str, ...] = ("Processing", "Training")) -> list[dict[str, Any]]:
    """What a job's role needs: least privilege, as far as a hand-written stack goes."""
    return [
        statement("s3:GetObject", resource={"Fn::Sub": "${Data.Arn}/in/*"}),
        statement("s3:PutObject", resource={"Fn::Sub": "${Data.Arn}/out/*"}),
        statement("s3:ListBucket", resource={"Fn::GetAtt": ["Data", "Arn"]}),
        statement(
            "ecr:BatchCheckLayerAvailability",
            "ecr:GetDownloadUrlForLayer",
            "ecr:BatchGetImage",
            resource={"Fn::Sub": "arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/my-repo"},
        ),
        statement("ecr:GetAuthorizationToken"),
        statement(
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:DescribeLogStreams",
            "logs:PutLogEvents",
            resource=[
                {
                    "Fn::Sub": f"arn:${{AWS::Partition}}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:/aws/sagemaker/{kind}Jobs{end}"
                }
                for kind in kinds
                for end in ("", ":*")
            ],
        ),
        statement("cloudwatch:PutMetricData", condition={"StringLike": {"cloudwatch:namespace": "/aws/sagemaker/*"}}),
    ]


def events(
    bench: Bench, deployment: Deployment, wanted: Callable[[list[dict[str, Any]]], bool]
) -> list[dict[str, Any]]:
    """The events that a stack's queue has received, waited for."""
    sqs, received = bench.aws.client("sqs"), list[dict[str, Any]]()
    deadline = time.monotonic() + 20
    while not wanted(received) and time.monotonic() < deadline:
        answer = sqs.receive_message(QueueUrl=deployment.outputs["QueueUrl"], MaxNumberOfMessages=10, WaitTimeSeconds=1)
        received += [json.loads(message["Body"]) for message in answer.get("Messages", [])]
    assert wanted(received), received
    return received


def machine_statements() -> list[dict[str, Any]]:
    jobs = [
        {"Fn::Sub": f"arn:${{AWS::Partition}}:sagemaker:${{AWS::Region}}:${{AWS::AccountId}}:{kind}-job/t-*"}
        for kind in ("processing", "training")
    ]
    rules = [
        {
            "Fn::Sub": f"arn:${{AWS::Partition}}:events:${{AWS::Region}}:${{AWS::AccountId}}:rule/StepFunctionsGetEventsForSageMaker{kind}JobsRule"
        }
        for kind in ("Processing", "Training")
    ]
    actions = [
        f"sagemaker:{verb}{kind}Job" for verb in ("Create", "Describe", "Stop") for kind in ("Processing", "Training")
    ]
    return [
        statement(*actions, "sagemaker:AddTags", resource=jobs),
        statement("events:PutTargets", "events:PutRule", "events:DescribeRule", resource=rules),
        statement(
            "iam:PassRole",
            resource={"Fn::GetAtt": ["JobRole", "Arn"]},
            condition={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        ),
    ]


def _role(service: str, statements: list[dict[str, Any]]) -> dict[str, Any]:
    trust = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "Policies": [{"PolicyName": "all", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}],
        },
    }


@dataclass
class Workflow:
    """What a test's stack is made of."""

    definition: dict[str, Any]
    job: list[dict[str, Any]] = field(default_factory=job_statements)
    machine: list[dict[str, Any]] = field(default_factory=machine_statements)
    resources: dict[str, Any] = field(default_factory=dict)

    def template(self, name: str) -> dict[str, Any]:
        """The stack's template."""
        substitutions = {"Bucket": {"Ref": "Data"}, "JobRole": {"Fn::GetAtt": ["JobRole", "Arn"]}}
        return {
            "Resources": {
                **self.resources,
                "Data": {"Type": "AWS::S3::Bucket", "Metadata": {"aws:cdk:path": f"{name}/RawData/Resource"}},
                "JobRole": _role("sagemaker", self.job),
                "MachineRole": _role("states", self.machine),
                "Machine": {
                    "Type": "AWS::StepFunctions::StateMachine",
                    "Metadata": {"aws:cdk:path": f"{name}/Census/Resource"},
                    "Properties": {
                        "DefinitionString": json.dumps(self.definition),
                        "DefinitionSubstitutions": substitutions,
                        "RoleArn": {"Fn::GetAtt": ["MachineRole", "Arn"]},
                    },
                },
                "Queue": {"Type": "AWS::SQS::Queue"},
                "Rule": {
                    "Type": "AWS::Events::Rule",
                    "Properties": {
                        "EventPattern": {"source": ["aws.sagemaker"]},
                        "Targets": [{"Id": "queue", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}}],
                    },
                },
                "MayReceive": {
                    "Type": "AWS::SQS::QueuePolicy",
                    "Properties": {
                        "Queues": [{"Ref": "Queue"}],
                        "PolicyDocument": {
                            "Version": "2012-10-17",
                            "Statement": [
                                {
                                    "Effect": "Allow",
                                    "Principal": {"Service": "events.amazonaws.com"},
                                    "Action": "sqs:SendMessage",
                                    "Resource": {"Fn::GetAtt": ["Queue", "Arn"]},
                                }
                            ],
                        },
                    },
                },
            },
            "Outputs": {"QueueUrl": {"Value": {"Ref": "Queue"}}},
        }


def write_assembly(directory: Path, name: str, template: dict[str, Any]) -> Path:
    """A cloud assembly with one stack."""
    directory.mkdir(parents=True, exist_ok=True)
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://unknown-account/unknown-region",
        "properties": {"templateFile": f"{name}.template.json"},
        "displayName": name,
    }
    (directory / "manifest.json").write_text(json.dumps({"version": "48.0.0", "artifacts": {name: stack}}))
    (directory / f"{name}.template.json").write_text(json.dumps(template))
    return directory


def job_name(prefix: str = "t") -> str:
    """JSONPath for a name that is new at each attempt."""
    return f"States.Format('{prefix}-{{}}', States.UUID())"


def processing(script: str, **changes: Any) -> dict[str, Any]:
    """A CreateProcessingJob request that runs in/code/<script>."""
    request: dict[str, Any] = {
        "ProcessingJobName.$": job_name(),
        "RoleArn": "${JobRole}",
        "AppSpecification": {
            "ImageUri": IMAGE,
            "ContainerEntrypoint": ["python3", f"/opt/ml/processing/input/code/{script}"],
        },
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 30}
        },
        "ProcessingInputs": [s3_input("code")],
        "ProcessingOutputConfig": {"Outputs": [s3_output("result")]},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }
    return {**request, **changes}


def s3_input(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "InputName": name,
        "S3Input": {
            "S3Uri": f"s3://${{Bucket}}/in/{name}/",
            "LocalPath": f"/opt/ml/processing/input/{name}",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            **changes,
        },
    }


def s3_output(name: str, mode: str = "EndOfJob") -> dict[str, Any]:
    return {
        "OutputName": name,
        "S3Output": {
            "S3Uri": f"s3://${{Bucket}}/out/{name}",
            "LocalPath": f"/opt/ml/processing/output/{name}",
            "S3UploadMode": mode,
        },
    }


def training(**changes: Any) -> dict[str, Any]:
    """A CreateTrainingJob request in script mode."""
    request: dict[str, Any] = {
        "TrainingJobName.$": job_name(),
        "RoleArn": "${JobRole}",
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "HyperParameters": {
            "sagemaker_program": '"train.py"',
            "sagemaker_submit_directory": '"s3://${Bucket}/in/code/sourcedir.tar.gz"',
            "depth": "6",
            "criterion": '"gini"',
        },
        "InputDataConfig": [
            {
                "ChannelName": "train",
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://${Bucket}/in/train/"}},
            }
        ],
        "OutputDataConfig": {"S3OutputPath": "s3://${Bucket}/out/models"},
        "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 30},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }
    return {**request, **changes}


def task(kind: str, request: dict[str, Any], *, sync: bool = True, **changes: Any) -> dict[str, Any]:
    resource = f"arn:aws:states:::sagemaker:create{kind}Job" + (".sync" if sync else "")
    return {"Type": "Task", "Resource": resource, "Parameters": request, "End": True, **changes}


def chain(**states: dict[str, Any]) -> dict[str, Any]:
    """States one after another, each keeping its result under its own name; the ends come as they are written."""
    names = list(states)
    for name, following in itertools.pairwise(names):
        states[name] = {key: value for key, value in states[name].items() if key != "End"} | {"Next": following}
    for name, state in states.items():
        if state["Type"] == "Task":
            state.setdefault("ResultPath", f"$.{name}")
    return machine(**states)


def call(action: str, request: dict[str, Any], *, sdk: bool = True, **changes: Any) -> dict[str, Any]:
    """A task that calls an operation of SageMaker's."""
    resource = f"arn:aws:states:::{'aws-sdk:' if sdk else ''}sagemaker:{action}"
    return {"Type": "Task", "Resource": resource, "Parameters": request, "End": True, **changes}


def open_machine(**states: dict[str, Any]) -> Workflow:
    """A chain whose state machine may do all in SageMaker, for tests of other things than permissions."""
    passing = [found for found in machine_statements() if "iam:PassRole" in found["Action"]]
    kinds = ("Processing", "Training", "Transform")
    return Workflow(chain(**states), job_statements(kinds), [statement("sagemaker:*", "events:*"), *passing])


def archive(**files: str | bytes) -> bytes:
    """A .tar.gz: ``code__work_py`` is code/work.py."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            path = name.replace("__", "/")
            entry = tarfile.TarInfo(".".join(path.rsplit("_", 1)))
            body = textwrap.dedent(content).encode() if isinstance(content, str) else content
            entry.size = len(body)
            tar.addfile(entry, io.BytesIO(body))
    return buffer.getvalue()


def machine(**states: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


# A child that ignores SIGTERM, in its parent's process group, and says who it is.
STUBBORN = """
    import pathlib, subprocess, sys, time
    child = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(MARK)"
    subprocess.Popen([sys.executable, "-c", child.replace("MARK", sys.argv[1])])
    print("started", flush=True)
    time.sleep(300)
"""


def alive(mark: str) -> list[str]:
    """The processes that sleep for so many seconds."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if f"time.sleep({mark})" in line and int(entry.name) != os.getpid():
            found.append(line)
    return found


def until(what: Callable[[], object], seconds: float = 20) -> bool:
    """Waits until something holds."""
    deadline = time.monotonic() + seconds
    while not what() and time.monotonic() < deadline:
        time.sleep(0.05)
    return bool(what())


def stubborn(mark: str, seconds: int = 60) -> dict[str, Any]:
    """A request whose job and its child sleep for a telling time."""
    request = processing("stubborn.py", StoppingCondition={"MaxRuntimeInSeconds": seconds})
    request["AppSpecification"]["ContainerArguments"] = [mark]
    return request


def complete(operation: str, response: dict[str, Any]) -> dict[str, Any]:
    """A response that has each member that the API promises, and no other."""
    shape = output_shape(operation)
    assert set(shape.required) <= set(response) <= set(shape.members), (operation, sorted(response))
    return response


class Bench:
    """Deploys workflows into one embedded AWS, each as a stack of its own."""

    def __init__(self, aws: LocalAws, directory: Path, logs: list[str], notes: list[str] | None = None) -> None:
        self.aws, self.directory, self.logs, self.notes = aws, directory, logs, [] if notes is None else notes

    def deploy(self, workflow: Workflow, **files: str | bytes) -> Deployment:
        """Deploys, and uploads files: ``code__work_py`` is in/code/work.py."""
        name = f"Test{next(_numbers)}"
        deployment = self.deploy_template(name, workflow.template(name))
        s3 = self.aws.client("s3")
        for path, content in files.items():
            key = path.replace("__", "/")
            key = f"in/{'.'.join(key.rsplit('_', 1))}"
            body = textwrap.dedent(content).encode() if isinstance(content, str) else content
            s3.put_object(Bucket=deployment.physical_ids["Data"], Key=key, Body=body)
        return deployment

    def deploy_template(self, name: str, template: dict[str, Any]) -> Deployment:
        """Deploys a template as a stack."""
        return self.aws.deploy(write_assembly(self.directory / name, name, template))

    def run(self, workflow: Workflow, **files: str | bytes) -> tuple[Deployment, Execution]:
        """Deploys, runs and waits."""
        deployment = self.deploy(workflow, **files)
        return deployment, deployment.start({}).wait(60)

    def objects(self, deployment: Deployment, prefix: str = "out/") -> dict[str, bytes]:
        """What lies in the stack's bucket."""
        s3, bucket = self.aws.client("s3"), deployment.physical_ids["Data"]
        found = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        return {entry["Key"]: s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read() for entry in found}
