"""A stack whose defaults leave the security pack nothing to find; tests spoil one thing in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Stack, Stage
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Collection

IMAGE = ml.ContainerImage.sklearn("1.2-1")
DATA = ml.S3Data.from_uri("s3://census/raw/")
MODEL = ml.S3Data.from_uri("s3://census/model.tar.gz")


@dataclass
class Ground:
    """A stack with all of :class:`~constructs_ml.JobDefaults` that the pack asks for.

    Attributes:
        stack: The stack.
        without: The defaults that are left out.
    """

    stack: Stack
    without: Collection[str] = ()

    def __post_init__(self) -> None:
        """Applies the defaults."""
        defaults: dict[str, Any] = {
            "bucket": self.bucket,
            "encrypt_inter_container_traffic": True,
            "network_isolation": True,
            "output_key": self.key,
            "volume_key": self.key,
        }
        ml.JobDefaults(**{name: value for name, value in defaults.items() if name not in self.without}).apply_to(
            self.stack
        )

    @cached_property
    def key(self) -> kms.IKey:
        """The key of everything."""
        return cast("kms.IKey", kms.Key(self.stack, "Key"))

    @cached_property
    def bucket(self) -> s3.IBucket:
        """Where the jobs write to."""
        return cast("s3.IBucket", self.bucket_with())

    def bucket_with(self, construct_id: str = "Results", **props: Any) -> s3.Bucket:
        """A bucket with these props instead of those that the pack asks for."""
        safe = {
            "block_public_access": s3.BlockPublicAccess.BLOCK_ALL,
            "encryption": s3.BucketEncryption.KMS,
            "encryption_key": self.key,
            "enforce_ssl": True,
        }
        return s3.Bucket(self.stack, construct_id, **{**safe, **props})

    def processing(self, **props: Any) -> ml.ProcessingJob:
        """A processing job."""
        given: dict[str, Any] = {"image": IMAGE, "outputs": ["train"], **props}
        return ml.ProcessingJob(self.stack, "Prepare", **given)

    def training(self, **props: Any) -> ml.TrainingJob:
        """A training job."""
        return ml.TrainingJob(self.stack, "Train", **{"image": IMAGE, **props})

    def tuning(self, **props: Any) -> ml.TuningJob:
        """A tuning job, whose training jobs have these props."""
        training = ml.tuning.TrainingDefinition(
            image=IMAGE, channels={"train": DATA}, metric_definitions={"loss": "l=(.*)"}, **props
        )
        objective, ranges = ml.tuning.Objective.minimize("loss"), {"depth": ml.tuning.IntegerRange(1, 9)}
        return ml.TuningJob(self.stack, "Tune", training=training, objective=objective, ranges=ranges, max_jobs=4)

    def transform(self, **props: Any) -> ml.TransformJob:
        """A transform job."""
        return ml.TransformJob(self.stack, "Score", model="census", data=DATA, **props)

    def automl(self, **props: Any) -> ml.AutoMLJob:
        """An AutoML job."""
        problem = ml.automl.AutoMLProblem.tabular(target="income")
        return ml.AutoMLJob(self.stack, "Search", problem=problem, training=DATA, **props)

    def labeling(self, team: str = "private-crowd/annotators", **props: Any) -> ml.LabelingJob:
        """A labeling job that is given to a team."""
        task = ml.labeling.LabelingTask(
            title="Name it",
            description="Say what it is",
            workteam_arn=f"arn:aws:sagemaker:us-east-1:394669845002:workteam/{team}",
            template=ml.S3Data.from_uri("s3://census/task.html"),
        )
        manifest = ml.S3Data.from_uri("s3://census/manifest.jsonl")
        return ml.LabelingJob(self.stack, "Label", task=task, label_attribute_name="kind", manifest=manifest, **props)

    def model(self, **props: Any) -> ml.CreateModel:
        """A model."""
        return ml.CreateModel(self.stack, "Model", image=IMAGE, data=MODEL, **props)

    def endpoint(self, variant: ml.hosting.Variant | None = None, **props: Any) -> ml.CreateEndpointConfig:
        """An endpoint configuration."""
        variant = variant or ml.hosting.Variant(model="census", instance_count=2)
        return ml.CreateEndpointConfig(self.stack, "Configure", variants=[variant], **props)

    def workflow(self, *steps: sfn.IChainable, **props: Any) -> ml.Workflow:
        """A workflow of these steps."""
        chain: Any = sfn.Chain.start(steps[0]) if steps else sfn.Pass(self.stack, "Nothing")
        for step in steps[1:]:
            chain = chain.next(step)
        return ml.Workflow(self.stack, "Workflow", definition=chain, **{"encryption_key": self.key, **props})

    def template(self) -> dict[str, Any]:
        """The stack's template."""
        stage = Stage.of(self.stack)
        assert stage is not None
        folder = stage.synth(force=True).directory
        template: dict[str, Any] = json.loads(Path(folder, self.stack.template_file).read_text(encoding="utf-8"))
        return template
