"""Packages of CodeArtifact: for a training job by an ARN, for a processing job by one that tokens are in.

Sources: "AWS CodeArtifact authentication and tokens" and "Using pip with CodeArtifact" of the CodeArtifact user guide.
"""

from __future__ import annotations

from aws_cdk import Stack

import constructs_ml as ml
from support.calls.misses import OTHER_NETWORK, elsewhere, job_misses
from support.calls.needs import log, metrics, pull, read, write
from support.calls.place import ARTIFACTS, DATA, IMAGE, REPOSITORY, Access, Case, Team, arn, calls
from support.calls.running import run_job
from support.iam import Call

DOMAIN, PACKAGES = arn("codeartifact", "domain/team"), arn("codeartifact", "repository/team/pypi")
_READ = ("codeartifact:GetRepositoryEndpoint", "codeartifact:ReadFromRepository")
_BEARER = "sts:GetServiceBearerToken"
_SERVICE = {"sts:AWSServiceName": "codeartifact.amazonaws.com"}


def install(domain: str, repository: str) -> list[Call]:
    """What pip's sign-in and its downloads call."""
    return [
        *calls(domain, "codeartifact:GetAuthorizationToken"),
        *calls(repository, *_READ),
        Call(_BEARER, "*", _SERVICE),
    ]


def install_misses(repository: str) -> list[Call]:
    """Other repositories and domains, publishing, and tokens of other services."""
    return [
        *calls(f"{repository}-2", *_READ),
        *calls(arn("codeartifact", "repository/team/npm"), *_READ),
        *calls(arn("codeartifact", "domain/others"), "codeartifact:GetAuthorizationToken"),
        *calls(repository, "codeartifact:DeleteRepository", "codeartifact:ListPackages"),
        *calls(arn("codeartifact", "package/team/pypi/pypi//six"), "codeartifact:PublishPackageVersion"),
        *calls("*", _BEARER),
        Call(_BEARER, "*", {"sts:AWSServiceName": "ecr-public.amazonaws.com"}),
    ]


def _training(stack: Stack) -> ml.TrainingJob:
    return ml.TrainingJob(
        stack,
        "Step",
        image=ml.ContainerImage.from_registry(IMAGE),
        channels={"train": ml.S3Data.from_uri("s3://data/raw/")},
        environment={"CA_REPOSITORY_ARN": PACKAGES},
    )


def _processing(stack: Stack) -> ml.ProcessingJob:
    # CodeArtifact is not everywhere that the stacks are checked for, so the repository is made elsewhere.
    repository = Stack.of(stack).format_arn(
        service="codeartifact", resource="repository", resource_name="team/packages"
    )
    return ml.ProcessingJob(
        stack,
        "Step",
        image=ml.ContainerImage.from_registry(IMAGE),
        environment={"CA_REPOSITORY_ARN": repository},
    )


TRAINING, PROCESSING = Team("Installing"), Team("Fetching")
TRAINING_LOG, PROCESSING_LOG = "/aws/sagemaker/TrainingJobs", "/aws/sagemaker/ProcessingJobs"
_MAY = [
    *read(DATA, "raw/"),
    *write(ARTIFACTS, f"{TRAINING.owner}/Step/"),
    *pull(REPOSITORY),
    *log(TRAINING_LOG),
    metrics(TRAINING_LOG),
    *install(DOMAIN, PACKAGES),
]
FETCHED = arn("codeartifact", "repository/team/packages")
"""A repository of the stack's account and region."""
_PROCESSING = [
    *pull(REPOSITORY),
    *log(PROCESSING_LOG),
    metrics(PROCESSING_LOG),
    *install(DOMAIN, FETCHED),
]

CASES = {
    "training with packages": Case(
        TRAINING,
        _training,
        [
            run_job(TRAINING, "Training", "training-job", "StepFunctionsGetEventsForSageMakerTrainingJobsRule"),
            Access(
                "ConstructsMlJobRole",
                may=_MAY,
                may_not=[
                    *elsewhere(_MAY),
                    *job_misses(TRAINING, TRAINING_LOG),
                    *OTHER_NETWORK,
                    *install_misses(PACKAGES),
                ],
            ),
        ],
    ),
    "processing with packages": Case(
        PROCESSING,
        _processing,
        [
            run_job(PROCESSING, "Processing", "processing-job", "StepFunctionsGetEventsForSageMakerProcessingJobsRule"),
            Access(
                "ConstructsMlJobRole",
                may=_PROCESSING,
                may_not=[
                    *elsewhere(_PROCESSING),
                    *job_misses(PROCESSING, PROCESSING_LOG),
                    *OTHER_NETWORK,
                    *install_misses(FETCHED),
                ],
            ),
        ],
    ),
}
