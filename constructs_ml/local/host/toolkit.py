"""SageMaker's training toolkit, which runs the user's script in framework images: its arguments and variables.

A script gets exactly the arguments and the SM_ variables that it gets by the toolkit; ``make conformance-training`` compares
the two. Source: ``sagemaker-training`` 5.1.4, its modules ``environment``, ``mapping``, ``process`` and ``params``.
"""

from __future__ import annotations

import json
import os
import shlex
from typing import TYPE_CHECKING, Any

from constructs_ml.local.host.sandbox import OPT_ML
from constructs_ml.sagemaker.script_mode import PREFIX, PROGRAM, SUBMIT_DIRECTORY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

TUNING_OBJECTIVE = "_tuning_objective_metric"
"""The hyperparameter with the objective metric that a tuning job gives to its trials."""
_PLATFORMS = frozenset(
    {
        PROGRAM,
        SUBMIT_DIRECTORY,
        "sagemaker_enable_cloudwatch_metrics",
        "sagemaker_region",
        "sagemaker_container_log_level",
        "sagemaker_job_name",
        "default_user_module_name",
        TUNING_OBJECTIVE,
        "sagemaker_s3_output",
    }
)
"""The hyperparameters that are for the toolkit itself."""
_DISTRIBUTED = (
    "sagemaker_mpi_enabled",
    "sagemaker_parameter_server_enabled",
    "sagemaker_distributed_dataparallel_enabled",
    "sagemaker_pytorch_ddp_enabled",
    "sagemaker_pytorch_xla_multi_worker_enabled",
    "sagemaker_multi_worker_mirrored_strategy_enabled",
    "sagemaker_torch_distributed_enabled",
)
"""The hyperparameters that ask for one way or another of distributed training."""
_LOG_LEVEL = 20
_NEURONS = {"trn2.48xlarge": 64}
"""The neuron cores that the toolkit knows of without looking for them."""


def decoded(hyperparameters: Mapping[str, str]) -> dict[str, Any]:
    """Return hyperparameters as the toolkit parses them: each as JSON if possible."""
    values: dict[str, Any] = {}
    for name, text in hyperparameters.items():
        try:
            values[name] = json.loads(text)
        except ValueError:
            values[name] = text
    return values


