"""Props that set every member of the requests of training and tuning jobs between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import Duration, Size

import constructs_ml as ml
from support.full_world import FUNCTION, HUB, PLAN, REGISTRY, RULES, SAGEMAKER

if TYPE_CHECKING:
    from support.full_world import World


def grouped_channels(world: World) -> dict[str, Any]:
    """For a job with a group ``workers``."""
    return {"grouped": ml.TrainingChannel(source=world.data("in/"), instance_groups=["workers"])}


def channels(world: World) -> dict[str, Any]:
    return {
        "piped": ml.TrainingChannel(
            source=ml.S3Data.from_manifest(world.bucket, "m.jsonl", lists=[world.data("in/")], augmented=True),
            input_mode=ml.data.InputMode.PIPE,
            content_type="application/x-recordio",
            compression=ml.data.Compression.GZIP,
            distribution=ml.data.Distribution.SHARDED_BY_S3_KEY,
            record_wrapper="RecordIO",
            shuffle_seed=7,
            attribute_names=["image-ref"],
        ),
        "model": ml.TrainingChannel(
            source=world.data("model/"), accept_eula=True, hub_content_arn=f"{HUB}/ModelReference/llm/1.0.0"
        ),
        "files": ml.training.FileSystem.efs("fs-0123456789", "/train", writable=True),
        "fast": ml.TrainingChannel(source=ml.training.FileSystem.lustre("fs-abcdef0123", "/mount/train")),
        "hub": ml.training.HubDataset(dataset_arn=f"{HUB}/DataSet/pictures/1.0.0"),
    }


def rule(name: str, world: World) -> ml.training.DebuggerRule:
    return ml.training.DebuggerRule(
        name=name,
        image=ml.ContainerImage.from_registry(RULES),
        parameters={"rule_to_invoke": name},
        output=world.data(f"rules/{name}/"),
        local_path=f"/opt/ml/processing/{name}",
        instance_type="ml.t3.medium",
        volume_size=Size.gibibytes(10),
    )


def training_jobs(world: World) -> list[dict[str, Any]]:
    """Props of training jobs."""
    return [
        {
            "image": ml.ContainerImage.from_registry(REGISTRY),
            "job_name": "my-job",
            "role": world.role,
            "entrypoint": ["python3", "/opt/run.py"],
            "arguments": ["--mode", "full"],
            "input_mode": ml.data.InputMode.FAST_FILE,
            "channels": channels(world),
            "hyperparameters": {"max_depth": 6},
            "metric_definitions": {"loss": "loss=(.*)"},
            "time_series_metrics": True,
            "output": world.data("out/"),
            "output_compression": "NONE",
            "output_key": world.key,
            "spot": True,
            "max_wait": Duration.hours(3),
            "max_pending": Duration.hours(3),
            "checkpoint": world.data("checkpoints/"),
            "checkpoint_path": "/opt/ml/kept",
            "retry_attempts": 3,
            "instance_type": "ml.p3.2xlarge",
            "instance_count": 2,
            "training_plan": PLAN,
            "placement": ml.training.UltraServerPlacement(instances={"us-1": 4}, shared=True),
            "volume_size": Size.gibibytes(100),
            "volume_key": world.key,
            "max_runtime": Duration.hours(1),
            "environment": {"STAGE": "prod"},
            **world.network(),
            "network_isolation": True,
            "encrypt_inter_container_traffic": True,
            "tags": {"team": "ml"},
            "experiment": world.experiment,
            "private_registry": ml.training.PrivateRegistry(credentials=world.function),
            "debug_hook": ml.training.DebugHook(
                output=world.data("debug/"),
                local_path="/opt/ml/tensors",
                parameters={"save_interval": "10"},
                collections=[ml.training.TensorCollection(name="losses", parameters={"save_interval": "500"})],
            ),
            "debug_rules": [rule("LossNotDecreasing", world)],
            "tensorboard": ml.training.TensorBoard(output=world.data("board/"), local_path="/opt/ml/board"),
            "profiler": ml.training.Profiler(
                output=world.data("profile/"),
                interval=Duration.seconds(1),
                parameters={"DataLoaderProfilingConfig": "{}"},
                disabled=False,
            ),
            "profiler_rules": [rule("ProfilerReport", world)],
            "remote_debug": True,
            "infra_check": True,
            "session_tag_chaining": True,
            "mlflow": ml.training.MlflowTracking(
                resource_arn=f"{SAGEMAKER}:mlflow-tracking-server/runs", experiment_name="churn", run_name="first"
            ),
        },
        {
            "algorithm": "my-algorithm",
            "keep_alive": Duration.minutes(30),
            "instance_preferences": [
                ml.props.InstancePreference(instance_type="ml.m5.xlarge", instance_count=1, training_plan=PLAN),
                ml.props.InstancePreference(instance_type="ml.m5.2xlarge", instance_count=2),
            ],
        },
        {
            "algorithm": "my-algorithm",
            "channels": grouped_channels(world),
            "instance_groups": [
                ml.training.InstanceGroup(name="workers", instance_type="ml.c5.xlarge", instance_count=2),
                ml.training.InstanceGroup(name="trainers", instance_type="ml.p3.2xlarge"),
            ],
        },
        {
            "serverless": ml.training.ServerlessTraining(
                base_model_arn=f"{HUB}/Model/llm/1.0.0",
                job_type=ml.training.ServerlessJobType.EVALUATION,
                accept_eula=True,
                technique="RLVR",
                peft="LORA",
                evaluation_type="CustomScorerEvaluation",
                evaluator_arn=FUNCTION,
                sequence_length="16K",
            ),
            "model_package": ml.training.ModelPackageOutput(
                group_arn=f"{SAGEMAKER}:model-package-group/churn", source_arn=f"{SAGEMAKER}:model-package/churn/1"
            ),
        },
    ]


def definition(world: World, **more: Any) -> ml.tuning.TrainingDefinition:
    """A definition with all but the resources, which exclude each other."""
    return ml.tuning.TrainingDefinition(
        **{
            "image": ml.ContainerImage.from_registry(REGISTRY),
            "channels": channels(world),
            "input_mode": ml.data.InputMode.FAST_FILE,
            "hyperparameters": {"epochs": 3},
            "metric_definitions": {"loss": "loss=(.*)"},
            "output": world.data("out/"),
            "output_compression": "NONE",
            "spot": True,
            "max_wait": Duration.hours(3),
            "max_runtime": Duration.hours(1),
            "max_pending": Duration.hours(3),
            "checkpoint": world.data("checkpoints/"),
            "checkpoint_path": "/opt/ml/kept",
            "retry_attempts": 3,
            "environment": {"STAGE": "prod"},
            "name": "first",
            "objective": ml.tuning.Objective.minimize("loss"),
            "ranges": ranges(),
            "instance_type": "ml.p3.2xlarge",
            "instance_count": 2,
            "training_plan": PLAN,
            "placement": ml.training.UltraServerPlacement(instances={"us-1": 4}, shared=True),
            "volume_size": Size.gibibytes(100),
            **more,
        }
    )


def ranges() -> dict[str, Any]:
    return {
        "depth": ml.tuning.IntegerRange(1, 9, ml.tuning.Scaling.LINEAR),
        "eta": ml.tuning.ContinuousRange(0.01, 0.5, ml.tuning.Scaling.LOGARITHMIC),
        "booster": ml.tuning.CategoricalRange(["gbtree", "dart"]),
        "gamma": ml.tuning.AutoRange(0.1),
    }


def definitions(world: World) -> list[ml.tuning.TrainingDefinition]:
    """Definitions that set every member between them."""
    bare = {"training_plan": None, "placement": None, "instance_count": None}
    none = {**bare, "instance_type": None, "volume_size": None}
    preference = ml.props.InstancePreference(instance_type="ml.m5.xlarge", instance_count=1, training_plan=PLAN)
    return [
        definition(world),
        definition(
            world,
            **none,
            name="preferred",
            instance_preferences=[preference],
            keep_alive=Duration.minutes(30),
            spot=None,
            max_wait=None,
        ),
        definition(
            world,
            **none,
            name="grouped",
            channels=grouped_channels(world),
            instance_groups=[ml.training.InstanceGroup(name="workers", instance_type="ml.c5.xlarge", instance_count=2)],
        ),
        definition(
            world,
            **none,
            name="chosen",
            image=None,
            algorithm="my-algorithm",
            trial_instances=[
                ml.tuning.TrialInstances(instance_type="ml.m5.xlarge"),
                ml.tuning.TrialInstances(
                    instance_type="ml.m5.2xlarge", instance_count=2, volume_size=Size.gibibytes(50)
                ),
            ],
        ),
        definition(
            world, **none, name="only", trial_instances=[ml.tuning.TrialInstances(instance_type="ml.c5.xlarge")]
        ),
    ]


def tuning_jobs(world: World) -> list[dict[str, Any]]:
    """Props of tuning jobs: one for each definition, and two that have a list of them."""
    whole = {
        "job_name": "my-job",
        "role": world.role,
        "volume_key": world.key,
        "output_key": world.key,
        **world.network(),
        "network_isolation": True,
        "encrypt_inter_container_traffic": True,
        "tags": {"team": "ml"},
    }
    one = {
        **whole,
        "objective": ml.tuning.Objective.maximize("loss"),
        "ranges": ranges(),
        "strategy": ml.tuning.TuningStrategy.HYPERBAND,
        "hyperband": ml.tuning.Hyperband(min_resource=1, max_resource=27),
        "max_jobs": 20,
        "max_parallel_jobs": 4,
        "early_stopping": False,
        "max_tuning_time": Duration.hours(12),
        "target_objective_value": 0.95,
        "max_jobs_not_improving": 5,
        "stop_on_convergence": True,
        "random_seed": 42,
        "warm_start": ml.tuning.WarmStart(["earlier-job"], ml.tuning.WarmStartType.TRANSFER_LEARNING),
        "autotune": True,
    }
    found = definitions(world)
    return [
        {**one, "training": found[0]},
        *({**whole, "training": item} for item in found[1:]),
        {**whole, "training": found[:1]},
        {**whole, "training": found[1:]},
    ]
