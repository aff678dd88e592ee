"""The objects of the SageMaker SDK that become jobs, their methods, and what is used instead of others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.dynamic import is_dynamic
from constructs_ml.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

_OF_METHOD = {
    "run": ("a processor", ("Processor",)),
    "transform": ("a transformer", ("Transformer",)),
    "train": ("a model trainer", ("ModelTrainer",)),
    "fit": ("an estimator", ("EstimatorBase",)),
    "tune": ("a tuner", ("HyperparameterTuner",)),
}
"""The objects by the method that would start a job, with the classes of the SDK's that they are of."""
_INSTEAD = {
    "BaseTrainer": "define a TrainingJob with serverless=ml.training.ServerlessTraining(...)",
    "BaseEvaluator": "define a TrainingJob with serverless=ml.training.ServerlessTraining(...)",
    "EstimatorBase": "call TrainingJob.from_estimator",
    "HyperparameterTuner": "call TuningJob.from_tuner",
    "Model": "define a CreateModel",
    "ModelBuilder": "define a CreateModel",
    "ModelTrainer": "call TrainingJob.from_model_trainer",
    "Pipeline": "define a PipelineExecution",
    "Predictor": "define a DeployEndpoint",
    "Processor": "call ProcessingJob.from_processor",
    "Transformer": "call TransformJob.from_transformer",
}
"""The way to use an object of another class."""
_WITHOUT_A_JOB = ("dry_run",)


def faults_of(thing: Any, methods: tuple[str, ...], run: Mapping[str, Any]) -> Iterator[Fault]:  # noqa: ANN401 - any object
    """Yield what keeps an object from becoming a job.

    Args:
        thing: The object.
        methods: The methods that would start a job of the wanted kind, in the SDK's versions.
        run: The arguments of such a method.
    """
    names = [base.__name__ for base in type(thing).__mro__]
    wanted = [_OF_METHOD[method] for method in methods]
    if not any(name in classes for name in names for _, classes in wanted):
        kinds = " or ".join(kind for kind, _ in wanted)
        fix = next((_INSTEAD[name] for name in names if name in _INSTEAD), "")
        yield Fault("the object", f"must be {kinds} of the SageMaker SDK, got {type(thing).__name__}", fix)
        return
    mode = getattr(getattr(thing, "training_mode", None), "name", None)
    if mode not in {None, "SAGEMAKER_TRAINING_JOB"}:
        yield Fault("training_mode", f"must be SAGEMAKER_TRAINING_JOB, got {mode}", "leave it out")
    if any(getattr(thing, name, None) for name in ("_temp_recipe_train_dir", "_is_nova_recipe", "_is_llmft_recipe")):
        fix = "define a TrainingJob with the image and the hyperparameters of the recipe"
        yield Fault("training_recipe", "is not supported: the SDK fetches recipes when the object is made", fix)
    # The SDK makes lists of their letters.
    listed = {"entrypoint": getattr(thing, "entrypoint", None), "command": getattr(thing, "command", None)}
    if not isinstance(run, Mapping):
        yield Fault(
            "run", f"must be a mapping of the method's arguments, got {type(run).__name__}", "pass {'inputs': [...]}"
        )
        run = {}
    for name, value in {**listed, "run['arguments']": run.get("arguments")}.items():
        if isinstance(value, str) and not is_dynamic(value):
            yield Fault(name, f"must be a list of strings, got the string {value!r}", f"pass {value.split()}")
    for name in _WITHOUT_A_JOB:
        if run.get(name):
            yield Fault(f"run[{name!r}]", "makes no job", "leave it out")
