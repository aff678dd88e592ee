"""SageMaker Clarify: bias and explanations of data and models, as a processing job.

Source: "Configure a SageMaker Clarify Processing Job" and "Configure the Analysis" of the SageMaker developer guide: the
names of inputs and output are the container's, which takes neither an entry point nor arguments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.asl.names import job_prefix
from constructs_ml.core.context import context_of
from constructs_ml.core.image import ContainerImage
from constructs_ml.core.s3_data import S3Data
from constructs_ml.errors import Faults
from constructs_ml.iam.statements import Statement
from constructs_ml.tasks.presets.staging import allow, below, known_later, named_json
from constructs_ml.tasks.processing.data import ProcessingInput, ProcessingOutput
from constructs_ml.tasks.processing.job import ProcessingJob

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs import Construct
    from typing_extensions import Unpack

    from constructs_ml.core.context import ScopeContext
    from constructs_ml.core.props import JobProps
    from constructs_ml.iam.resources import Place
    from constructs_ml.tasks.processing.data import Inputs

CONFIG_INPUT, DATASET_INPUT, RESULT = "analysis_config", "dataset", "analysis_result"
CONFIG_FOLDER = "/opt/ml/processing/input/config"
DATA_FOLDER = "/opt/ml/processing/input/data"
OUTPUT_FOLDER = "/opt/ml/processing/output"
METHODS = ("post_training_bias", "pdp", "pre_training_bias", "report", "shap", "asymmetric_shapley_value")
PREFIX_LENGTH = 63 - 33


class ClarifyJob(ProcessingJob):
    """Defines a state that analyses a dataset or a model's predictions with SageMaker Clarify.

    ::

        bias = ml.ClarifyJob(
            self, "Bias",
            dataset=preprocess.output("train"),
            analysis={
                "dataset_type": "text/csv", "headers": ["age", "income"], "label": "income",
                "facet": [{"name_or_index": "age", "value_or_threshold": [40]}],
                "label_values_or_threshold": [1],
                "methods": {"pre_training_bias": {"methods": "all"}, "report": {"name": "report", "title": "Bias"}},
            },
        )

    Where the analysis names a model (``predictor.model_name``), Clarify serves it while it runs: its endpoints get a name
    of the job's own, and its role is allowed to make those only.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        dataset: S3Data | ProcessingInput,
        analysis: Mapping[str, Any] | S3Data,
        image: ContainerImage | None = None,
        inputs: Inputs | None = None,
        output: S3Data | None = None,
        **props: Unpack[JobProps],
    ) -> None:
        """Define the job.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            dataset: The data that is analysed.
            analysis: The analysis configuration, which becomes a file; or where such a file is, for what a run decides.
            image: The image that it runs in. Default: Clarify's.
            inputs: Further data, such as a facet dataset, by name.
            output: Where the result goes. Default: a place that only the running execution writes to.
            props: The props of processing and training jobs: :class:`~constructs_ml.props.JobProps`.

        Raises:
            InvalidPropsError: If anything is wrong; it lists all of it.
        """
        context = context_of(scope)
        faults = Faults(context.path_of(construct_id))
        given: dict[str, Any] = dict(inputs or {})
        for name in (CONFIG_INPUT, DATASET_INPUT):
            if name in given:
                faults.add("inputs", f"must not be named {name!r}", "pass analysis= and dataset=")
        statements: list[Statement] = []
        config = analysis if isinstance(analysis, S3Data) else None
        if not isinstance(analysis, S3Data):
            complete = _checked(analysis, context, construct_id, faults)
            if not faults.found:
                config = named_json(context, "analysis_config.json", complete)
                statements += _predictor_statements(complete.get("predictor") or {}, context.of_stack.place)
        data = dataset.source if isinstance(dataset, ProcessingInput) else dataset
        given[DATASET_INPUT] = ProcessingInput(source=data, local_path=DATA_FOLDER)
        if isinstance(dataset, ProcessingInput):
            given[DATASET_INPUT] = dataset
        if config is not None:
            given[CONFIG_INPUT] = ProcessingInput(source=config, local_path=CONFIG_FOLDER)
        faults.raise_if_any()
        super().__init__(
            scope,
            construct_id,
            image=image or ContainerImage.framework("clarify", "1.0"),
            inputs=given,
            outputs={RESULT: ProcessingOutput(destination=output, local_path=OUTPUT_FOLDER)},
            **props,
        )
        allow(scope, props.get("role"), other=statements)

    @property
    def analysis(self) -> S3Data:
        """The ``analysis.json`` that it writes, for the states after it."""
        return below(self.output(RESULT), "analysis.json")


def _checked(analysis: Mapping[str, Any], context: ScopeContext, construct_id: str, faults: Faults) -> dict[str, Any]:
    """The configuration, with a name for the endpoints that Clarify makes."""
    for path in known_later(dict(analysis)):
        fix = "write the file in a state before, and pass its place as analysis="
        faults.add(f"analysis.{path}", "is known only later, and the configuration is a file", fix)
    methods = analysis.get("methods")
    if not isinstance(methods, dict) or not methods:
        faults.add(
            "analysis.methods", f"must name at least one method, got {methods!r}", f"methods: {', '.join(METHODS)}"
        )
    for name in methods if isinstance(methods, dict) else ():
        if name not in METHODS:
            faults.add(f"analysis.methods.{name}", "is not a method of Clarify's", f"methods: {', '.join(METHODS)}")
    predictor = analysis.get("predictor")
    if not isinstance(predictor, dict):
        return dict(analysis)
    if ("model_name" in predictor) == ("endpoint_name" in predictor):
        fix = "pass one of them"
        faults.add("analysis.predictor", "must have model_name or endpoint_name, and only one of them", fix)
    if "model_name" in predictor and "endpoint_name_prefix" not in predictor:
        prefix = job_prefix(context.of_stack.owner, context.path_below_stack(construct_id))[:PREFIX_LENGTH].rstrip("-")
        predictor = {**predictor, "endpoint_name_prefix": prefix}
    return {**analysis, "predictor": predictor}


def _predictor_statements(predictor: Mapping[str, Any], place: Place) -> Iterator[Statement]:
    """Yield the statements for asking a model for predictions."""
    if "endpoint_name" in predictor:
        endpoint = place.arn("sagemaker", f"endpoint/{str(predictor['endpoint_name']).lower()}")
        yield Statement(("sagemaker:DescribeEndpoint", "sagemaker:InvokeEndpoint"), (endpoint,))
        # Which configuration an endpoint has is known only when it is described.
        configs = place.arn("sagemaker", "endpoint-config/*")
        yield Statement(("sagemaker:DescribeEndpointConfig",), (configs,))
    if "model_name" in predictor:
        prefix = str(predictor["endpoint_name_prefix"])
        names = list(dict.fromkeys((prefix, prefix.lower())))
        for kind, word, more in (
            ("endpoint", "Endpoint", "sagemaker:InvokeEndpoint"),
            # Making an endpoint takes its configuration too.
            ("endpoint-config", "EndpointConfig", "sagemaker:CreateEndpoint"),
        ):
            arns = tuple(place.arn("sagemaker", f"{kind}/{name}*") for name in names)
            actions = (f"sagemaker:{verb}{word}" for verb in ("Create", "Delete", "Describe"))
            yield Statement(("sagemaker:AddTags", *actions, more), arns)
        model = str(predictor["model_name"])
        models = tuple(place.arn("sagemaker", f"model/{name}") for name in dict.fromkeys((model, model.lower())))
        yield Statement(("sagemaker:DescribeModel",), models)
