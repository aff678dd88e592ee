"""A SageMaker processing job as a state."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from constructs_ml.core.job_spec import JobSpec, RoleJobSpec, instances_request
from constructs_ml.core.job_task import RoleJob, SyncJob
from constructs_ml.core.network import vpc_members
from constructs_ml.core.packages import refuse_without_network, uses_repository
from constructs_ml.core.props import JobProps
from constructs_ml.core.requests import items_or_whole, structure
from constructs_ml.core.s3_data import S3Data, located
from constructs_ml.core.task import adapter
from constructs_ml.core.values import argument_texts
from constructs_ml.errors import Fault, InvalidPropsError
from constructs_ml.sagemaker.kinds import JobKind
from constructs_ml.tasks.processing.data import (
    ProcessingInput,
    ProcessingOutput,
    allow_input,
    input_request,
    named_outputs,
    output_request,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs import Construct
    from typing_extensions import Self, Unpack

    from constructs_ml.core.code import Code
    from constructs_ml.core.image import ContainerImage
    from constructs_ml.core.props import AdapterProps
    from constructs_ml.core.requests import Whole
    from constructs_ml.tasks.processing.data import Inputs, Outputs

CODE_INPUT = "code"


class ProcessingJob(SyncJob, RoleJob):
    """Defines a state that runs a SageMaker processing job and, by default, waits for it.

    An image and code are enough::

        preprocess = ml.ProcessingJob(
            self, "Preprocess",
            image=ml.ContainerImage.sklearn("1.2-1"),
            code=ml.Code.from_asset("src/preprocess.py"),
            arguments=["--train-test-split-ratio", "0.2"],
            inputs={"raw": ml.S3Data.from_bucket(bucket, "raw/")},
            outputs=["train", "test"],
        )

    Its result is that of DescribeProcessingJob. Source of members and limits: the CreateProcessingJob API.
    """

    kind = JobKind.PROCESSING
    _locations: Mapping[str, S3Data] = MappingProxyType({})

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        image: ContainerImage,
        code: Code | None = None,
        entrypoint: Sequence[str] | Whole | None = None,
        arguments: Sequence[str] | Whole = (),
        inputs: Inputs | Whole | None = None,
        outputs: Outputs | Whole = (),
        **props: Unpack[JobProps],
    ) -> None:
        """Define the job.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            image: The image that it runs in.
            code: The script that it runs. Default: what the image or the entry point runs.
            entrypoint: The command of the container. Default: the code's script, run by the interpreter for its file
                extension.
            arguments: The arguments, at most 100 of 256 characters. All of them may be known only at run time, and so may the
                environment and, as the lists that the API has, tags, inputs and outputs: ``execution_input("args")``.
            inputs: The data that it reads, by name, at most 10; found at ``/opt/ml/processing/input/<name>``.
            outputs: The outputs that it writes, by name, at most 10; taken from ``/opt/ml/processing/output/<name>``.
                Those that name no destination go to a place that only the running execution writes to.
            props: The props of processing and training jobs: :class:`~constructs_ml.props.JobProps`.

        Raises:
            InvalidPropsError: If anything is wrong; it lists all of it.
        """
        spec = RoleJobSpec(self.kind, scope, construct_id, props, known=JobProps)
        whole_inputs, whole_outputs = spec.whole("inputs", inputs), spec.whole("outputs", outputs)
        named = named_outputs(cast("Outputs", outputs), spec.faults) if whole_outputs is None else {}
        locations = _locations(spec, named)
        bound = spec.image(image, "processing")
        environment = spec.environment()
        signs_in = uses_repository(environment)
        shipped = None if code is None else code.for_processing(spec.context, spec.faults, signs_in=signs_in)
        given = dict(cast("Inputs", inputs or {})) if whole_inputs is None else {}
        if shipped is not None:
            if whole_inputs is not None:
                problem = "cannot be known only at run time together with code=, which is an input too"
                spec.faults.add("inputs", problem, "name them one by one, or pass an image that has the code in it")
            if CODE_INPUT in given:
                spec.faults.add("inputs", "must not be named 'code' together with code=", "rename the input")
            given[CODE_INPUT] = ProcessingInput(source=shipped.data)
            if shipped.requirements.ignored:
                spec.warnings.append(f"code {shipped.requirements.ignored}")
            if spec.flag("network_isolation"):
                refuse_without_network(shipped.requirements, environment, spec.faults)
        command = None if shipped is None else shipped.entrypoint
        if entrypoint is not None:
            command = items_or_whole(entrypoint)
        spec.members |= _MEMBERS
        super().__init__(
            spec,
            {
                "ProcessingInputs": whole_inputs or _inputs(spec, given) or None,
                "ProcessingOutputConfig": _output_config(spec, whole_outputs, named, locations),
                "ProcessingResources": {"ClusterConfig": instances_request(spec)},
                "StoppingCondition": _stopping(spec),
                "AppSpecification": {
                    "ImageUri": bound.uri,
                    "ContainerEntrypoint": command,
                    "ContainerArguments": items_or_whole(argument_texts(arguments)) if arguments else None,
                },
                "Environment": environment,
                "NetworkConfig": _network_config(spec),
                "ExperimentConfig": spec.experiment(),
                "Tags": spec.tags(),
            },
        )
        self._locations = locations

    def output(self, name: str) -> S3Data:
        """Return the place of an output, for the inputs of the states after it; passing it on grants the read that it needs.

        Raises:
            InvalidPropsError: If the job has no such output in S3.
        """
        if name not in self._locations:
            names = ", ".join(self._locations) or "none"
            raise InvalidPropsError(self._path, [Fault("output", f"has no {name!r}", f"outputs: {names}")])
        return self._as_read(self._locations[name])

    @classmethod
    def from_processor(
        cls,
        scope: Construct,
        construct_id: str,
        processor: Any,  # noqa: ANN401 - an object of the SDK's
        *,
        run: Mapping[str, Any] | None = None,
        **props: Unpack[AdapterProps],
    ) -> Self:
        """Define a job by a processor of the SageMaker Python SDK and the arguments of its ``run``.

        The SDK is asked offline. Local code becomes assets, outputs without a destination go to a place that only the
        running execution writes to, and the job's role is granted what the request names.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            processor: A ``Processor`` or a subclass, of version 3 or 2 of the SDK; it is left as it is.
            run: The arguments of its ``run``; any string in it may be a token, a JsonPath or a JSONata expression.
            props: Further props of the job.

        Raises:
            InvalidPropsError: If anything is wrong; it lists all of it.
            MissingRequirementError: If no SageMaker SDK is installed.
        """
        job: Self = adapter("processing").from_processor(cls, scope, construct_id, processor, run or {}, props)
        return job


_MEMBERS = {
    "AppSpecification.ContainerArguments": "arguments",
    "AppSpecification.ContainerEntrypoint": "entrypoint",
    "AppSpecification.ImageUri": "image",
    "NetworkConfig.EnableInterContainerTrafficEncryption": "encrypt_inter_container_traffic",
    "NetworkConfig.EnableNetworkIsolation": "network_isolation",
    "ProcessingInputs": "inputs",
    "ProcessingJobName": "job_name",
    "ProcessingOutputConfig.KmsKeyId": "output_key",
    "ProcessingOutputConfig.Outputs": "outputs",
    "ProcessingResources.ClusterConfig.InstanceCount": "instance_count",
    "ProcessingResources.ClusterConfig.InstancePreferences": "instance_preferences",
    "ProcessingResources.ClusterConfig.InstanceType": "instance_type",
    "ProcessingResources.ClusterConfig.VolumeKmsKeyId": "volume_key",
    "ProcessingResources.ClusterConfig.VolumeSizeInGB": "volume_size",
    "StoppingCondition.MaxRuntimeInSeconds": "max_runtime",
    **vpc_members("NetworkConfig.VpcConfig"),
}


def _locations(spec: JobSpec, outputs: Mapping[str, ProcessingOutput]) -> dict[str, S3Data]:
    return {
        name: spec.writes(output.destination or spec.own_place(name))
        for name, output in outputs.items()
        if output.destination is not None or output.feature_group is None
    }


def _inputs(spec: JobSpec, inputs: Inputs) -> list[dict[str, Any]]:
    places: dict[str, S3Data | ProcessingInput] = {name: located(given) for name, given in inputs.items()}
    for name, given in places.items():
        if not allow_input(given, spec.access, spec.context.of_stack.place) and spec.derives_role:
            spec.unknown_location(f"inputs[{name!r}]")
        source = given.source if isinstance(given, ProcessingInput) else given
        fingerprint = given.fingerprint if isinstance(given, ProcessingInput) else None
        spec.read(f"ProcessingInputs[{name}]", source if isinstance(source, S3Data) else None, fingerprint)
    return [input_request(name, given) for name, given in places.items()]


def _output_config(
    spec: JobSpec, whole: object, outputs: Mapping[str, ProcessingOutput], locations: Mapping[str, S3Data]
) -> dict[str, Any] | None:
    if whole is not None:
        return {"Outputs": whole, "KmsKeyId": spec.output_key_arn}
    if not outputs:
        return None
    for name, location in locations.items():
        if not location.objects and spec.derives_role:
            spec.unknown_location(f"outputs[{name!r}]")
    return {
        "Outputs": [output_request(name, output, locations.get(name)) for name, output in outputs.items()],
        "KmsKeyId": spec.output_key_arn,
    }


def _stopping(spec: JobSpec) -> dict[str, Any] | None:
    seconds = spec.seconds("max_runtime")
    return None if seconds is None else {"MaxRuntimeInSeconds": seconds}


def _network_config(spec: JobSpec) -> dict[str, Any] | None:
    return structure(
        {
            "EnableNetworkIsolation": spec.flag("network_isolation"),
            "EnableInterContainerTrafficEncryption": spec.flag("encrypt_inter_container_traffic"),
            "VpcConfig": spec.vpc_config(),
        }
    )
