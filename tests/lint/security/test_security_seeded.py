"""Mistakes of users, made with real constructs, are found by the rule that is there for them, and by no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Fn
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from support.ground import DATA, Ground

import constructs_ml as ml
from constructs_ml.lint import Severity
from constructs_ml.lint.security.pack import check_security, security_rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

ERROR, WARNING = Severity.ERROR, Severity.WARNING
KEYS = ("volume_key", "output_key")
OURS = "111122223333.dkr.ecr.us-east-1.amazonaws.com/churn"


def image(uri: str) -> ml.ContainerImage:
    """An image by a token, which only the template shows: our constructs refuse one that they see is elsewhere."""
    return ml.ContainerImage.from_registry(Fn.join("", [uri[:3], uri[3:]]))


def elsewhere(ground: Ground, uri: str) -> ml.ContainerImage:
    """Such an image, with a repository for what the role is allowed: it cannot be read out of a token."""
    repository = ecr.Repository.from_repository_name(ground.stack, "Images", "images")
    return ml.ContainerImage.from_registry(Fn.join("", [uri[:3], uri[3:]]), repository=repository)


def accepted(job: ml.TrainingJob | ml.ProcessingJob) -> ml.TrainingJob | ml.ProcessingJob:
    """A job whose image is let through by the rule that SageMaker could not pull it, for this pack to find it too."""
    ml.acknowledge(job, "CML237", "the pack is asked")
    return job


def vpc(ground: Ground) -> ec2.IVpc:
    return ec2.Vpc.from_vpc_attributes(
        ground.stack, "Vpc", vpc_id="vpc-1", availability_zones=["us-east-1a"], private_subnet_ids=["subnet-1"]
    )


def stock_training(ground: Ground) -> object:
    """A training job of aws-cdk-lib's own, which has no prop for isolation and none is given for the rest."""
    return ground.workflow(
        tasks.SageMakerCreateTrainingJob(
            ground.stack,
            "Stock",
            training_job_name="stock",
            algorithm_specification=tasks.AlgorithmSpecification(algorithm_name="churn"),
            input_data_config=[
                tasks.Channel(
                    channel_name="train",
                    data_source=tasks.DataSource(
                        s3_data_source=tasks.S3DataSource(s3_location=tasks.S3Location.from_json_expression("$.uri"))
                    ),
                )
            ],
            output_data_config=tasks.OutputDataConfig(
                s3_output_location=tasks.S3Location.from_bucket(ground.bucket, "models"), encryption_key=ground.key
            ),
            vpc_config=tasks.VpcConfig(vpc=vpc(ground)),
        )
    )


def role(ground: Ground, *policies: iam.IManagedPolicy, service: str = "sagemaker", **statement: Any) -> iam.Role:
    principal: Any = iam.ServicePrincipal(f"{service}.amazonaws.com")
    made = iam.Role(ground.stack, "Ours", assumed_by=principal, managed_policies=[*policies])
    if statement:
        made.add_to_policy(iam.PolicyStatement(**statement))
    return made


def checkpoints(ground: Ground, bucket: s3.IBucket) -> object:
    return ground.workflow(ground.training(checkpoint=ml.S3Data.from_bucket(bucket, "checkpoints/")))


def log_group(ground: Ground, **props: Any) -> Any:
    return logs.LogGroup(ground.stack, "Log", **props)


def rule_without_queue(ground: Ground) -> object:
    pattern = events.EventPattern(source=["aws.sagemaker"])
    topic: Any = targets.SnsTopic(sns.Topic(ground.stack, "Topic"))
    return events.Rule(ground.stack, "Failures", event_pattern=pattern, targets=[topic])


def schedule(ground: Ground) -> object:
    workflow = ground.workflow(ground.training())
    return scheduler.CfnSchedule(
        ground.stack,
        "Nightly",
        flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
        schedule_expression="rate(1 day)",
        target=scheduler.CfnSchedule.TargetProperty(
            arn=workflow.state_machine_arn, role_arn="arn:aws:iam::111122223333:role/scheduler"
        ),
    )


def plain_machine(ground: Ground, **props: Any) -> object:
    definition = '{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}'
    return sfn.CfnStateMachine(
        ground.stack, "Plain", role_arn="arn:aws:iam::111122223333:role/r", definition_string=definition, **props
    )


def variant(**props: Any) -> ml.hosting.Variant:
    return ml.hosting.Variant(**{"model": "census", "instance_count": 2, **props})


