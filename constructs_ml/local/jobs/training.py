"""Training jobs, as ``sagemaker:createTrainingJob`` runs them."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import tarfile
from typing import TYPE_CHECKING, Any

from constructs_ml.folders import files_below
from constructs_ml.local.aws import describe
from constructs_ml.local.aws.faults import JobError
from constructs_ml.local.host import contract, toolkit
from constructs_ml.local.host.archives import extract_file, unpack
from constructs_ml.local.host.cluster import Ending, Outcome
from constructs_ml.local.host.contract import Command, Host, command_for
from constructs_ml.local.host.keys import join_uri
from constructs_ml.local.host.part import METRICS, MODEL, OUTPUT
from constructs_ml.local.host.pipes import Pipe
from constructs_ml.local.host.sandbox import OPT_ML
from constructs_ml.local.host.storage import Mirror, S3Object, shard
from constructs_ml.local.host.unpacking import gunzipped
from constructs_ml.local.jobs.call import invalid
from constructs_ml.local.jobs.job import ContainerJob, message_file
from constructs_ml.local.jobs.metrics import InvalidMetricError, MetricReader
from constructs_ml.sagemaker.kinds import JobKind
from constructs_ml.sagemaker.script_mode import CODE_CHANNEL_FOLDER, PROGRAM, REQUIREMENTS, SUBMIT_DIRECTORY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from constructs_ml.local.jobs.call import Call
    from constructs_ml.local.jobs.services import Services

_STEPS = {
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Uploading": "Uploading generated training model",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
}


def given_metrics(folder: Path) -> dict[str, float]:
    """Return the metrics in a folder that is given for a training job.

    Raises:
        JobError: If the file has no numbers by name.
    """
    file = folder / METRICS
    if not file.is_file():
        return {}
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return {str(name): float(value) for name, value in found.items()}
    except (ValueError, TypeError, AttributeError) as error:
        message = f'{METRICS} in {folder} must be an object of numbers, such as {{"test:accuracy": 0.9}}: {error}'
        raise JobError(message) from error


class TrainingJob(ContainerJob):
    """A training job.

    The model is archived when the job completed, and also when it was stopped: SageMaker lets a stopped job save what
    it has. FastFile channels are copied as in File mode.

    Args:
        request: The CreateTrainingJob request, valid.
        services: The embedded AWS.
        call: The caller that created it.
        tuning: The ARN of the tuning job that it is a trial of.
    """

    kind = JobKind.TRAINING

    def __init__(self, request: dict[str, Any], services: Services, call: Call, *, tuning: str | None = None) -> None:
        super().__init__(request, services, call)
        if tuning:
            self.update(TuningJobArn=tuning)
        self._hyperparameters = toolkit.decoded(request.get("HyperParameters") or {})
        try:
            definitions = request["AlgorithmSpecification"].get("MetricDefinitions") or []
            self._metrics = MetricReader(
                definitions, lambda text: services.note(call, f"{self.name}: {text}"), self._tell_metric
            )
        except InvalidMetricError as error:
            raise invalid(f"MetricDefinitions: {error}") from error

    def _cluster(self) -> dict[str, Any]:
        resources: dict[str, Any] = self.request["ResourceConfig"]
        return resources

    def _prepare(self, host: Host) -> None:
        for directory in ("model", "output/data", "input/data", "code"):
            (host.ml / directory).mkdir(parents=True, exist_ok=True)
        channels = self.request.get("InputDataConfig") or []
        mode = self.request["AlgorithmSpecification"]["TrainingInputMode"]
        seen = self.services.sandbox.seen
        host.write("input/config/hyperparameters.json", seen(dict(self.request.get("HyperParameters") or {}), host.ml))
        host.write("input/config/inputdataconfig.json", contract.input_data_config(channels, mode))
        host.write("input/config/resourceconfig.json", self._resources(host))
        for channel in channels:
            self._channel(host, channel, channel.get("InputMode") or mode)
        self._checkpoints(host)
        if self._is_script():
            self._unpack_code(host)

    def _containers(self) -> int:
        return sum(count for _, _, count in self._groups())

    def _groups(self) -> list[tuple[str, str, int]]:
        """The name, the instance type and the number of instances of each instance group."""
        cluster = self._cluster()
        return [
            (group["InstanceGroupName"], group["InstanceType"], int(group["InstanceCount"]))
            for group in cluster.get("InstanceGroups") or []
        ] or [("homogeneousCluster", cluster.get("InstanceType", ""), int(cluster.get("InstanceCount") or 1))]

    def _resources(self, host: Host) -> dict[str, Any]:
        names = iter([other.name for other in self.hosts])
        groups = [(name, kind, list(itertools.islice(names, count))) for name, kind, count in self._groups()]
        return contract.resource_config(host, groups)

    def _channel(self, host: Host, channel: dict[str, Any], mode: str) -> None:
        source = channel["DataSource"].get("S3DataSource")
        if not source:
            message = f"channel {channel['ChannelName']} reads a file system, which a local run has not; use S3 there"
            raise JobError(message)
        objects = self.storage.find(source["S3Uri"], source["S3DataType"])
        if source.get("S3DataDistributionType") == "ShardedByS3Key":
            objects = shard(objects, host=host.index, hosts=len(self.hosts))
        target = host.ml / "input" / "data" / channel["ChannelName"]
        gunzip = channel.get("CompressionType") == "Gzip"
        if mode == "Pipe":
            self.pipes.append(self._pipe(target, objects, gunzip=gunzip))
        else:
            self.storage.download(objects, target, gunzip=gunzip, gigabytes=self._volume)

    def _pipe(self, target: Path, objects: list[S3Object], *, gunzip: bool) -> Pipe:
        def content() -> Iterator[bytes]:
            for found in objects:
                chunks = self.storage.read(found)
                yield from gunzipped(chunks, found.uri) if gunzip else chunks

        return Pipe(lambda epoch: target.with_name(f"{target.name}_{epoch}"), content)

    def _checkpoints(self, host: Host) -> None:
        config = self.request.get("CheckpointConfig")
        if not config:
            return
        directory = host.path(config.get("LocalPath") or f"{OPT_ML}/checkpoints")
        directory.mkdir(parents=True, exist_ok=True)
        found = self.storage.find(join_uri(config["S3Uri"], ""), required=False)
        self.storage.download(found, directory)
        key = self.request["OutputDataConfig"].get("KmsKeyId")
        self.mirrors.append(Mirror(self.storage, self._files(host), directory, config["S3Uri"], key))

    def _is_script(self) -> bool:
        return PROGRAM in self._hyperparameters and not self.request["AlgorithmSpecification"].get(
            "ContainerEntrypoint"
        )

    def _unpack_code(self, host: Host) -> None:
        """Bring the code to its folder, as the toolkit does: from S3, or from a path in the container."""
        uri = str(self._hyperparameters.get(SUBMIT_DIRECTORY, ""))
        code = host.ml / "code"
        if uri.startswith("s3://"):
            if self._network_isolated():
                message = (
                    f"sagemaker_submit_directory is {uri}, which a container without a network cannot fetch; bring the code by "
                    f"a channel, {CODE_CHANNEL_FOLDER}/sourcedir.tar.gz, as code= does, or leave out EnableNetworkIsolation"
                )
                raise JobError(message)
            unpack(self.storage, uri, code, by_way_of=host.ml.parent / "sourcedir.tar.gz", gigabytes=self._volume)
            return
        if not uri.startswith(f"{OPT_ML}/") or not (found := host.path(uri)).exists():
            message = (
                f"sagemaker_submit_directory must be the S3 URI of a .tar.gz or a path below {OPT_ML}, got {uri!r}"
            )
            raise JobError(message)
        if found.is_dir():
            if found != code.resolve():
                shutil.copytree(found, code, dirs_exist_ok=True)
        elif tarfile.is_tarfile(found):
            extract_file(found, code, gigabytes=self._volume)
        else:
            shutil.copy2(found, code)

    def _command(self, host: Host) -> Command:
        specification = self.request["AlgorithmSpecification"]
        environment = {"TRAINING_JOB_NAME": self.name, "TRAINING_JOB_ARN": self.arn}
        variables = self._variables(host)
        arguments = specification.get("ContainerArguments") or []
        if specification.get("ContainerEntrypoint"):
            return Command(
                [*specification["ContainerEntrypoint"], *arguments], environment={**environment, **variables}
            )
        if self._is_script():
            return self._script(host, environment, variables)
        image = command_for(specification.get("TrainingImage") or specification["AlgorithmName"], self.services.images)
        return Command([*image, *arguments], environment={**environment, **variables})

    def _variables(self, host: Host) -> dict[str, str]:
        channels = self.request.get("InputDataConfig") or []
        return toolkit.variables(
            job_name=self.name,
            environment=self.request.get("Environment") or {},
            hyperparameters=self._hyperparameters,
            resources=self._resources(host),
            channels=contract.input_data_config(channels, self.request["AlgorithmSpecification"]["TrainingInputMode"]),
            region=self.services.region,
        )

    def _script(self, host: Host, environment: dict[str, str], variables: dict[str, str]) -> Command:
        """Return the script as the toolkit runs it, with its requirements installed."""
        code, given = host.ml / "code", self.request.get("Environment") or {}
        program = str(toolkit.program_of(self._hyperparameters, given))
        package = toolkit.is_package(program, code)
        python = None
        if package or (program.endswith(".py") and (code / REQUIREMENTS).exists()):
            python = self._required(code, host, package=package)
        argv = toolkit.script_command(program, code, toolkit.script_arguments(self._hyperparameters))
        if argv[0] == "/bin/sh" and (code / program).is_file():
            (code / program).chmod(0o777)
        path = os.pathsep.join(filter(None, (f"{OPT_ML}/code", given.get("PYTHONPATH"))))
        return Command(
            argv,
            cwd=f"{OPT_ML}/code",
            environment=environment,
            overriding={**variables, "PYTHONPATH": path},
            python=python,
        )

    def _collect(self, ending: Ending) -> dict[str, Any]:
        settled = ending.outcome is Outcome.COMPLETED
        self._synchronize(settled=settled)
        if ending.outcome is not Outcome.FAILED:
            self._keep_model(self._made("model", settled=settled))
        output = self._made("output/data", settled=settled)
        if output:
            self._archive("output", output)
        found = self._metrics.final()
        seconds = int((describe.now() - self.response["TrainingStartTime"]).total_seconds())
        return {
            "TrainingTimeInSeconds": max(1, seconds),
            "BillableTimeInSeconds": max(1, seconds),
            **({"FinalMetricDataList": found} if found else {}),
        }

    def _give(self, folder: Path) -> dict[str, Any]:
        archived = folder / MODEL
        if archived.is_file() and self.request["OutputDataConfig"].get("CompressionType") != "NONE":
            self.storage.upload_file(archived, describe.model_artifacts(self.request), kms_key=self._output_key)
        else:
            beside = {MODEL, OUTPUT, METRICS}
            model = folder / "model" if (folder / "model").is_dir() else folder
            found = {str(name): file for name, file in files_below(model).items() if str(name) not in beside}
            self._keep_model(found)
        if (folder / OUTPUT).is_file():
            place = f"{describe.output_prefix(self.request)}/{OUTPUT}"
            self.storage.upload_file(folder / OUTPUT, place, kms_key=self._output_key)
        metrics = [
            {"MetricName": name, "Value": value, "Timestamp": describe.now()}
            for name, value in given_metrics(folder).items()
        ]
        return {
            "TrainingTimeInSeconds": 1,
            "BillableTimeInSeconds": 1,
            **({"FinalMetricDataList": metrics} if metrics else {}),
        }

    def _made(self, directory: str, *, settled: bool) -> dict[str, Path]:
        """Return the files below a directory of all hosts; of equal names, the first host's."""
        made: dict[str, Path] = {}
        for host in reversed(self.hosts):
            made |= self._files(host).below(host.ml / directory, settled=settled)
        return made

    def _keep_model(self, members: dict[str, Path]) -> None:
        if self.request["OutputDataConfig"].get("CompressionType") == "NONE":
            self.storage.upload(members, describe.model_artifacts(self.request), kms_key=self._output_key)
        else:
            self._archive("model", members)

    @property
    def _output_key(self) -> str | None:
        key: str | None = self.request["OutputDataConfig"].get("KmsKeyId")
        return key

    def _archive(self, name: str, members: dict[str, Path]) -> None:
        archive = self.hosts[0].ml.parent / f"{name}.tar.gz"
        # Files of which there are several names are written out under each, as links are.
        with tarfile.open(archive, "w:gz", dereference=True) as tar:
            for member, file in sorted(members.items()):
                tar.add(file, arcname=member)
        place = f"{describe.output_prefix(self.request)}/{archive.name}"
        self.storage.upload_file(archive, place, kms_key=self._output_key)

    def _message(self, host: Host) -> str | None:
        return message_file(host.ml / "output" / "failure")

    def _on_line(self, host: str, line: str) -> None:
        self._metrics.read(line)
        super()._on_line(host, line)

    def _tell_metric(self, name: str, value: float) -> None:
        self._send("metric", name=name, value=value)

    def _enter(self, secondary: str) -> None:
        at = describe.now()
        steps = [dict(step) for step in self.response["SecondaryStatusTransitions"]]
        if steps:
            steps[-1].setdefault("EndTime", at)
        ends = {"EndTime": at} if secondary not in {"Downloading", "Training", "Uploading"} else {}
        steps.append({"Status": secondary, "StartTime": at, "StatusMessage": _STEPS[secondary], **ends})
        self.update(SecondaryStatus=secondary, SecondaryStatusTransitions=steps)
