"""Processing jobs, as ``sagemaker:createProcessingJob`` runs them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.folders import files_below
from constructs_ml.local.aws.faults import JobError
from constructs_ml.local.host import contract, spark
from constructs_ml.local.host.archives import extract_file
from constructs_ml.local.host.cluster import Ending, Outcome
from constructs_ml.local.host.contract import Command, Host, command_for, mapped_command
from constructs_ml.local.host.pipes import Pipe
from constructs_ml.local.host.sandbox import OPT_ML
from constructs_ml.local.host.storage import Mirror, S3Object, shard
from constructs_ml.local.host.unpacking import gunzipped
from constructs_ml.local.jobs.job import ContainerJob, message_file
from constructs_ml.sagemaker.kinds import JobKind
from constructs_ml.sagemaker.script_mode import INSTALL, SIGN_IN

if TYPE_CHECKING:
    from collections.abc import Iterator


class ProcessingJob(ContainerJob):
    """A processing job.

    Outputs with S3UploadMode EndOfJob are uploaded when the job completed; Continuous ones while it runs and at its
    end, whatever the end. An input in Pipe mode is a FIFO at its LocalPath. Outputs to a feature store are not written.
    """

    kind = JobKind.PROCESSING

    def _cluster(self) -> dict[str, Any]:
        cluster: dict[str, Any] = self.request["ProcessingResources"]["ClusterConfig"]
        return cluster

    def _prepare(self, host: Host) -> None:
        names = [other.name for other in self.hosts]
        group = ("homogeneousCluster", self._cluster().get("InstanceType", ""), names)
        resources = contract.resource_config(host, [group])
        host.write("config/resourceconfig.json", self._seen(host, resources))
        job_config = {**self.request, "ProcessingJobArn": self.arn}
        host.write("config/processingjobconfig.json", self._seen(host, job_config))
        (host.ml / "output").mkdir(exist_ok=True)
        for item in self.request.get("ProcessingInputs") or []:
            self._input(host, item)
        for item in (self.request.get("ProcessingOutputConfig") or {}).get("Outputs") or []:
            self._output(host, item)

    def _command(self, host: Host) -> Command:
        specification = self.request["AppSpecification"]
        entry_point = specification.get("ContainerEntrypoint") or command_for(
            specification["ImageUri"], self.services.images
        )
        argv = [*entry_point, *(specification.get("ContainerArguments") or [])]
        environment = {"PROCESSING_JOB_NAME": self.name, "PROCESSING_JOB_ARN": self.arn}
        if argv[0] == spark.SUBMIT:
            argv, environment["SPARK_LOCAL_IP"] = self._spark(argv[1:], host), "127.0.0.1"
        packages = self._packages(host) if INSTALL in " ".join(entry_point) else None
        # There is no CodeArtifact here: the packages are installed already, from this machine's index.
        argv = [part.replace(SIGN_IN, "shift 2 && ") for part in argv]
        return Command(argv, environment=environment, python=packages)

    def _packages(self, host: Host) -> Path | None:
        """The Python with the requirements of the code, so that the entry point has nothing to install."""
        folder = host.ml / "processing" / "input" / "code"
        with tempfile.TemporaryDirectory(dir=host.ml.parent) as unpacked:
            for archive in folder.glob("*.gz"):
                extract_file(archive, Path(unpacked))
            return self._required(Path(unpacked), host, package=False)

    def _network_isolated(self) -> bool:
        return bool((self.request.get("NetworkConfig") or {}).get("EnableNetworkIsolation"))

    def _spark(self, arguments: list[str], host: Host) -> list[str]:
        """Set up a Spark application: the first instance runs it; on AWS the others would be its workers."""
        mapped = mapped_command(self.request["AppSpecification"]["ImageUri"], self.services.images)
        if mapped is not None:
            return [*mapped, *arguments]
        if host.index:
            return ["true"]
        if len(self.hosts) > 1:
            self._left_out(f"Spark runs on this machine alone, not on {len(self.hosts)} instances")
        return spark.SparkSubmit(self.storage, self.services.clients.endpoint_url, self._left_out).command(
            arguments, host
        )

    def _left_out(self, what: str) -> None:
        self.services.simulates(self.call, f"{self.name}: {what}")

    def _input(self, host: Host, item: dict[str, Any]) -> None:
        if item.get("DatasetDefinition"):
            message = (
                f"input {item['InputName']} is a DatasetDefinition: there is no Athena and no Redshift in a local run; "
                "give it an S3 input there"
            )
            raise JobError(message)
        source = item.get("S3Input")
        if item.get("AppManaged") or not source:
            return
        objects = self.storage.find(source["S3Uri"], source.get("S3DataType") or "S3Prefix")
        if source.get("S3DataDistributionType") == "ShardedByS3Key":
            objects = shard(objects, host=host.index, hosts=len(self.hosts))
        target = host.path(source["LocalPath"])
        gunzip = source.get("S3CompressionType") == "Gzip"
        if source.get("S3InputMode") == "Pipe":
            self.pipes.append(self._pipe(target, objects, gunzip=gunzip))
        else:
            self.storage.download(objects, target, gunzip=gunzip, gigabytes=self._volume)

    def _pipe(self, target: Path, objects: list[S3Object], *, gunzip: bool) -> Pipe:
        def content() -> Iterator[bytes]:
            for found in objects:
                chunks = self.storage.read(found)
                yield from gunzipped(chunks, found.uri) if gunzip else chunks

        return Pipe(lambda _epoch: target, content, epochs=1)

    def _output(self, host: Host, item: dict[str, Any]) -> None:
        if item.get("FeatureStoreOutput"):
            self.log.line(host.name, f"constructs-ml: output {item['OutputName']}: no feature store here, skipped")
        output = item.get("S3Output")
        if not output or not output.get("LocalPath"):
            return
        path = host.path(output["LocalPath"])
        path.mkdir(parents=True, exist_ok=True)
        if output["S3UploadMode"] == "Continuous" and not item.get("AppManaged"):
            self.mirrors.append(Mirror(self.storage, self._files(host), path, output["S3Uri"], self._key()))

    def _collect(self, ending: Ending) -> dict[str, Any]:
        self._synchronize(settled=ending.outcome is Outcome.COMPLETED)
        if ending.outcome is not Outcome.COMPLETED:
            return {}
        for item in (self.request.get("ProcessingOutputConfig") or {}).get("Outputs") or []:
            output = item.get("S3Output") or {}
            if item.get("AppManaged") or output.get("S3UploadMode") != "EndOfJob" or not output.get("LocalPath"):
                continue
            for host in self.hosts:
                # The path as it was given: the job may have put a link in its place.
                directory = host.ml / output["LocalPath"].removeprefix(OPT_ML).strip("/")
                self.storage.upload(self._files(host).below(directory), output["S3Uri"], kms_key=self._key())
        return {}

    def _give(self, folder: Path) -> dict[str, Any]:
        for item in (self.request.get("ProcessingOutputConfig") or {}).get("Outputs") or []:
            output = item.get("S3Output")
            if not output:
                continue
            name = item["OutputName"]
            if not (folder / name).is_dir():
                message = f"output {name}: there is no folder {name} in what is given for it (--given)"
                raise JobError(message)
            found = {str(path): file for path, file in files_below(folder / name).items()}
            self.storage.upload(found, output["S3Uri"], kms_key=self._key())
        return {}

    def _code_folder(self) -> str:
        entry_point = self.request["AppSpecification"].get("ContainerEntrypoint") or []
        unpacked = f"{OPT_ML}/processing/code"
        return unpacked if "cd $d" in " ".join(entry_point) else f"{OPT_ML}/processing/input/code"

    def _key(self) -> str | None:
        return (self.request.get("ProcessingOutputConfig") or {}).get("KmsKeyId")

    def _message(self, host: Host) -> str | None:
        return message_file(host.ml / "output" / "message")

    def _exit_message(self, said: str | None) -> dict[str, Any]:
        return {"ExitMessage": said} if said else {}

    def _seen(self, host: Host, value: Any) -> Any:  # noqa: ANN401 - any JSON
        return self.services.sandbox.seen(value, host.ml)
