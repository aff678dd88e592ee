"""The container contract: what a job's process finds under /opt/ml and in its environment.

Sources: SageMaker Developer Guide, "How Amazon SageMaker AI Processing Runs Your Processing Container Image" and "How
Amazon SageMaker AI Provides Training Information"; the README of sagemaker-training-toolkit for the SM_ variables.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.local.faults import JobError
from constructs_ml.local.sandbox import OPT_ML

if TYPE_CHECKING:
    from pathlib import Path

TUNING_OBJECTIVE = "_tuning_objective_metric"
"""The hyperparameter by which a tuning job tells its trials what they are measured by."""


@dataclass(frozen=True)
class Command:
    """What a job's container runs.

    Attributes:
        argv: The command and its arguments.
        cwd: The working directory, as the job sees it.
        environment: Variables on top of those that every job has.
        own_network: Whether it has a network of its own, without a way out.
    """

    argv: list[str]
    cwd: str = "/"
    environment: dict[str, str] | None = None
    own_network: bool = False


@dataclass(frozen=True)
class Host:
    """One instance of a job's cluster.

    Attributes:
        name: As ``algo-1``.
        index: From 0.
        ml: The directory that is its /opt/ml.
    """

    name: str
    index: int
    ml: Path

    def path(self, local_path: str) -> Path:
        """Where a container's path lies on this machine.

        Raises:
            JobError: If the path is not below /opt/ml, which is all that a job has of its own.
        """
        relative = local_path.removeprefix(OPT_ML)
        path = (self.ml / relative.lstrip("/")).resolve()
        if relative == local_path or not path.is_relative_to(self.ml.resolve()):
            message = f"LocalPath must lie below {OPT_ML}, got {local_path}"
            raise JobError(message)
        return path

    def write(self, relative: str, value: Any) -> None:  # noqa: ANN401 - any JSON
        """Writes a JSON file below /opt/ml."""
        path = self.ml / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value, indent=2), encoding="utf-8")


def resource_config(host: Host, hosts: list[str], instance_type: str) -> dict[str, Any]:
    """resourceconfig.json of one host."""
    return {
        "current_host": host.name,
        "current_instance_type": instance_type,
        "current_group_name": "homogeneousCluster",
        "hosts": hosts,
        "instance_groups": [
            {"instance_group_name": "homogeneousCluster", "instance_type": instance_type, "hosts": hosts}
        ],
        "network_interface_name": "lo",
    }


def input_data_config(channels: list[dict[str, Any]], default_mode: str) -> dict[str, Any]:
    """inputdataconfig.json: what a training job is told of its channels."""
    return {
        channel["ChannelName"]: {
            "TrainingInputMode": channel.get("InputMode") or default_mode,
            "S3DistributionType": channel["DataSource"]["S3DataSource"].get(
                "S3DataDistributionType", "FullyReplicated"
            ),
            "RecordWrapperType": channel.get("RecordWrapperType", "None"),
            **({"ContentType": channel["ContentType"]} if channel.get("ContentType") else {}),
        }
        for channel in channels
    }


def decoded(hyperparameters: dict[str, str]) -> dict[str, Any]:
    """Hyperparameters as the training toolkit reads them: each is JSON where it can be."""
    values: dict[str, Any] = {}
    for name, text in hyperparameters.items():
        try:
            values[name] = json.loads(text)
        except json.JSONDecodeError:
            values[name] = text
    return values


def users(hyperparameters: dict[str, Any]) -> dict[str, Any]:
    """The hyperparameters that are the user's: not those that the platform passes to the toolkit."""
    return {
        name: value
        for name, value in hyperparameters.items()
        if not name.startswith("sagemaker_") and name != TUNING_OBJECTIVE
    }


