"""Of model packages."""

from __future__ import annotations

from constructs_ml.sagemaker.relations.conditions import Given
from constructs_ml.sagemaker.relations.lists import Distinct
from constructs_ml.sagemaker.relations.presence import Forbidden, OneOf, Required
from constructs_ml.sagemaker.relations.relation import Relation
from constructs_ml.sagemaker.relations.values import Values

ROWS: tuple[Relation, ...] = (
    Relation(
        name="a package has a name or a group",
        of=("CreateModelPackage",),
        must=OneOf(("ModelPackageName", "ModelPackageGroupName")),
        source="CreateModelPackage of the API",
    ),
    Relation(
        name="a version has the tags of its group",
        of=("CreateModelPackage",),
        must=Forbidden(("Tags",), when=(Given("ModelPackageGroupName"),)),
        source="Tags of CreateModelPackage of the API",
        fix="tag the group",
    ),
    Relation(
        name="only versions are approved",
        of=("CreateModelPackage",),
        must=Forbidden(("ModelApprovalStatus",), when=(Given("ModelPackageName"),)),
        source="ModelApprovalStatus of CreateModelPackage of the API",
        fix="leave it out",
        certain=False,
    ),
    Relation(
        name="versions are not certified",
        of=("CreateModelPackage",),
        must=Values(("CertifyForMarketplace",), (False,), when=(Given("ModelPackageGroupName"),)),
        source="CertifyForMarketplace of CreateModelPackage of the API",
        fix="leave it out",
        certain=False,
    ),
    Relation(
        name="a package without versions says where it runs",
        of=("CreateModelPackage",),
        must=Required(
            (
                "InferenceSpecification.SupportedTransformInstanceTypes",
                "InferenceSpecification.SupportedRealtimeInferenceInstanceTypes",
            ),
            when=(Given("ModelPackageName"), Given("InferenceSpecification")),
        ),
        source="InferenceSpecification of the API",
    ),
    Relation(
        name="a package without versions has no source",
        of=("CreateModelPackage",),
        must=Forbidden(("SourceUri",), when=(Given("ModelPackageName"),)),
        source="pull request 4492 of aws/sagemaker-python-sdk",
        fix="leave it out",
    ),
    Relation(
        name="a package without versions has archives",
        of=("CreateModelPackage",),
        must=Forbidden(("InferenceSpecification.Containers[].ModelDataSource",), when=(Given("ModelPackageName"),)),
        source="pull request 4492 of aws/sagemaker-python-sdk",
        fix="write ModelDataUrl",
    ),
    Relation(
        name="additional specifications have names of their own",
        of=("CreateModelPackage",),
        must=Distinct(("AdditionalInferenceSpecifications[].Name",)),
        source="AdditionalInferenceSpecificationDefinition of the API",
    ),
)