def captured(ground: Ground) -> object:
    capture = ml.hosting.DataCapture(destination=ml.S3Data.from_bucket(ground.bucket, "captured/"))
    return ground.workflow(ground.endpoint(data_capture=capture))


def athena(ground: Ground) -> object:
    dataset = ml.processing.AthenaDataset(
        database="sales", query="SELECT 1", output=ml.S3Data.from_bucket(ground.bucket, "q/"), reads=[DATA]
    )
    return ground.workflow(ground.processing(inputs={"orders": ml.ProcessingInput(source=dataset)}))


def monitoring(ground: Ground, **network: Any) -> object:
    """A definition of data quality jobs, which CloudFormation makes."""
    of = sagemaker.CfnDataQualityJobDefinition
    cluster = of.ClusterConfigProperty(
        instance_count=2, instance_type="ml.m5.xlarge", volume_size_in_gb=30, volume_kms_key_id=ground.key.key_arn
    )
    stored = of.S3OutputProperty(local_path="/opt/ml/processing/output", s3_uri="s3://census/monitored/")
    return of(
        ground.stack,
        "Monitoring",
        data_quality_app_specification=of.DataQualityAppSpecificationProperty(image_uri=f"{OURS}:1"),
        data_quality_job_input=of.DataQualityJobInputProperty(
            endpoint_input=of.EndpointInputProperty(endpoint_name="census", local_path="/opt/ml/processing/input")
        ),
        data_quality_job_output_config=of.MonitoringOutputConfigProperty(
            kms_key_id=ground.key.key_arn, monitoring_outputs=[of.MonitoringOutputProperty(s3_output=stored)]
        ),
        job_resources=of.MonitoringResourcesProperty(cluster_config=cluster),
        network_config=of.NetworkConfigProperty(**network),
        role_arn="arn:aws:iam::111122223333:role/monitor",
    )


