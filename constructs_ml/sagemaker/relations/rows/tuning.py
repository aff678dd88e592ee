"""Of tuning jobs: their ranges, strategies and definitions."""

from __future__ import annotations

from constructs_ml.sagemaker.relations.conditions import Given, Is
from constructs_ml.sagemaker.relations.lists import Apart, Distinct, Named
from constructs_ml.sagemaker.relations.presence import Forbidden, OneOf
from constructs_ml.sagemaker.relations.relation import Relation
from constructs_ml.sagemaker.relations.values import Compared, Values

_HYPERBAND = "StrategyConfig.HyperbandStrategyConfig"
_RANGES = ("IntegerParameterRanges", "ContinuousParameterRanges", "CategoricalParameterRanges")

ROWS: tuple[Relation, ...] = (
    Relation(
        name="a tuning job has one definition or several",
        of=("CreateHyperParameterTuningJob",),
        must=OneOf(("TrainingJobDefinition", "TrainingJobDefinitions")),
        source="CreateHyperParameterTuningJob of the API; the SageMaker Python SDK refuses both and none",
    ),
    Relation(
        name="no more trials at once than there are",
        of=("ResourceLimits",),
        must=Compared("MaxParallelTrainingJobs", "at most", "MaxNumberOfTrainingJobs"),
        source="ResourceLimits of the API",
    ),
    Relation(
        name="a range starts below its end",
        of=("ContinuousParameterRange", "IntegerParameterRange"),
        must=Compared("MinValue", "at most", "MaxValue"),
        source="ContinuousParameterRange and IntegerParameterRange of the API",
        fix="swap them",
    ),
    Relation(
        name="a logarithmic range is above 0",
        of=("ContinuousParameterRange", "IntegerParameterRange"),
        must=Compared("MinValue", "above", 0, when=(Is("ScalingType", ("Logarithmic",)),)),
        source="ContinuousParameterRange and IntegerParameterRange of the API",
    ),
    Relation(
        name="a reverse logarithmic range starts at 0 at least",
        of=("ContinuousParameterRange",),
        must=Compared("MinValue", "at least", 0, when=(Is("ScalingType", ("ReverseLogarithmic",)),)),
        source="ContinuousParameterRange of the API",
    ),
    Relation(
        name="a reverse logarithmic range ends below 1",
        of=("ContinuousParameterRange",),
        must=Compared("MaxValue", "below", 1, when=(Is("ScalingType", ("ReverseLogarithmic",)),)),
        source="ContinuousParameterRange of the API",
    ),
    Relation(
        name="whole numbers are not scaled in reverse",
        of=("IntegerParameterRange",),
        must=Values(("ScalingType",), ("Auto", "Linear", "Logarithmic")),
        source="'Define Hyperparameter Ranges' of the developer guide",
    ),
    Relation(
        name="a grid is of categories",
        of=("HyperParameterTuningJobConfig",),
        must=Forbidden(
            ("ParameterRanges.IntegerParameterRanges", "ParameterRanges.ContinuousParameterRanges"),
            when=(Is("Strategy", ("Grid",)),),
        ),
        source="'Define Hyperparameter Ranges' of the developer guide",
        fix="write a categorical range, or another strategy",
    ),
    Relation(
        name="a grid of definitions is of categories",
        of=("CreateHyperParameterTuningJob",),
        must=Forbidden(
            tuple(
                f"{definition}.HyperParameterRanges.{kind}"
                for definition in ("TrainingJobDefinition", "TrainingJobDefinitions[]")
                for kind in _RANGES[:2]
            ),
            when=(Is("HyperParameterTuningJobConfig.Strategy", ("Grid",)),),
        ),
        source="'Define Hyperparameter Ranges' of the developer guide",
        fix="write a categorical range, or another strategy",
    ),
    Relation(
        name="the settings of Hyperband are for Hyperband",
        topic="hyperband",
        of=("HyperParameterTuningJobConfig",),
        must=Forbidden((_HYPERBAND,), when=(Is("Strategy", ("Bayesian", "Random", "Grid")),)),
        source="HyperParameterTuningJobStrategyConfig of the API",
        fix="leave it out, or write Strategy 'Hyperband'",
    ),
    Relation(
        name="Hyperband stops trials itself",
        of=("HyperParameterTuningJobConfig",),
        must=Values(("TrainingJobEarlyStoppingType",), ("Off",), when=(Is("Strategy", ("Hyperband",)),)),
        source="HyperParameterTuningJobConfig of the API",
        fix="leave it out",
    ),
    Relation(
        name="Hyperband's least resource is below its most",
        of=("HyperbandStrategyConfig",),
        must=Compared("MinResource", "at most", "MaxResource"),
        source="HyperbandStrategyConfig of the API",
    ),
    Relation(
        name="Hyperband's most resource is 20,000",
        of=("HyperbandStrategyConfig",),
        must=Compared("MaxResource", "at most", 20_000),
        source="HyperbandStrategyConfig of the API",
    ),
    Relation(
        name="a hyperparameter has one range",
        of=("ParameterRanges",),
        must=Distinct(tuple(f"{kind}[].Name" for kind in _RANGES)),
        source="ParameterRanges of the API: a range is of the hyperparameter of its name",
    ),
    Relation(
        name="a hyperparameter of a definition is searched or fixed",
        of=("HyperParameterTrainingJobDefinition",),
        must=Apart("StaticHyperParameters", tuple(f"HyperParameterRanges.{kind}[].Name" for kind in _RANGES)),
        source="StaticHyperParameters of HyperParameterTrainingJobDefinition of the API: those that do not change",
        fix="leave it out of one of them",
    ),
    Relation(
        name="a hyperparameter is searched or fixed",
        of=("CreateHyperParameterTuningJob",),
        must=Apart(
            "TrainingJobDefinition.StaticHyperParameters",
            tuple(f"HyperParameterTuningJobConfig.ParameterRanges.{kind}[].Name" for kind in _RANGES),
        ),
        source="StaticHyperParameters of HyperParameterTrainingJobDefinition of the API: those that do not change",
        fix="leave it out of one of them",
    ),
    Relation(
        name="definitions have names of their own",
        of=("CreateHyperParameterTuningJob",),
        must=Distinct(("TrainingJobDefinitions[].DefinitionName",)),
        source="DefinitionName of HyperParameterTrainingJobDefinition of the API",
    ),
    Relation(
        name="trials have resources of one kind",
        of=("HyperParameterTrainingJobDefinition",),
        must=OneOf(("ResourceConfig", "HyperParameterTuningResourceConfig"), least=0),
        source="ResourceConfig of HyperParameterTrainingJobDefinition of the API",
    ),
    Relation(
        name="the objective is a metric that there is",
        of=("CreateHyperParameterTuningJob",),
        must=Named(
            "HyperParameterTuningJobConfig.HyperParameterTuningJobObjective.MetricName",
            ("TrainingJobDefinition.AlgorithmSpecification.MetricDefinitions[].Name",),
            when=(
                Given("TrainingJobDefinition.AlgorithmSpecification.MetricDefinitions"),
                Given("TrainingJobDefinition.AlgorithmSpecification.TrainingImage"),
            ),
        ),
        source="MetricDefinition of the API",
    ),
    Relation(
        name="the objective of a definition is a metric that there is",
        of=("HyperParameterTrainingJobDefinition",),
        must=Named(
            "TuningObjective.MetricName",
            ("AlgorithmSpecification.MetricDefinitions[].Name",),
            when=(
                Given("AlgorithmSpecification.MetricDefinitions"),
                Given("AlgorithmSpecification.TrainingImage"),
            ),
        ),
        source="MetricDefinition of the API",
    ),
)
