"""Of labeling jobs, pipelines, compilations, feature groups and load tests, and of tags."""

from __future__ import annotations

from constructs_ml.sagemaker.relations.conditions import Ends, Is
from constructs_ml.sagemaker.relations.lists import Distinct, Named
from constructs_ml.sagemaker.relations.presence import OneOf
from constructs_ml.sagemaker.relations.relation import ANY, Relation
from constructs_ml.sagemaker.relations.values import Compared, Ending

_LABELING: tuple[Relation, ...] = (
    Relation(
        name="a labeling job has data",
        of=("LabelingJobDataSource",),
        must=OneOf(("S3DataSource", "SnsDataSource"), most=2),
        source="LabelingJobDataSource of the API",
    ),
    Relation(
        name="a labeling job has one template",
        of=("UiConfig",),
        must=OneOf(("HumanTaskUiArn", "UiTemplateS3Uri")),
        source="UiConfig of the API",
    ),
    Relation(
        name="labels are no metadata",
        of=("CreateLabelingJob",),
        must=Ending("LabelAttributeName", ("-metadata",), wanted=False),
        source="LabelAttributeName of CreateLabelingJob of the API",
    ),
    Relation(
        name="the public's tasks are there for 12 hours at most",
        of=("HumanTaskConfig",),
        must=Compared(
            "TaskAvailabilityLifetimeInSeconds",
            "at most",
            43_200,
            when=(Ends("WorkteamArn", ":workteam/public-crowd/default"),),
        ),
        source="TaskAvailabilityLifetimeInSeconds of HumanTaskConfig of the API",
    ),
)

_OTHERS: tuple[Relation, ...] = (
    Relation(
        name="tags have keys of their own",
        topic="tags",
        of=(ANY,),
        must=Distinct(("Tags[].Key",)),
        source="Tag of the API",
    ),
    Relation(
        name="a parameter of a pipeline has one value",
        of=("StartPipelineExecution",),
        must=Distinct(("PipelineParameters[].Name",)),
        source="Parameter of the API: it assigns a value to the pipeline's parameter of its name",
    ),
    Relation(
        name="a compilation has one target",
        of=("OutputConfig",),
        must=OneOf(("TargetDevice", "TargetPlatform")),
        source="OutputConfig of the API",
    ),
    Relation(
        name="a compilation has one source",
        of=("CreateCompilationJob",),
        must=OneOf(("ModelPackageVersionArn", "InputConfig")),
        source="CreateCompilationJob of the API",
    ),
    Relation(
        name="features have names of their own",
        of=("CreateFeatureGroup",),
        must=Distinct(("FeatureDefinitions[].FeatureName",)),
        source="FeatureDefinition of the API: a feature is identified by its name",
    ),
    Relation(
        name="records are identified by a feature",
        of=("CreateFeatureGroup",),
        must=Named("RecordIdentifierFeatureName", ("FeatureDefinitions[].FeatureName",)),
        source="CreateFeatureGroup of the API",
    ),
    Relation(
        name="records are dated by a feature",
        of=("CreateFeatureGroup",),
        must=Named("EventTimeFeatureName", ("FeatureDefinitions[].FeatureName",)),
        source="CreateFeatureGroup of the API",
    ),
)

_LOAD_TESTS: tuple[Relation, ...] = (
    Relation(
        name="a recommendation takes 5 hours at most",
        of=("RecommendationJobInputConfig",),
        must=Compared("JobDurationInSeconds", "at most", 18_000),
        source="JobDurationInSeconds of RecommendationJobInputConfig of the API",
    ),
    Relation(
        name="a phase of traffic ends with its job",
        of=("RecommendationJobInputConfig",),
        each="TrafficPattern.Phases",
        must=Compared("DurationInSeconds", "at most", "^JobDurationInSeconds"),
        source="DurationInSeconds of Phase of the API",
    ),
    *(
        Relation(
            name=f"a phase of a load test takes {bound}",
            of=("CreateInferenceRecommendationsJob",),
            each="InputConfig.TrafficPattern.Phases",
            must=Compared("DurationInSeconds", how, limit, when=(Is("^JobType", ("Advanced",)),)),
            source="DurationInSeconds of Phase of the API",
        )
        for bound, how, limit in (("2 minutes at least", "at least", 120), ("an hour at most", "at most", 3600))
    ),
    Relation(
        name="a phase of traffic begins with 3 users at most",
        of=("Phase",),
        must=Compared("InitialNumberOfUsers", "at most", 3),
        source="InitialNumberOfUsers of Phase of the API",
    ),
)

ROWS = (*_LABELING, *_OTHERS, *_LOAD_TESTS)
