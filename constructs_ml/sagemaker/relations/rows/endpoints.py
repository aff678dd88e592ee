"""Of endpoints: their variants and how they are rolled out."""

from __future__ import annotations

from constructs_ml.sagemaker.relations.conditions import Given, Is
from constructs_ml.sagemaker.relations.lists import Distinct, Length
from constructs_ml.sagemaker.relations.presence import Forbidden, OneOf, Required
from constructs_ml.sagemaker.relations.relation import Relation
from constructs_ml.sagemaker.relations.values import Compared, Values

_PERCENT = "CAPACITY_PERCENT"

ROWS: tuple[Relation, ...] = (
    Relation(
        name="variants have names of their own",
        of=("CreateEndpointConfig",),
        must=Distinct(("ProductionVariants[].VariantName", "ShadowProductionVariants[].VariantName")),
        source="ProductionVariant of the API",
    ),
    Relation(
        name="a serverless variant has no instances",
        of=("ProductionVariant",),
        must=Forbidden(("InstanceType", "InitialInstanceCount"), when=(Given("ServerlessConfig"),)),
        source="ServerlessConfig of ProductionVariant of the API",
        fix="leave one of them out",
    ),
    Relation(
        name="serverless memory comes in steps",
        of=("ProductionVariantServerlessConfig",),
        must=Values(("MemorySizeInMB",), (1024, 2048, 3072, 4096, 5120, 6144)),
        source="ProductionVariantServerlessConfig of the API",
    ),
    Relation(
        name="no more is provisioned than runs",
        of=("ProductionVariantServerlessConfig", "ProductionVariantServerlessUpdateConfig"),
        must=Compared("ProvisionedConcurrency", "at most", "MaxConcurrency"),
        source="ProductionVariantServerlessConfig and ProductionVariantServerlessUpdateConfig of the API",
    ),
    Relation(
        name="a serverless endpoint has one variant",
        of=("CreateEndpointConfig",),
        must=Length("ProductionVariants", 1, when=(Given("ProductionVariants[].ServerlessConfig"),)),
        source="'Deploy models with Amazon SageMaker Serverless Inference' of the developer guide, Feature exclusions",
    ),
    Relation(
        name="a serverless endpoint captures no data",
        of=("CreateEndpointConfig",),
        must=Values(
            ("DataCaptureConfig.EnableCapture",),
            (False,),
            default=True,
            when=(Given("ProductionVariants[].ServerlessConfig"), Given("DataCaptureConfig")),
        ),
        source="'Deploy models with Amazon SageMaker Serverless Inference' of the developer guide, Feature exclusions",
        fix="leave DataCaptureConfig out",
    ),
    Relation(
        name="one variant has a shadow",
        of=("CreateEndpointConfig",),
        must=Length("ProductionVariants", 1, when=(Given("ShadowProductionVariants"),)),
        source="ShadowProductionVariants of CreateEndpointConfig of the API",
    ),
    Relation(
        name="a variant has one shadow",
        of=("CreateEndpointConfig",),
        must=Length("ShadowProductionVariants", 1),
        source="ShadowProductionVariants of CreateEndpointConfig of the API",
    ),
    Relation(
        name="the fewest instances are no more than the most",
        of=("ProductionVariantManagedInstanceScaling",),
        must=Compared("MinInstanceCount", "at most", "MaxInstanceCount"),
        source="ProductionVariantManagedInstanceScaling of the API",
    ),
    Relation(
        name="routing by prefixes says how",
        of=("ProductionVariantRoutingConfig",),
        must=Required(
            ("PrefixAwareRoutingConfig.PrefixLength", "PrefixAwareRoutingConfig.ConcurrencyThreshold"),
            when=(Is("RoutingStrategy", ("PREFIX_AWARE",)),),
        ),
        source="PrefixAwareRoutingConfig of the API",
    ),
    Relation(
        name="only routing by prefixes has prefixes",
        of=("ProductionVariantRoutingConfig",),
        must=Forbidden(
            ("PrefixAwareRoutingConfig",), when=(Is("RoutingStrategy", ("LEAST_OUTSTANDING_REQUESTS", "RANDOM")),)
        ),
        source="ProductionVariantRoutingConfig of the API",
        fix="leave it out",
    ),
    Relation(
        name="a baseline is written or in S3",
        of=("ClarifyShapBaselineConfig",),
        must=OneOf(("ShapBaseline", "ShapBaselineUri")),
        source="ClarifyShapBaselineConfig of the API",
    ),
    Relation(
        name="a deployment has one policy",
        of=("DeploymentConfig",),
        must=OneOf(("BlueGreenUpdatePolicy", "RollingUpdatePolicy"), least=0),
        source="BlueGreenUpdatePolicy of the API",
    ),
    Relation(
        name="a canary has a size",
        of=("TrafficRoutingConfig",),
        must=Required(("CanarySize",), when=(Is("Type", ("CANARY",)),)),
        source="'Use canary traffic shifting' of the developer guide",
    ),
    Relation(
        name="linear steps have a size",
        of=("TrafficRoutingConfig",),
        must=Required(("LinearStepSize",), when=(Is("Type", ("LINEAR",)),)),
        source="'Use linear traffic shifting' of the developer guide",
    ),
    Relation(
        name="a canary is at most half",
        of=("TrafficRoutingConfig",),
        must=Compared("CanarySize.Value", "at most", 50, when=(Is("CanarySize.Type", (_PERCENT,)),)),
        source="TrafficRoutingConfig of the API",
    ),
    Relation(
        name="a linear step is at most half",
        of=("TrafficRoutingConfig",),
        must=Compared("LinearStepSize.Value", "at most", 50, when=(Is("LinearStepSize.Type", (_PERCENT,)),)),
        source="TrafficRoutingConfig of the API",
    ),
    Relation(
        name="a linear step is at least a tenth",
        of=("TrafficRoutingConfig",),
        must=Compared("LinearStepSize.Value", "at least", 10, when=(Is("LinearStepSize.Type", (_PERCENT,)),)),
        source="TrafficRoutingConfig of the API",
    ),
    Relation(
        name="a rolling batch is at most half",
        of=("RollingUpdatePolicy",),
        must=Compared("MaximumBatchSize.Value", "at most", 50, when=(Is("MaximumBatchSize.Type", (_PERCENT,)),)),
        source="RollingUpdatePolicy of the API",
    ),
    Relation(
        name="a rolling batch is at least a twentieth",
        of=("RollingUpdatePolicy",),
        must=Compared("MaximumBatchSize.Value", "at least", 5, when=(Is("MaximumBatchSize.Type", (_PERCENT,)),)),
        source="RollingUpdatePolicy of the API",
    ),
    Relation(
        name="a rollback puts back at most all",
        of=("RollingUpdatePolicy",),
        must=Compared(
            "RollbackMaximumBatchSize.Value", "at most", 100, when=(Is("RollbackMaximumBatchSize.Type", (_PERCENT,)),)
        ),
        source="CapacitySize of the API",
    ),
    *(
        Relation(
            name=f"a rolling batch of copies is {bound}",
            of=("InferenceComponentRollingUpdatePolicy",),
            must=Compared("MaximumBatchSize.Value", how, limit, when=(Is("MaximumBatchSize.Type", (_PERCENT,)),)),
            source="InferenceComponentRollingUpdatePolicy of the API",
        )
        for bound, how, limit in (("at most half", "at most", 50), ("at least a twentieth", "at least", 5))
    ),
    Relation(
        name="a deployment has time for what it waits for",
        of=("BlueGreenUpdatePolicy",),
        must=Compared(
            "TerminationWaitInSeconds",
            "below",
            "MaximumExecutionTimeoutInSeconds",
            plus="TrafficRoutingConfiguration.WaitIntervalInSeconds",
        ),
        source="BlueGreenUpdatePolicy of the API",
        certain=False,
    ),
    Relation(
        name="only what is retained can be excluded",
        of=("UpdateEndpoint",),
        must=Values(
            ("RetainAllVariantProperties",), (True,), default=False, when=(Given("ExcludeRetainedVariantProperties"),)
        ),
        source="UpdateEndpoint of the API",
        certain=False,
    ),
    Relation(
        name="a component has one specification or several",
        of=("CreateInferenceComponent",),
        must=OneOf(("Specification", "Specifications"), least=0),
        source="CreateInferenceComponent of the API",
    ),
)
