"""Props that set every member of the requests of jobs between them; what excludes each other is in different jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import Duration, Size

import constructs_ml as ml
from support.full_training import training_jobs, tuning_jobs
from support.full_world import FUNCTION, REGISTRY, SAGEMAKER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.full_world import World


def transform_jobs(world: World) -> list[dict[str, Any]]:
    """Props of transform jobs."""
    return [
        {
            "job_name": "my-job",
            "model": "my-model",
            "data": world.data("in/"),
            "content_type": "text/csv",
            "compression": ml.data.Compression.GZIP,
            "split_type": ml.transform.SplitType.LINE,
            "output": world.data("out/"),
            "accept": "application/json",
            "assemble_with": ml.transform.AssembleWith.LINE,
            "batch_strategy": ml.transform.BatchStrategy.MULTI_RECORD,
            "max_concurrent_transforms": 4,
            "max_payload": Size.mebibytes(6),
            "input_filter": "$[1:]",
            "output_filter": "$[0,-1]",
            "join_source": ml.transform.JoinSource.INPUT,
            "model_role": world.role,
            "instance_type": "ml.m5.4xlarge",
            "instance_count": 2,
            "volume_key": world.key,
            "output_key": world.key,
            "environment": {"STAGE": "prod"},
            "experiment": world.experiment,
            "data_capture": ml.transform.BatchDataCapture(
                destination=world.data("capture/"), key=world.key, generate_inference_id=True
            ),
            "invocation_timeout": Duration.minutes(2),
            "invocation_retries": 1,
            "ami_version": "al2-ami-sagemaker-batch-gpu-535",
            "tags": {"team": "ml"},
        }
    ]


def labeling_jobs(world: World) -> list[dict[str, Any]]:
    """Props of labeling jobs."""
    task = {
        "title": "Name it",
        "description": "Say what it is",
        "workteam_arn": f"{SAGEMAKER}:workteam/private-crowd/team",
        "pre_annotation": world.function,
        "consolidation": FUNCTION,
        "workers_per_object": 3,
        "time_limit": Duration.minutes(10),
        "availability": Duration.days(2),
        "max_concurrent_tasks": 500,
        "keywords": ["images"],
        "price": ml.labeling.TaskPrice(dollars=0, cents=3, tenths_of_a_cent=6),
    }
    return [
        {
            "job_name": "my-job",
            "label_attribute_name": "species",
            "manifest": ml.S3Data.from_object(world.bucket, "images.manifest"),
            "label_categories": ml.S3Data.from_object(world.bucket, "species.json"),
            "output": world.data("labels/"),
            "role": world.role,
            "output_key": world.key,
            "volume_key": world.key,
            **world.network(),
            "content_classifiers": ["FreeOfAdultContent"],
            "output_topic": world.topic,
            "max_human_labeled_objects": 1000,
            "max_percentage_labeled": 80,
            "automated": ml.labeling.AutomatedLabeling(
                algorithm_arn=f"{SAGEMAKER}:labeling-job-algorithm-specification/image-classification",
                initial_model_arn=f"{SAGEMAKER}:model/earlier",
            ),
            "tags": {"team": "ml"},
            "task": ml.labeling.LabelingTask(template=ml.S3Data.from_object(world.bucket, "task.html"), **task),
        },
        {
            "label_attribute_name": "species",
            "input_topic": world.topic,
            "task": ml.labeling.LabelingTask(human_task_ui_arn=f"{SAGEMAKER}:human-task-ui/PointCloud", **task),
        },
    ]


def processing_jobs(world: World) -> list[dict[str, Any]]:
    """Props of processing jobs."""
    image = ml.ContainerImage.from_registry(REGISTRY)
    return [
        {
            "image": image,
            "job_name": "my-job",
            "entrypoint": ["python3", "/opt/run.py"],
            "arguments": ["--mode", "full"],
            "role": world.role,
            "instance_type": "ml.m5.4xlarge",
            "instance_count": 3,
            "volume_size": Size.gibibytes(100),
            "volume_key": world.key,
            "output_key": world.key,
            "max_runtime": Duration.hours(2),
            "environment": {"STAGE": "prod"},
            **world.network(),
            "network_isolation": True,
            "encrypt_inter_container_traffic": True,
            "tags": {"team": "ml"},
            "experiment": world.experiment,
            "inputs": _inputs(world),
            "outputs": {
                "out": ml.ProcessingOutput(
                    destination=world.data("out/"),
                    local_path="/opt/ml/processing/out",
                    upload_mode=ml.data.UploadMode.CONTINUOUS,
                ),
                "features": ml.ProcessingOutput(feature_group="customers", app_managed=True),
            },
        },
        {"image": image, "instance_preferences": {"ml.m5.xlarge": 1, "ml.m5.2xlarge": 2}},
    ]


def _inputs(world: World) -> dict[str, ml.ProcessingInput]:
    return {
        "piped": ml.ProcessingInput(
            source=world.data("raw/"),
            local_path="/opt/ml/processing/raw",
            mode=ml.data.InputMode.PIPE,
            distribution=ml.data.Distribution.SHARDED_BY_S3_KEY,
            compression=ml.data.Compression.GZIP,
            app_managed=True,
        ),
        "athena": ml.ProcessingInput(
            source=ml.processing.AthenaDataset(
                catalog="AwsDataCatalog",
                database="sales",
                query="SELECT 1",
                output=world.data("query/"),
                output_format="JSON",
                output_compression="GZIP",
                work_group="team",
                key=world.key,
            )
        ),
        "redshift": ml.ProcessingInput(
            source=ml.processing.RedshiftDataset(
                cluster_id="cluster",
                database="sales",
                db_user="reader",
                query="SELECT 2",
                cluster_role=world.role,
                output=world.data("query/"),
                output_format="CSV",
                output_compression="GZIP",
                key=world.key,
            )
        ),
    }


def automl_jobs(world: World) -> list[dict[str, Any]]:
    """Props of AutoML jobs, one for each kind of problem."""
    data = world.data("train/")
    every = {
        "training": ml.automl.AutoMLChannel(source=data, content_type="text/csv;header=present", compression="Gzip"),
        "objective": "MSE",
        "output": world.data("out/"),
        "emr_serverless_role": world.role,
        "role": world.role,
        "volume_key": world.key,
        "output_key": world.key,
        **world.network(),
        "encrypt_inter_container_traffic": True,
        "tags": {"team": "ml"},
    }
    first = {"validation_fraction": 0.3, "auto_generate_endpoint_name": True}
    others = {"validation": data, "endpoint_name": "mine"}
    return [
        {**every, **(others if at else first), "job_name": f"job-{at}", "problem": problem}
        for at, problem in enumerate(_problems(data))
    ]


def _problems(data: ml.S3Data) -> Iterator[ml.automl.AutoMLProblem]:
    limits = ml.automl.AutoMLLimits(
        max_candidates=1, max_runtime=Duration.hours(2), max_runtime_per_training_job=Duration.minutes(30)
    )
    yield ml.automl.AutoMLProblem.tabular(
        "y",
        problem_type="Regression",
        mode="ENSEMBLING",
        algorithms=["xgboost"],
        features=data,
        sample_weight="w",
        only_candidate_definitions=False,
        limits=limits,
    )
    yield ml.automl.AutoMLProblem.image_classification(limits=limits)
    yield ml.automl.AutoMLProblem.text_classification(content="text", target="label", limits=limits)
    yield ml.automl.AutoMLProblem.time_series(
        target="sales",
        timestamp="day",
        item_identifier="shop",
        frequency="1D",
        horizon=7,
        quantiles=["p50"],
        grouping=["region"],
        filling={"price": {"backfill": "median"}},
        aggregation={"sales": "sum"},
        holidays="US",
        algorithms=["prophet"],
        features=data,
        limits=limits,
    )
    yield ml.automl.AutoMLProblem.text_generation(
        base_model="Falcon7B", hyperparameters={"epochCount": 3}, accept_eula=True, limits=limits
    )


def pipeline_executions(_: World) -> list[dict[str, Any]]:
    """Props of executions of pipelines."""
    return [
        {
            "pipeline": "churn",
            "parameters": {"Epochs": 10, "Fast": True},
            "display_name": "nightly",
            "description": "every night",
            "max_parallel_steps": 4,
            "selected_steps": ["Train"],
            "source_execution": f"{SAGEMAKER}:pipeline/churn/execution/abcdefghijkl",
            "pipeline_version": 2,
            "mlflow_experiment": "churn",
            "client_request_token": "t" * 32,
        }
    ]


FULL: dict[str, tuple[Any, Any]] = {
    "CreateTrainingJob": (ml.TrainingJob, training_jobs),
    "CreateTransformJob": (ml.TransformJob, transform_jobs),
    "CreateHyperParameterTuningJob": (ml.TuningJob, tuning_jobs),
    "CreateLabelingJob": (ml.LabelingJob, labeling_jobs),
    "CreateProcessingJob": (ml.ProcessingJob, processing_jobs),
    "CreateAutoMLJobV2": (ml.AutoMLJob, automl_jobs),
    "StartPipelineExecution": (ml.PipelineExecution, pipeline_executions),
}
"""The construct of each API, and the props that set all of its members."""