def training_environment(
    request: dict[str, Any], host: Host, hosts: list[str], hyperparameters: dict[str, Any]
) -> dict[str, str]:
    """The SM_ variables that the training toolkit sets for a script.

    Args:
        request: The CreateTrainingJob request.
        host: The instance.
        hosts: The names of all instances.
        hyperparameters: All of them, decoded.
    """
    own = users(hyperparameters)
    channels = [channel["ChannelName"] for channel in request.get("InputDataConfig") or []]
    channel_paths = {name: f"{OPT_ML}/input/data/{name}" for name in sorted(channels)}
    instance_type = request["ResourceConfig"].get("InstanceType", "")
    program = str(hyperparameters.get("sagemaker_program", ""))
    cpus = os.cpu_count() or 1
    data_config = input_data_config(
        request.get("InputDataConfig") or [], request["AlgorithmSpecification"]["TrainingInputMode"]
    )
    resources = resource_config(host, hosts, instance_type)
    summary = {
        "channel_input_dirs": channel_paths,
        "current_host": host.name,
        "current_instance_type": instance_type,
        "hosts": hosts,
        "hyperparameters": own,
        "input_config_dir": f"{OPT_ML}/input/config",
        "input_data_config": data_config,
        "input_dir": f"{OPT_ML}/input",
        "is_master": host.index == 0,
        "job_name": request["TrainingJobName"],
        "master_hostname": hosts[0],
        "model_dir": f"{OPT_ML}/model",
        "module_dir": f"{OPT_ML}/code",
        "module_name": program.removesuffix(".py"),
        "network_interface_name": "lo",
        "num_cpus": cpus,
        "num_gpus": 0,
        "output_data_dir": f"{OPT_ML}/output/data",
        "output_dir": f"{OPT_ML}/output",
        "resource_config": resources,
        "user_entry_point": program,
    }
    variables = {
        "SM_MODEL_DIR": f"{OPT_ML}/model",
        "SM_OUTPUT_DATA_DIR": f"{OPT_ML}/output/data",
        "SM_OUTPUT_DIR": f"{OPT_ML}/output",
        "SM_INPUT_DIR": f"{OPT_ML}/input",
        "SM_INPUT_CONFIG_DIR": f"{OPT_ML}/input/config",
        "SM_INPUT_DATA_CONFIG": json.dumps(data_config),
        "SM_RESOURCE_CONFIG": json.dumps(resources),
        "SM_HPS": json.dumps(own),
        "SM_CHANNELS": json.dumps(sorted(channels)),
        "SM_HOSTS": json.dumps(hosts),
        "SM_CURRENT_HOST": host.name,
        "SM_CURRENT_INSTANCE_TYPE": instance_type,
        "SM_MASTER": hosts[0],
        "SM_NETWORK_INTERFACE_NAME": "lo",
        "SM_NUM_GPUS": "0",
        "SM_NUM_CPUS": str(cpus),
        "SM_LOG_LEVEL": "20",
        "SM_MODULE_DIR": f"{OPT_ML}/code",
        "SM_MODULE_NAME": program.removesuffix(".py"),
        "SM_USER_ENTRY_POINT": program,
        "SM_USER_ARGS": json.dumps(script_arguments(hyperparameters)),
        "SM_TRAINING_ENV": json.dumps(summary),
    }
    variables |= {f"SM_CHANNEL_{_upper(name)}": path for name, path in channel_paths.items()}
    return variables | {f"SM_HP_{_upper(name)}": _text(value) for name, value in own.items()}


def script_arguments(hyperparameters: dict[str, Any]) -> list[str]:
    """The user's hyperparameters as a script's arguments: ``--name value``, one letter as ``-n value``."""
    arguments: list[str] = []
    for name, value in sorted(users(hyperparameters).items()):
        arguments += [f"-{name}" if len(name) == 1 else f"--{name}", _text(value)]
    return arguments


def _upper(name: str) -> str:
    return name.upper().replace("-", "_")


def _text(value: Any) -> str:  # noqa: ANN401 - any JSON
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)
