"""Training jobs: on data with a key, in a VPC; on spot instances; with what SageMaker offers beside.

Sources: "CreateTrainingJob API: Execution Role Permissions" of the SageMaker developer guide; "Adapt your training job to access
images in a private Docker registry", "Access a training container through AWS Systems Manager for remote debugging" of the same;
the managed policies AmazonSageMakerJobFullAccess (MLflow, hubs, model packages) and AmazonSageMakerFullAccess (training plans);
"Identity-based policy examples for Amazon EFS".
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aws_cdk import aws_lambda as lambda_

import constructs_ml as ml
from support.calls.declare import declared_bucket, volume_key, vpc
from support.calls.misses import OTHER_NETWORK, data_misses, elsewhere, job_misses
from support.calls.needs import grant, log, metrics, network, pull, read, write
from support.calls.place import ARTIFACTS, DATA, IMAGE, KEY, REPOSITORY, VOLUME_KEY, Access, Case, Team, arn, calls
from support.calls.running import run_job

if TYPE_CHECKING:
    from aws_cdk import Stack

LOG, RULE = "/aws/sagemaker/TrainingJobs", "StepFunctionsGetEventsForSageMakerTrainingJobsRule"
JOB = ("Training", "training-job", RULE)


def _in_vpc(stack: Stack) -> ml.TrainingJob:
    bucket = declared_bucket(stack)
    return ml.TrainingJob(
        stack,
        "Step",
        image=ml.ContainerImage.from_registry(IMAGE),
        channels={"train": ml.S3Data.from_bucket(bucket, "raw/")},
        output=ml.S3Data.from_bucket(bucket, "clean/"),
        output_key=bucket.encryption_key,
        volume_key=volume_key(stack),
        **vpc(stack),
    )


IN_VPC = Team("Learning")
_MAY = [
    *read(DATA, "raw/", KEY),
    *write(DATA, "clean/", KEY),
    grant(VOLUME_KEY),
    *pull(REPOSITORY),
    *log(LOG),
    metrics(LOG),
    *network(),
]


def _on_spot(stack: Stack) -> ml.TrainingJob:
    channels = {"train": ml.S3Data.from_bucket(declared_bucket(stack), "raw/")}
    image = ml.ContainerImage.from_registry(IMAGE)
    return ml.TrainingJob(stack, "Step", image=image, channels=channels, spot=True)


ON_SPOT = Team("Spotting")
_OWN = f"{ON_SPOT.owner}/Step/"
_CHECKPOINTS = f"{_OWN}checkpoints/"
_SPOT = [
    *read(DATA, "raw/", KEY),
    *write(ARTIFACTS, _OWN),
    # SageMaker goes on from what it has kept.
    *read(ARTIFACTS, _CHECKPOINTS),
    *write(ARTIFACTS, _CHECKPOINTS),
    *pull(REPOSITORY),
    *log(LOG),
    metrics(LOG),
]

FUNCTION = arn("lambda", "function:credentials")
PLAN = arn("sagemaker", "training-plan/mine")
MLFLOW = arn("sagemaker", "mlflow-app/app-ABC")
DATASET = arn("sagemaker", "hub-content/pictures/DataSet/cats/1.0.0")
REMOTE = ("CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel")
RUNS = tuple(
    f"sagemaker-mlflow:{action}"
    for action in (
        *("CreateExperiment", "GetExperiment", "GetExperimentByName", "SearchExperiments", "SetExperimentTag"),
        *("CreateRun", "GetRun", "SearchRuns", "UpdateRun", "SetTag"),
        *("LogBatch", "LogMetric", "LogParam", "GetMetricHistory", "LogInputs", "LogOutputs", "ListArtifacts"),
        *("LogModel", "LogLoggedModelParams", "FinalizeLoggedModel", "SetLoggedModelTags"),
        *("StartTrace", "EndTrace", "SearchTraces"),
    )
)


def _with_services(stack: Stack) -> ml.TrainingJob:
    network_props = vpc(stack)
    return ml.TrainingJob(
        stack,
        "Step",
        image=ml.ContainerImage.from_registry("registry.example/mine:1"),
        private_registry=ml.training.PrivateRegistry(
            credentials=lambda_.Function.from_function_arn(stack, "Credentials", FUNCTION)
        ),
        channels={
            "files": ml.training.FileSystem.efs("fs-0123456789", "/train", writable=True),
            "fast": ml.training.FileSystem.lustre("fs-abcdef0123", "/mount/train"),
            "cats": ml.training.HubDataset(dataset_arn=DATASET),
        },
        mlflow=ml.training.MlflowTracking(resource_arn=MLFLOW),
        remote_debug=True,
        training_plan=PLAN,
        instance_type="ml.p5.48xlarge",
        **network_props,
    )


WITH_SERVICES = Team("Serving")
_SERVICES = [
    *calls(FUNCTION, "lambda:InvokeFunction"),
    *calls(
        arn("elasticfilesystem", "file-system/fs-0123456789"),
        "elasticfilesystem:ClientMount",
        "elasticfilesystem:ClientWrite",
        "elasticfilesystem:DescribeMountTargets",
    ),
    *calls("*", "fsx:DescribeFileSystems", *(f"ssmmessages:{action}" for action in REMOTE)),
    *calls(DATASET, "sagemaker:DescribeHubContent"),
    *calls(arn("sagemaker", "hub/pictures"), "sagemaker:DescribeHubContent"),
    *calls(MLFLOW, *RUNS),
    *calls(MLFLOW, "sagemaker:CallMlflowAppApi", "sagemaker:DescribeMlflowApp"),
    *write(ARTIFACTS, f"{WITH_SERVICES.owner}/Step/"),
    *log(LOG),
    metrics(LOG),
    *network(),
]
_RUN_SERVICES = run_job(WITH_SERVICES, *JOB)
_ON_PLAN = [
    *calls(PLAN, "sagemaker:CreateTrainingJob"),
    *calls(arn("sagemaker", "reserved-capacity/0123"), "sagemaker:CreateTrainingJob"),
]
_OFF_PLAN = [
    *calls(arn("sagemaker", "training-plan/of-others"), "sagemaker:CreateTrainingJob"),
    *calls(PLAN, "sagemaker:CreateTrainingPlan", "sagemaker:UpdateCluster"),
]

GROUP = arn("sagemaker", "model-package-group/churn")
BASE = "arn:aws:sagemaker:us-east-1:aws:hub-content/SageMakerPublicHub/Model/llm/1.0.0"
EARLIER = arn("sagemaker", "model-package/earlier/3")


def _serverless(stack: Stack) -> ml.TrainingJob:
    return ml.TrainingJob(
        stack,
        "Step",
        channels={"train": ml.S3Data.from_bucket(declared_bucket(stack), "raw/")},
        serverless=ml.training.ServerlessTraining(base_model_arn=BASE, accept_eula=True, evaluator_arn=FUNCTION),
        model_package=ml.training.ModelPackageOutput(group_arn=GROUP, source_arn=EARLIER),
    )


SERVERLESS = Team("Tuned")
_REGISTER = ("sagemaker:AccessModelPackage", "sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackage")
_MODELS = [
    *calls(GROUP, "sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackageGroup"),
    *calls(arn("sagemaker", "model-package/churn/7"), *_REGISTER),
    *calls(EARLIER, "sagemaker:AccessModelPackage", "sagemaker:DescribeModelPackage"),
    *calls(FUNCTION, "lambda:InvokeFunction"),
]
_BASE = [
    *calls(BASE, "sagemaker:DescribeHubContent"),
    *calls("arn:aws:sagemaker:us-east-1:aws:hub/SageMakerPublicHub", "sagemaker:DescribeHubContent"),
]
_SERVERLESS = [*read(DATA, "raw/", KEY), *write(ARTIFACTS, f"{SERVERLESS.owner}/Step/"), *log(LOG), metrics(LOG)]

CASES = {
    "training": Case(
        IN_VPC,
        _in_vpc,
        [
            run_job(IN_VPC, *JOB),
            Access(
                "ConstructsMlJobRole",
                may=_MAY,
                may_not=[
                    *elsewhere(_MAY),
                    *data_misses("raw/", "clean/"),
                    *job_misses(IN_VPC, LOG),
                    *OTHER_NETWORK,
                    *log("/aws/sagemaker/ProcessingJobs"),
                ],
            ),
        ],
    ),
    "training on spot instances": Case(
        ON_SPOT,
        _on_spot,
        [
            run_job(ON_SPOT, *JOB),
            Access(
                "ConstructsMlJobRole",
                may=_SPOT,
                may_not=[
                    *elsewhere(_SPOT),
                    *data_misses("raw/", "clean/"),
                    *job_misses(ON_SPOT, LOG),
                    *network(),
                    *calls(f"{ARTIFACTS}/{ON_SPOT.owner}-2/Step/1", "s3:GetObject", "s3:PutObject"),
                    *calls(f"{ARTIFACTS}/1", "s3:GetObject", "s3:PutObject"),
                ],
            ),
        ],
    ),
    "training with services": Case(
        WITH_SERVICES,
        _with_services,
        [
            replace(
                _RUN_SERVICES,
                may=[*_RUN_SERVICES.may, *_ON_PLAN],
                may_not=[*_RUN_SERVICES.may_not, *_OFF_PLAN],
            ),
            Access(
                "ConstructsMlJobRole",
                may=_SERVICES,
                may_not=[
                    *elsewhere(_SERVICES),
                    *job_misses(WITH_SERVICES, LOG),
                    *OTHER_NETWORK,
                    *calls(arn("lambda", "function:payments"), "lambda:InvokeFunction"),
                    *calls(FUNCTION, "lambda:UpdateFunctionCode", "lambda:DeleteFunction"),
                    *calls(arn("elasticfilesystem", "file-system/fs-of-others"), "elasticfilesystem:ClientMount"),
                    *calls(
                        arn("elasticfilesystem", "file-system/fs-0123456789"),
                        "elasticfilesystem:ClientRootAccess",
                        "elasticfilesystem:DeleteFileSystem",
                    ),
                    *calls(arn("fsx", "file-system/fs-abcdef0123"), "fsx:DeleteFileSystem"),
                    *calls(arn("sagemaker", "hub-content/pictures/DataSet/dogs/1.0.0"), "sagemaker:DescribeHubContent"),
                    *calls(arn("sagemaker", "hub/of-others"), "sagemaker:DescribeHubContent"),
                    *calls(arn("sagemaker", "mlflow-app/app-XYZ"), "sagemaker-mlflow:CreateRun"),
                    *calls(MLFLOW, "sagemaker-mlflow:DeleteRun", "sagemaker:DeleteMlflowApp"),
                    *calls("*", "ssm:StartSession", "ssm:SendCommand"),
                    *calls(PLAN, "sagemaker:CreateTrainingJob"),
                ],
            ),
        ],
    ),
    "training without instances": Case(
        SERVERLESS,
        _serverless,
        [
            run_job(SERVERLESS, *JOB),
            Access(
                "ConstructsMlJobRole",
                may=[*_SERVERLESS, *_MODELS, *_BASE],
                may_not=[
                    *elsewhere([*_SERVERLESS, *_MODELS]),
                    *data_misses("raw/", "clean/"),
                    *job_misses(SERVERLESS, LOG),
                    *calls(arn("sagemaker", "model-package-group/of-others"), "sagemaker:CreateModelPackage"),
                    *calls(arn("sagemaker", "model-package/of-others/1"), *_REGISTER),
                    *calls(EARLIER, "sagemaker:CreateModelPackage", "sagemaker:UpdateModelPackage"),
                    *calls(arn("sagemaker", "model-package/churn/7"), "sagemaker:UpdateModelPackage"),
                    *calls(BASE.replace("/llm/", "/other/"), "sagemaker:DescribeHubContent"),
                ],
            ),
        ],
    ),
}
