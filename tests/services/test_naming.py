"""How Step Functions writes names, by what is published of it."""

from __future__ import annotations

import gzip
import json

import pytest
from support.each import each

from constructs_ml.services.catalogue import NAMED_OTHERWISE, UNSUPPORTED, meant_by, services
from constructs_ml.services.model import service
from constructs_ml.services.naming import action_of, error_of, service_of, spellings

MEMBERS = {
    # Of the page itself.
    "equals": ("EqualsValue",),
    "Equals": ("EqualsValue",),
    "stateMachineArn": ("StateMachineArn",),
    # Of definitions that run: RDS, DynamoDB, S3, EC2, IAM.
    "DBInstanceIdentifier": ("DbInstanceIdentifier",),
    "DBClusterIdentifier": ("DbClusterIdentifier",),
    "DBSnapshotIdentifier": ("DbSnapshotIdentifier",),
    "DBSubnetGroupName": ("DbSubnetGroupName",),
    "DBParameterGroupName": ("DbParameterGroupName",),
    "VpcSecurityGroupIds": ("VpcSecurityGroupIds",),
    "BOOL": ("Bool",),
    "NULL": ("Nul", "Null"),
    "SS": ("Ss",),
    "N": ("N",),
    "SSEKMSKeyId": ("SsekmsKeyId",),
    "SSECustomerKeyMD5": ("SseCustomerKeyMD5",),
    "ACL": ("Acl",),
    "MFA": ("Mfa",),
    "ContentMD5": ("ContentMD5",),
    "EnableIAMDatabaseAuthentication": ("EnableIAMDatabaseAuthentication",),
    "EC2SecurityGroupId": ("Ec2SecurityGroupId",),
    "IPv6CidrBlock": ("IPv6CidrBlock",),
    "InstanceIds": ("InstanceIds",),
    "x": ("X",),
    # Java's words, of which the page says nothing.
    "Default": ("Default", "DefaultValue"),
    "public": ("Public", "PublicValue"),
}
ERRORS = {
    "BucketAlreadyExists": "BucketAlreadyExistsException",
    "NoSuchKey": "NoSuchKeyException",
    "ResourceNotFoundException": "ResourceNotFoundException",
    "DBInstanceNotFoundFault": "DbInstanceNotFoundException",
    "DBInstanceNotFound": "DbInstanceNotFoundException",
    "NoSuchEntity": "NoSuchEntityException",
}


@pytest.mark.parametrize(("name", "written"), MEMBERS.items())
def test_members_are_written_as_published_definitions_have_them(name: str, written: tuple[str, ...]) -> None:
    assert spellings(name) == written


@pytest.mark.parametrize(("code", "written"), ERRORS.items())
def test_errors_end_in_exception(code: str, written: str) -> None:
    assert error_of(code) == written


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("CreateDBInstance", "createDBInstance"),
        ("ListObjectsV2", "listObjectsV2"),
        ("ListMFADevices", "listMFADevices"),
    ],
)
def test_actions_begin_with_a_small_letter(operation: str, action: str) -> None:
    assert action_of(operation) == action


def test_a_date_of_a_version_is_no_part_of_an_action() -> None:
    """As CloudFront's model has them."""
    assert action_of("CreateDistribution2020_05_31") == "createDistribution"
    cloudfront = service("cloudfront")
    assert cloudfront is not None
    assert "createDistribution" in cloudfront.actions


def test_services_are_called_by_their_ids() -> None:
    """The folders of botocore's data are the names without hyphens, but for those of the table."""
    wrong = {}
    for name, place in each(services().items()):
        files = each(sorted(place.glob("*/service-2.json.gz")))
        with gzip.open(files[-1]) as file:
            head = file.read(6000).decode("utf-8", "ignore")
        found = json.JSONDecoder().raw_decode(head[head.index('"serviceId"') + 12 :].lstrip())[0]
        if service_of(found) != name:
            wrong[name] = found
    assert wrong == {}
    assert set(NAMED_OTHERWISE) <= set(services())