MISTAKES: list[tuple[str, str, Severity, tuple[str, ...], Any]] = [
    ("processing without a volume key", "CMS001", ERROR, KEYS[:1], lambda g: g.workflow(g.processing())),
    ("training without a volume key", "CMS001", ERROR, KEYS[:1], lambda g: g.workflow(g.training())),
    ("tuning without a volume key", "CMS001", ERROR, KEYS[:1], lambda g: g.workflow(g.tuning())),
    ("transform without a volume key", "CMS001", ERROR, KEYS[:1], lambda g: g.workflow(g.transform())),
    ("a stock training job", "CMS001", ERROR, (), stock_training),
    (
        "a group of instances without a volume key",
        "CMS001",
        ERROR,
        KEYS[:1],
        lambda g: g.workflow(
            g.training(
                instance_groups=[ml.training.InstanceGroup(name="a", instance_type="ml.c5.xlarge", instance_count=1)]
            )
        ),
    ),
    ("an endpoint without a volume key", "CMS002", ERROR, KEYS[:1], lambda g: g.workflow(g.endpoint())),
    ("processing without an output key", "CMS003", ERROR, KEYS[1:], lambda g: g.workflow(g.processing())),
    ("training without an output key", "CMS003", ERROR, KEYS[1:], lambda g: g.workflow(g.training())),
    ("tuning without an output key", "CMS003", ERROR, KEYS[1:], lambda g: g.workflow(g.tuning())),
    ("transform without an output key", "CMS003", ERROR, KEYS[1:], lambda g: g.workflow(g.transform())),
    ("labeling without an output key", "CMS003", ERROR, KEYS[1:], lambda g: g.workflow(g.labeling())),
    ("captured requests without a key", "CMS003", ERROR, (), captured),
    ("results of a query without a key", "CMS003", ERROR, (), athena),
    ("processing on the internet", "CMS011", ERROR, ("network_isolation",), lambda g: g.workflow(g.processing())),
    ("training on the internet", "CMS011", ERROR, ("network_isolation",), lambda g: g.workflow(g.training())),
    ("tuning on the internet", "CMS011", ERROR, ("network_isolation",), lambda g: g.workflow(g.tuning())),
    ("a model on the internet", "CMS011", ERROR, ("network_isolation",), lambda g: g.workflow(g.model())),
    ("AutoML on the internet", "CMS011", ERROR, (), lambda g: g.workflow(g.automl())),
    (
        "a model in a VPC with a network",
        "CMS012",
        WARNING,
        ("network_isolation",),
        lambda g: g.workflow(g.model(vpc=vpc(g))),
    ),
    (
        "monitoring that is not isolated",
        "CMS012",
        WARNING,
        (),
        lambda g: monitoring(
            g,
            enable_inter_container_traffic_encryption=True,
            vpc_config=sagemaker.CfnDataQualityJobDefinition.VpcConfigProperty(
                security_group_ids=["sg-1"], subnets=["subnet-1"]
            ),
        ),
    ),
    (
        "processing on two instances in the clear",
        "CMS013",
        ERROR,
        ("encrypt_inter_container_traffic",),
        lambda g: g.workflow(g.processing(instance_count=2)),
    ),
    (
        "training on two instances in the clear",
        "CMS013",
        ERROR,
        ("encrypt_inter_container_traffic",),
        lambda g: g.workflow(g.training(instance_count=2)),
    ),
    (
        "training on two groups in the clear",
        "CMS013",
        ERROR,
        ("encrypt_inter_container_traffic",),
        lambda g: g.workflow(
            g.training(
                instance_groups=[
                    ml.training.InstanceGroup(name=name, instance_type="ml.c5.xlarge", instance_count=1)
                    for name in "ab"
                ]
            )
        ),
    ),
    (
        "trials on two instances in the clear",
        "CMS013",
        ERROR,
        ("encrypt_inter_container_traffic",),
        lambda g: g.workflow(g.tuning(instance_count=2)),
    ),
    (
        "monitoring on two instances in the clear",
        "CMS013",
        ERROR,
        (),
        lambda g: monitoring(g, enable_network_isolation=True),
    ),
    (
        "AutoML in the clear",
        "CMS013",
        WARNING,
        ("encrypt_inter_container_traffic",),
        lambda g: g.workflow(g.automl(vpc=vpc(g))),
    ),
    (
        "Docker Hub",
        "CMS021",
        ERROR,
        (),
        lambda g: g.workflow(accepted(g.training(image=elsewhere(g, "pytorch/pytorch:2.4.1")))),
    ),
    (
        "public ECR",
        "CMS021",
        ERROR,
        (),
        lambda g: g.workflow(accepted(g.training(image=elsewhere(g, "public.ecr.aws/a/b:1")))),
    ),
    (
        "GitHub's registry",
        "CMS021",
        ERROR,
        (),
        lambda g: g.workflow(accepted(g.processing(image=elsewhere(g, "ghcr.io/a/b:1")))),
    ),
    ("Quay", "CMS021", ERROR, (), lambda g: g.workflow(accepted(g.processing(image=elsewhere(g, "quay.io/a/b:1"))))),
    ("an image without a tag", "CMS022", WARNING, (), lambda g: g.workflow(g.training(image=image(OURS)))),
    (
        "a repository's latest image",
        "CMS022",
        WARNING,
        (),
        lambda g: g.workflow(
            g.training(image=ml.ContainerImage.from_ecr_repository(ecr.Repository(g.stack, "Images")))
        ),
    ),
    (
        "a variant on one instance",
        "CMS031",
        ERROR,
        (),
        lambda g: g.workflow(g.endpoint(variant(instance_count=1))),
    ),
    (
        "a log of errors only",
        "CMS041",
        ERROR,
        (),
        lambda g: g.workflow(g.training(), log_level=sfn.LogLevel.ERROR),
    ),
    ("no tracing", "CMS042", ERROR, (), lambda g: g.workflow(g.training(), tracing_enabled=False)),
    (
        "no key of the state machine",
        "CMS043",
        WARNING,
        (),
        lambda g: g.workflow(
            g.training(),
            encryption_key=None,
            log_group=log_group(g, encryption_key=g.key, retention=logs.RetentionDays.ONE_YEAR),
        ),
    ),
    (
        "a log without a key",
        "CMS044",
        WARNING,
        (),
        lambda g: g.workflow(g.training(), log_group=log_group(g, retention=logs.RetentionDays.ONE_YEAR)),
    ),
    (
        "a log of data without a key",
        "CMS044",
        ERROR,
        (),
        lambda g: g.workflow(
            g.training(),
            log_execution_data=True,
            log_group=log_group(g, retention=logs.RetentionDays.ONE_YEAR),
        ),
    ),
    (
        "a log that is kept for ever",
        "CMS045",
        ERROR,
        (),
        lambda g: g.workflow(
            g.training(), log_group=log_group(g, encryption_key=g.key, retention=logs.RetentionDays.INFINITE)
        ),
    ),
    ("a rule without a dead-letter queue", "CMS051", ERROR, (), rule_without_queue),
    ("a schedule without a dead-letter queue", "CMS051", ERROR, (), schedule),
    (
        "a bucket that says nothing of public access",
        "CMS061",
        WARNING,
        ("bucket",),
        lambda g: checkpoints(g, g.bucket_with("Open", block_public_access=None)),
    ),
    (
        "a bucket that may be made public by a policy",
        "CMS061",
        ERROR,
        ("bucket",),
        lambda g: checkpoints(
            g, g.bucket_with("Open", block_public_access=s3.BlockPublicAccess(block_public_policy=False))
        ),
    ),
    (
        "a bucket that answers plain HTTP",
        "CMS062",
        ERROR,
        ("bucket",),
        lambda g: checkpoints(g, g.bucket_with("Plain", enforce_ssl=False)),
    ),
    (
        "checkpoints without a key",
        "CMS063",
        ERROR,
        ("bucket",),
        lambda g: g.workflow(g.training(spot=True, checkpoint_path="/opt/ml/checkpoints")),
    ),
    (
        "a role that may do all of SageMaker",
        "CMS071",
        ERROR,
        (),
        lambda g: role(g, actions=["sagemaker:*"], resources=["*"]),
    ),
    (
        "a workflow's role that may do all of IAM",
        "CMS071",
        ERROR,
        (),
        lambda g: role(g, service="states", actions=["iam:*"], resources=["*"]),
    ),
    (
        "a role of an administrator",
        "CMS072",
        ERROR,
        (),
        lambda g: role(g, iam.ManagedPolicy.from_aws_managed_policy_name("AdministratorAccess")),
    ),
    (
        "a role that may do all by AWS's policy",
        "CMS072",
        ERROR,
        (),
        lambda g: role(g, iam.ManagedPolicy.from_aws_managed_policy_name("AmazonSageMakerFullAccess")),
    ),
    (
        "a role that may pass any role to any service",
        "CMS073",
        ERROR,
        (),
        lambda g: role(g, service="states", actions=["iam:PassRole"], resources=["*"]),
    ),
    (
        "a role that may pass one role to any service",
        "CMS073",
        WARNING,
        (),
        lambda g: role(g, actions=["iam:PassRole"], resources=["arn:aws:iam::111122223333:role/one"]),
    ),
    (
        "code among that of every stack",
        "CMS074",
        WARNING,
        (),
        # Isolated training jobs have their code elsewhere.
        lambda g: g.workflow(g.processing(code=ml.Code.from_asset(__file__))),
    ),
    ("remote debugging", "CMS081", ERROR, (), lambda g: g.workflow(g.training(remote_debug=True))),
    (
        "an endpoint that can be logged into",
        "CMS081",
        ERROR,
        (),
        lambda g: g.workflow(g.endpoint(variant(ssm_access=True))),
    ),
    (
        "labeling by the public",
        "CMS082",
        ERROR,
        (),
        lambda g: g.workflow(g.labeling("public-crowd/default")),
    ),
]


