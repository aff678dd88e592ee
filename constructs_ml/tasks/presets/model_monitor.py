"""SageMaker Model Monitor's data quality analysis as a processing job.

Source: "Container Contract Inputs" and "Create a Baseline" of the SageMaker developer guide: environment variables name
the location and the format of the container's data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from constructs_ml.asl.expressions import merged
from constructs_ml.core.context import context_of
from constructs_ml.core.image import ContainerImage
from constructs_ml.core.values import parse_runtime_values
from constructs_ml.errors import Fault, Faults, InvalidPropsError
from constructs_ml.tasks.presets.staging import below, json_of, staged_all
from constructs_ml.tasks.processing.data import ProcessingInput, ProcessingOutput
from constructs_ml.tasks.processing.job import ProcessingJob

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct
    from typing_extensions import Unpack

    from constructs_ml.core.props import JobProps
    from constructs_ml.core.s3_data import S3Data
    from constructs_ml.tasks.presets.spark_submit import App

FOLDER = "/opt/ml/processing"
DATASET_INPUT, OUTPUT = "baseline_dataset_input", "monitoring_output"
FORMATS = ("csv", "json", "parquet", "sagemakerCaptureJson")
DEFAULT_FORMAT: Mapping[str, Any] = {"csv": {"header": True, "output_columns_position": "START"}}


class ModelMonitorJob(ProcessingJob):
    """Defines a state that computes statistics of a dataset and suggests, or checks, constraints on its quality.

    ::

        baseline = ml.ModelMonitorJob(self, "Baseline", dataset=preprocess.output("train"))
        check = ml.ModelMonitorJob(self, "Check", dataset=fresh, baseline=baseline)

    Without a ``baseline`` it suggests ``constraints.json``; with one it reports ``constraint_violations.json``.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        dataset: S3Data | ProcessingInput,
        dataset_format: Mapping[str, Any] = DEFAULT_FORMAT,
        baseline: ModelMonitorJob | S3Data | None = None,
        preprocessor: App | None = None,
        postprocessor: App | None = None,
        image: ContainerImage | None = None,
        output: S3Data | None = None,
        **props: Unpack[JobProps],
    ) -> None:
        """Define the job.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            dataset: The data.
            dataset_format: How it is written: ``{"csv": {"header": True}}``, ``{"json": {"lines": True}}``,
                ``{"parquet": {}}`` or ``{"sagemakerCaptureJson": {...}}``. Default: CSV with a header.
            baseline: The baseline of the data: an earlier job of this kind, or the place with its
                ``statistics.json`` and ``constraints.json``. Default: nothing, a baseline is made.
            preprocessor: A Python file whose ``preprocess_handler`` changes each record.
            postprocessor: A Python file whose ``postprocess_handler`` goes on with the result.
            image: The image that it runs in. Default: Model Monitor's.
            output: Where the result goes. Default: a place that only the running execution writes to.
            props: The props of processing and training jobs: :class:`~constructs_ml.props.JobProps`.

        Raises:
            InvalidPropsError: If anything is wrong; it lists all of it.
        """
        context = context_of(scope)
        faults = Faults(context.path_of(construct_id))
        if len(dataset_format) != 1 or next(iter(dataset_format)) not in FORMATS:
            problem = f"must have one of {', '.join(FORMATS)}, got {', '.join(dataset_format) or 'none'}"
            faults.add("dataset_format", problem, "pass {'csv': {'header': True}}")
        source = f"{FOLDER}/input/{DATASET_INPUT}"
        inputs: dict[str, Any] = {
            DATASET_INPUT: dataset
            if isinstance(dataset, ProcessingInput)
            else ProcessingInput(source=dataset, local_path=source)
        }
        environment = {
            "dataset_format": json_of(dataset_format),
            "dataset_source": inputs[DATASET_INPUT].local_path or source,
            "output_path": f"{FOLDER}/output",
            "publish_cloudwatch_metrics": "Disabled",
        }
        if baseline is not None:
            known = baseline.output(OUTPUT) if isinstance(baseline, ModelMonitorJob) else baseline
            for name in ("constraints", "statistics"):
                folder = f"{FOLDER}/baseline/{name}"
                inputs[name] = ProcessingInput(source=below(known, f"{name}.json"), local_path=folder)
                environment[f"baseline_{name}"] = f"{folder}/{name}.json"
        for variable, script in (
            ("record_preprocessor_script", preprocessor),
            ("post_analytics_processor_script", postprocessor),
        ):
            for staged in () if script is None else staged_all(context, variable, [script], faults):
                folder = f"{FOLDER}/code/{variable}"
                inputs[f"{variable}_input"] = ProcessingInput(source=staged, local_path=folder)
                environment[variable] = f"{folder}/{str(staged.location).rpartition('/')[2]}"
        faults.raise_if_any()
        props["environment"] = cast(
            "Any", merged(parse_runtime_values(environment), parse_runtime_values(props.get("environment") or {}))
        )
        super().__init__(
            scope,
            construct_id,
            image=image or ContainerImage.framework("model-monitor", "", scope="monitoring"),
            inputs=inputs,
            outputs={OUTPUT: ProcessingOutput(destination=output, local_path=f"{FOLDER}/output")},
            **props,
        )
        self._checks = baseline is not None

    @property
    def statistics(self) -> S3Data:
        """The statistics that it writes."""
        return below(self.output(OUTPUT), "statistics.json")

    @property
    def constraints(self) -> S3Data:
        """The constraints that it suggests."""
        return below(self.output(OUTPUT), "constraints.json")

    @property
    def violations(self) -> S3Data:
        """The report of data that is against the constraints of the baseline.

        Raises:
            InvalidPropsError: If it has no baseline.
        """
        if not self._checks:
            raise InvalidPropsError(self._path, [Fault("violations", "needs a baseline, got none", "pass baseline=")])
        return below(self.output(OUTPUT), "constraint_violations.json")