PAGE = [
    "accessanalyzer",
    "acm",
    "acmpca",
    "amp",
    "apigateway",
    "apigatewayv2",
    "applicationautoscaling",
    "applicationdiscovery",
    "appsync",
    "athena",
    "autoscaling",
    "autoscalingplans",
    "backup",
    "batch",
    "bedrock",
    "bedrockagent",
    "bedrockruntime",
    "budgets",
    "chimesdkvoice",
    "cloudcontrol",
    "cloudformation",
    "cloudfront",
    "cloudtrail",
    "cloudwatch",
    "cloudwatchlogs",
    "codebuild",
    "codepipeline",
    "cognitoidentity",
    "cognitoidentityprovider",
    "comprehend",
    "config",
    "connect",
    "costandusagereport",
    "costexplorer",
    "databasemigration",
    "databrew",
    "datasync",
    "datazone",
    "directory",
    "directoryservicedata",
    "docdb",
    "dynamodb",
    "dynamodbstreams",
    "ebs",
    "ec2",
    "ec2instanceconnect",
    "ecr",
    "ecrpublic",
    "ecs",
    "efs",
    "eks",
    "elasticache",
    "elasticbeanstalk",
    "elasticloadbalancing",
    "elasticloadbalancingv2",
    "elasticsearch",
    "emr",
    "emrcontainers",
    "emrserverless",
    "eventbridge",
    "firehose",
    "fsx",
    "geomaps",
    "glacier",
    "glue",
    "guardduty",
    "iam",
    "imagebuilder",
    "inspector2",
    "iot",
    "iotjobsdataplane",
    "kafka",
    "kafkaconnect",
    "kinesis",
    "kinesisanalyticsv2",
    "kms",
    "lakeformation",
    "lambda",
    "lexmodelbuilding",
    "lexmodelsv2",
    "lexruntime",
    "lexruntimev2",
    "m2",
    "macie2",
    "marketplacemetering",
    "mediaconvert",
    "memorydb",
    "migrationhub",
    "mq",
    "mturk",
    "mwaa",
    "neptune",
    "networkfirewall",
    "opensearch",
    "opensearchserverless",
    "organizations",
    "osis",
    "personalize",
    "pinpoint",
    "pinpointsmsvoicev2",
    "pipes",
    "polly",
    "pricing",
    "quicksight",
    "ram",
    "rds",
    "rdsdata",
    "redshift",
    "redshiftdata",
    "redshiftserverless",
    "rekognition",
    "resourceexplorer2",
    "resourcegroupstaggingapi",
    "route53",
    "route53recoverycontrolconfig",
    "route53resolver",
    "s3",
    "s3control",
    "s3outposts",
    "s3tables",
    "sagemaker",
    "sagemakera2iruntime",
    "sagemakerfeaturestoreruntime",
    "sagemakergeospatial",
    "sagemakermetrics",
    "sagemakerruntime",
    "scheduler",
    "schemas",
    "secretsmanager",
    "securityhub",
    "serverlessapplicationrepository",
    "servicecatalog",
    "servicecatalogappregistry",
    "servicediscovery",
    "servicequotas",
    "ses",
    "sesv2",
    "sfn",
    "shield",
    "sns",
    "sqs",
    "ssm",
    "ssmcontacts",
    "ssmincidents",
    "ssmsap",
    "ssoadmin",
    "ssooidc",
    "storagegateway",
    "sts",
    "support",
    "swf",
    "synthetics",
    "textract",
    "timestreaminfluxdb",
    "timestreamquery",
    "timestreamwrite",
    "transcribe",
    "transfer",
    "translate",
    "verifiedpermissions",
    "vpclattice",
    "waf",
    "wafregional",
    "wafv2",
    "workspaces",
    "workspacesweb",
    "xray",
]


@pytest.mark.parametrize("name", PAGE)
def test_services_of_the_page_are_known(name: str) -> None:
    """A part of the list of "Supported AWS SDK service integrations", 2026."""
    assert name in services()


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("logs", "cloudwatchlogs"),
        ("events", "eventbridge"),
        ("stepfunctions", "sfn"),
        ("cognito-idp", "cognitoidentityprovider"),
        ("S3", "s3"),
        ("sagemaker-runtime", "sagemakerruntime"),
        ("secrets-manager", "secretsmanager"),
        ("nothing", ""),
    ],
)
def test_other_names_of_services_are_understood(name: str, meant: str) -> None:
    assert meant_by(name) == meant


def test_what_is_not_supported_is_an_action_of_its_service() -> None:
    """An action that the service has dropped since needs no row."""
    lacking = {}
    for name, actions in each(UNSUPPORTED.items()):
        found = service(name)
        assert found is not None
        lacking |= {name: actions - set(found.actions)} if actions - set(found.actions) else {}
    assert set(lacking) <= {"efs", "rdsdata", "shield", "comprehendmedical"}, lacking
