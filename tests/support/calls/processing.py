"""Processing jobs: on data with a key, in a VPC; on the library's own bucket; and on queries.

Sources: "CreateProcessingJob API: Execution Role Permissions" of the SageMaker developer guide, which wants the permissions for
a VPC without resources or conditions, as "the validation checks that occur during the creation of the processing job fail"
otherwise; "Actions, resources, and condition keys" of Athena, Glue and Redshift.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_iam as iam

import constructs_ml as ml
from support.calls.declare import declared_bucket, volume_key, vpc
from support.calls.misses import IN_ANY_NETWORK, OTHER_NETWORK, data_misses, elsewhere, job_misses
from support.calls.needs import grant, log, metrics, network, pull, read, write
from support.calls.place import ARTIFACTS, DATA, IMAGE, KEY, REPOSITORY, VOLUME_KEY, Access, Case, Team, arn, calls
from support.calls.running import run_job
from support.iam import Call
from support.templates import ACCOUNT

if TYPE_CHECKING:
    from aws_cdk import Stack

LOG, RULE = "/aws/sagemaker/ProcessingJobs", "StepFunctionsGetEventsForSageMakerProcessingJobsRule"
SKLEARN = "arn:aws:ecr:us-east-1:683313688378:repository/sagemaker-scikit-learn"


def _in_vpc(stack: Stack) -> ml.ProcessingJob:
    bucket = declared_bucket(stack)
    return ml.ProcessingJob(
        stack,
        "Step",
        image=ml.ContainerImage.from_registry(IMAGE),
        inputs={"raw": ml.S3Data.from_bucket(bucket, "raw/"), "one": ml.S3Data.from_object(bucket, "lists/one.json")},
        outputs={"clean": ml.S3Data.from_bucket(bucket, "clean/")},
        output_key=bucket.encryption_key,
        volume_key=volume_key(stack),
        **vpc(stack),
    )


IN_VPC = Team("Cleaning")
_MAY = [
    *read(DATA, "raw/", KEY),
    Call("s3:GetObject", f"{DATA}/lists/one.json"),
    Call("s3:ListBucket", DATA, {"s3:prefix": "lists/one.json"}),
    *write(DATA, "clean/", KEY),
    grant(VOLUME_KEY),
    *pull(REPOSITORY),
    *log(LOG),
    metrics(LOG),
]


def _by_default(stack: Stack) -> ml.ProcessingJob:
    first = ml.ProcessingJob(stack, "Step", image=ml.ContainerImage.sklearn("1.2-1"), outputs=["out"])
    after = ml.ProcessingJob(
        stack, "Next", image=ml.ContainerImage.sklearn("1.2-1"), inputs={"out": first.output("out")}
    )
    first.next(after)
    return first


BY_DEFAULT = Team("Handing")
_HANDED = f"{BY_DEFAULT.owner}/Step/out/"
_RENAMED = f"{BY_DEFAULT.owner}/Before/train/"
"""What a job of the version before wrote and read, of which executions are under way."""
_DEFAULT = [
    *(call for prefix in (_HANDED, _RENAMED) for call in (*read(ARTIFACTS, prefix), *write(ARTIFACTS, prefix))),
    *pull(SKLEARN),
    *log(LOG),
    metrics(LOG),
]


def _of_queries(stack: Stack) -> ml.ProcessingJob:
    bucket = declared_bucket(stack)
    results = ml.S3Data.from_bucket(bucket, "results/")
    unloading = iam.Role.from_role_arn(stack, "Unloading", arn("iam", "role/unloading", region=""), mutable=False)
    athena = ml.processing.AthenaDataset(
        database="sales",
        query="SELECT 1",
        output=results,
        work_group="team",
        tables=["orders"],
        reads=[ml.S3Data.from_bucket(bucket, "orders/")],
    )
    redshift = ml.processing.RedshiftDataset(
        cluster_id="warehouse",
        database="sales",
        db_user="reader",
        query="SELECT 2",
        cluster_role=unloading,
        output=results,
    )
    return ml.ProcessingJob(
        stack,
        "Step",
        image=ml.ContainerImage.from_registry(IMAGE),
        inputs={"a": ml.ProcessingInput(source=athena), "r": ml.ProcessingInput(source=redshift)},
    )


OF_QUERIES = Team("Querying")
_ATHENA = ("athena:GetQueryExecution", "athena:StartQueryExecution", "athena:StopQueryExecution")
_GLUE = ("glue:GetDatabase", "glue:GetPartitions", "glue:GetTable")
_QUERIES = [
    *read(DATA, "orders/", KEY),
    *read(DATA, "results/", KEY),
    *write(DATA, "results/", KEY),
    *calls(DATA, "s3:GetBucketLocation", "s3:ListBucketMultipartUploads"),
    *calls(f"{DATA}/results/part", "s3:ListMultipartUploadParts"),
    *calls(arn("athena", "workgroup/team"), *_ATHENA),
    *calls(arn("glue", "catalog"), *_GLUE),
    *calls(arn("glue", "database/sales"), *_GLUE),
    *calls(arn("glue", "table/sales/orders"), "glue:GetPartitions", "glue:GetTable"),
    *calls(arn("redshift", "dbuser:warehouse/reader"), "redshift:GetClusterCredentials"),
    *calls(arn("redshift", "dbname:warehouse/sales"), "redshift:GetClusterCredentials"),
    *calls(arn("redshift", "cluster:warehouse"), "redshift-data:ExecuteStatement"),
    *calls("*", "redshift-data:DescribeStatement"),
    *pull(REPOSITORY),
    *log(LOG),
    metrics(LOG),
]

CASES = {
    "processing": Case(
        IN_VPC,
        _in_vpc,
        [
            run_job(IN_VPC, "Processing", "processing-job", RULE),
            Access(
                "ConstructsMlJobRole",
                may=[*_MAY, *network()],
                may_not=[
                    *elsewhere(_MAY),
                    *data_misses("raw/", "clean/"),
                    *job_misses(IN_VPC, LOG),
                    *IN_ANY_NETWORK,
                    *calls(f"{DATA}/lists/one.json.bak", "s3:GetObject"),
                    *calls(f"{ARTIFACTS}/{IN_VPC.owner}/Step/1.csv", "s3:GetObject", "s3:PutObject"),
                ],
            ),
        ],
    ),
    "processing by default": Case(
        BY_DEFAULT,
        _by_default,
        [
            run_job(BY_DEFAULT, "Processing", "processing-job", RULE),
            Access(
                "ConstructsMlJobRole",
                may=_DEFAULT,
                may_not=[
                    *elsewhere(_DEFAULT),
                    *job_misses(BY_DEFAULT, LOG),
                    *OTHER_NETWORK,
                    *network(),
                    *data_misses("raw/", "clean/"),
                    *calls(f"{ARTIFACTS}/{BY_DEFAULT.owner}-2/Step/out/1.csv", "s3:GetObject", "s3:PutObject"),
                    *calls(f"{ARTIFACTS}/x/{BY_DEFAULT.owner}/Step/out/1.csv", "s3:GetObject", "s3:PutObject"),
                    *calls(f"{ARTIFACTS}/1.csv", "s3:GetObject", "s3:PutObject"),
                    *calls(f"{ARTIFACTS}/Marketing-9zZ9/Step/out/1.csv", "s3:GetObject", "s3:PutObject"),
                    Call("s3:ListBucket", ARTIFACTS, {"s3:prefix": "Marketing-9zZ9/"}),
                    *calls(SKLEARN.replace("scikit-learn", "xgboost"), "ecr:BatchGetImage"),
                ],
            ),
        ],
    ),
    "processing of queries": Case(
        OF_QUERIES,
        _of_queries,
        [
            run_job(OF_QUERIES, "Processing", "processing-job", RULE),
            Access(
                "ConstructsMlJobRole",
                may=_QUERIES,
                may_not=[
                    *elsewhere(_QUERIES),
                    *job_misses(OF_QUERIES, LOG),
                    *calls(arn("athena", "workgroup/primary"), *_ATHENA),
                    *calls(arn("athena", "workgroup/team"), "athena:DeleteWorkGroup", "athena:UpdateWorkGroup"),
                    *calls(arn("glue", "database/salaries"), *_GLUE),
                    *calls(arn("glue", "table/sales/salaries"), *_GLUE),
                    *calls(arn("glue", "table/sales/orders"), "glue:UpdateTable", "glue:DeleteTable"),
                    *calls(arn("redshift", "dbuser:warehouse/admin"), "redshift:GetClusterCredentials"),
                    *calls(arn("redshift", "dbname:warehouse/hr"), "redshift:GetClusterCredentials"),
                    *calls(arn("redshift", "cluster:other"), "redshift-data:ExecuteStatement"),
                    *calls(arn("redshift", "cluster:warehouse"), "redshift:DeleteCluster"),
                    *calls(f"{DATA}/orders/1.csv", "s3:PutObject"),
                    *calls(f"arn:aws:s3:::aws-athena-query-results-{ACCOUNT}/1.csv", "s3:PutObject"),
                ],
            ),
        ],
    ),
}