@pytest.mark.parametrize(
    ("rule", "severity", "without", "make"),
    [mistake[1:] for mistake in MISTAKES],
    ids=[mistake[0] for mistake in MISTAKES],
)
def test_a_mistake_is_found(
    stack: Stack, rule: str, severity: Severity, without: tuple[str, ...], make: Callable[[Ground], object]
) -> None:
    """By its rule, with its severity, and nothing else is found."""
    ground = Ground(stack, without)
    make(ground)
    found = check_security(ground.template())
    assert {(violation.rule, violation.severity) for violation in found} == {(rule, severity)}, list(map(str, found))


def test_every_rule_is_seeded() -> None:
    """Each rule of the pack finds a mistake here."""
    assert {mistake[1] for mistake in MISTAKES} == {rule.id for rule in security_rules()}


def test_a_secure_stack_has_no_finding(stack: Stack) -> None:
    """Every kind of step passes with the defaults that the pack asks for, several instances too."""
    ground = Ground(stack)
    prepare = ground.processing(instance_count=2)
    train = ground.training(instance_count=2, checkpoint=ml.S3Data.from_bucket(ground.bucket, "checkpoints/"))
    workflow = ground.workflow(
        prepare,
        train,
        ground.tuning(instance_count=2),
        ground.transform(),
        ground.automl(vpc=vpc(ground)),
        ground.labeling(),
        ground.model(),
        ground.endpoint(),
        log_execution_data=True,
    )
    queue = sqs.Queue(stack, "Alerts")
    ml.JobStateChangeRule(stack, "Changes", jobs=[prepare, train], targets=[queue, workflow])
    assert [str(found) for found in check_security(ground.template())] == []