def users(hyperparameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the script's hyperparameters, without those of the toolkit and the framework."""
    return {
        name: value for name, value in hyperparameters.items() if not name.startswith(PREFIX) and name not in _PLATFORMS
    }


def program_of(hyperparameters: Mapping[str, Any], environment: Mapping[str, str]) -> Any:  # noqa: ANN401 - any JSON
    """Return the script that is run; None if the image runs a program of its own."""
    return environment.get("SAGEMAKER_PROGRAM") or hyperparameters.get(PROGRAM)


def script_arguments(hyperparameters: Mapping[str, Any]) -> list[str]:
    """Return the script's hyperparameters as arguments: ``--name value``, one letter as ``-n value``."""
    arguments: list[str] = []
    for name, value in sorted(users(hyperparameters).items(), key=lambda item: item[0]):
        option = (f"-{name}" if len(name) == 1 else f"--{name}") if name else ""
        arguments += [option, _argument(value)]
    return arguments


def script_command(program: str, folder: Path, arguments: Sequence[str]) -> list[str]:
    """Return the command that runs the script, in the folder of the code.

    Args:
        program: The script's name.
        folder: The folder of the code on this machine.
        arguments: The script's arguments.
    """
    if not program.endswith(".sh"):
        if is_package(program, folder):
            return _unquoted(["python3", "-m", program.replace(".py", ""), *arguments])
        if program.endswith(".py"):
            return _unquoted(["python3", program, *arguments])
    return _unquoted(["/bin/sh", "-c", f'"./{program} {" ".join(map(shlex.quote, arguments))}"'])


def is_package(program: str, folder: Path) -> bool:
    """Return whether the code is installed, and run as a module."""
    return not program.endswith(".sh") and (folder / "setup.py").exists()


def variables(
    *,
    job_name: str,
    environment: Mapping[str, str],
    hyperparameters: Mapping[str, Any],
    resources: Mapping[str, Any],
    channels: Mapping[str, Any],
    region: str,
) -> dict[str, str]:
    """Return the variables that the toolkit sets, which override those of the request.

    Args:
        job_name: The job's name.
        environment: The container's variables.
        hyperparameters: All of them, decoded.
        resources: The content of ``resourceconfig.json``.
        channels: The content of ``inputdataconfig.json``.
        region: The region that the job runs in.
    """
    known = _properties(job_name, environment, hyperparameters, resources, channels)
    values = {
        **{name: known[name] for name in _SET if name in known},
        "hps": known["hyperparameters"],
        "framework_params": known["additional_framework_parameters"],
        "channels": sorted(channels),
        "user_args": script_arguments(hyperparameters),
        "training_env": known,
        **({"topology": known["topology"]} if known["topology"] else {}),
        **{f"channel_{name}": path for name, path in known["channel_input_dirs"].items()},
        **{f"hp_{name}": value for name, value in known["hyperparameters"].items()},
    }
    return {
        "CURRENT_HOST": resources["current_host"],
        "SAGEMAKER_JOB_NAME": str(hyperparameters.get("sagemaker_job_name", "")),
        "SAGEMAKER_REGION": str(hyperparameters.get("sagemaker_region", region) or ""),
        **{f"SM_{name}".upper(): _variable(value) for name, value in values.items()},
    }


_SET = (
    "current_host",
    "current_instance_group",
    "current_instance_group_hosts",
    "current_instance_type",
    "distribution_instance_groups",
    "framework_module",
    "hosts",
    "input_config_dir",
    "input_data_config",
    "input_dir",
    "instance_groups",
    "instance_groups_dict",
    "is_hetero",
    "log_level",
    "model_dir",
    "module_dir",
    "module_name",
    "network_interface_name",
    "num_cpus",
    "num_gpus",
    "num_neurons",
    "output_data_dir",
    "output_dir",
    "output_intermediate_dir",
    "resource_config",
    "user_entry_point",
)
"""The properties that have a variable of their name."""


def _properties(
    job_name: str,
    environment: Mapping[str, str],
    hyperparameters: Mapping[str, Any],
    resources: Mapping[str, Any],
    channels: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the toolkit's environment, which is a variable too: SM_TRAINING_ENV."""
    framework = {
        name: value for name, value in hyperparameters.items() if name.startswith(PREFIX) and name not in _PLATFORMS
    }
    groups = resources.get("instance_groups", [])
    group = resources.get("current_group_name", "homogeneousCluster")
    distributed = framework.get(
        "sagemaker_distribution_instance_groups", [group] if any(map(framework.get, _DISTRIBUTED)) else []
    )
    hosts = resources["hosts"]
    together = (
        [host for item in groups if item["instance_group_name"] in distributed for host in item["hosts"]]
        if groups
        else list(hosts)
    )
    master = (together or hosts)[0]
    program = program_of(hyperparameters, environment)
    named = environment.get("SAGEMAKER_PROGRAM")
    module = str(hyperparameters.get(PROGRAM)) if named is None else named
    parameters = environment.get("SM_HP_MP_PARAMETERS")
    instance_type = resources.get("current_instance_type", "local")
    return {
        "additional_framework_parameters": framework,
        "channel_input_dirs": {name: f"{OPT_ML}/input/data/{name}" for name in channels},
        "current_host": resources["current_host"],
        "current_instance_group": group,
        "current_instance_group_hosts": next(
            (item["hosts"] for item in groups if item["instance_group_name"] == group), []
        ),
        "current_instance_type": instance_type,
        "distribution_hosts": together,
        "distribution_instance_groups": distributed,
        "framework_module": environment.get("SAGEMAKER_TRAINING_MODULE"),
        "hosts": hosts,
        "hyperparameters": users(hyperparameters),
        "input_config_dir": f"{OPT_ML}/input/config",
        "input_data_config": dict(channels),
        "input_dir": f"{OPT_ML}/input",
        "instance_groups": [item["instance_group_name"] for item in groups],
        "instance_groups_dict": {item["instance_group_name"]: item for item in groups},
        "is_hetero": len(groups) > 1,
        "is_master": resources["current_host"] == master,
        "is_modelparallel_enabled": parameters and parameters != "{}",
        "is_smddpmprun_installed": False,
        "is_smddprun_installed": False,
        "job_name": environment.get("TRAINING_JOB_NAME", job_name),
        "log_level": hyperparameters.get("sagemaker_container_log_level", _LOG_LEVEL),
        "master_hostname": master,
        "model_dir": f"{OPT_ML}/model",
        "module_dir": str(hyperparameters.get(SUBMIT_DIRECTORY, f"{OPT_ML}/code")),
        "module_name": module.removesuffix(".py"),
        "network_interface_name": resources.get("network_interface_name", "eth0"),
        "num_cpus": os.cpu_count() or 1,
        "num_gpus": 0,
        "num_neurons": next((cores for name, cores in _NEURONS.items() if name in instance_type), 0),
        "output_data_dir": f"{OPT_ML}/output/data",
        "output_dir": f"{OPT_ML}/output",
        "output_intermediate_dir": f"{OPT_ML}/output/intermediate",
        "resource_config": dict(resources),
        "topology": resources.get("topology", []),
        "user_entry_point": program,
    }


def _variable(value: Any) -> str:  # noqa: ANN401 - any JSON
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, separators=(",", ":"))


def _argument(value: Any) -> str:  # noqa: ANN401 - any JSON
    if value is None:
        return ""
    if isinstance(value, dict):
        # The toolkit sorts items, not names: two of one name there are none.
        return ",".join(f"{name}={value[name]}" for name in sorted(value))
    return str(value)


def _unquoted(command: list[str]) -> list[str]:
    """Return the command as the toolkit starts it, which loses quotes at the ends of its last part."""
    return [*command[:-1], command[-1].strip('"')]
