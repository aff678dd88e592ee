"""What a signature is for: a caller does what it signed, as who it is, and nothing else."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from raw_requests import Raw, Sent, query, target
from test_strangers import own_key

from constructs_ml.local import LocalAws
from constructs_ml.local.aws.credentials import Credentials

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.local
_TRUST = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole"}


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with LocalAws() as found:
        s3 = found.client("s3")
        s3.create_bucket(Bucket="bucket-one")
        s3.put_object(Bucket="bucket-one", Key="open", Body=b"open")
        s3.put_object(Bucket="bucket-one", Key="secret", Body=b"secret content")
        yield found


def _role(
    aws: LocalAws, name: str, *statements: dict[str, Any], path: str = "/", trust: dict[str, Any] | None = None
) -> str:
    iam = aws.client("iam")
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust or _TRUST]})
    arn = iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    if statements:
        policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy)
    return str(arn)


def _allow(*actions: str, resource: str = "*", effect: str = "Allow") -> dict[str, Any]:
    return {"Effect": effect, "Action": list(actions), "Resource": resource}


def _keys(aws: LocalAws, role: str) -> Credentials:
    answer = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="test")
    return Credentials.from_response(answer["Credentials"])


def _changed(sent: Sent, *, body: bytes | None = None, suffix: str = "", **headers: str) -> Sent:
    raw = sent.raw if body is None else replace(sent.raw, body=body)
    return replace(sent, raw=raw, target=f"{sent.target}{suffix}", headers={**sent.headers, **headers})


def test_a_presigned_url_of_s3_is_for_its_object_only(aws: LocalAws) -> None:
    url = Raw("s3", "GET", "/bucket-one/open").to(aws.endpoint_url).presigned(own_key(aws))
    assert url.send()[2] == b"open"
    job = json.dumps({"ProcessingJobName": "x"}).encode()
    for changed in (
        _changed(url, body=job, **{"X-Amz-Target": "SageMaker.CreateProcessingJob"}),
        _changed(url, **{"X-Amz-Target": "AWSStepFunctions.ListStateMachines"}),
        _changed(url, **{"X-Amz-Copy-Source": "/bucket-one/secret"}),
        _changed(url, suffix="&Action=ListUsers&Version=2010-05-08"),
    ):
        assert changed.send()[0] in {400, 403}
    put = Raw("s3", "PUT", "/bucket-one/put", body=b"put").to(aws.endpoint_url).presigned(own_key(aws))
    copied = _changed(put, **{"X-Amz-Copy-Source": "/bucket-one/secret"})
    assert copied.send()[0] == 403
    assert put.send()[0] == 200


def test_a_presigned_url_in_the_oldest_form_is_for_s3_only(aws: LocalAws) -> None:
    s3 = aws.client("s3", config=Config(signature_version="s3"))
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "bucket-one", "Key": "open"})
    raw = Raw("s3", "GET", "/bucket-one/open").to(aws.endpoint_url)
    sent = replace(raw, target=url.removeprefix(aws.endpoint_url))
    assert sent.send()[2] == b"open"
    for suffix in ("&Action=CreateUser&UserName=evil&Version=2010-05-08", "&Action=GetSessionToken&Version=2011-06-15"):
        status, _, body = _changed(sent, suffix=suffix).send()
        assert status in {400, 403} or body == b"open"
    assert _changed(sent, **{"X-Amz-Target": "SageMaker.ListTags"}).send()[0] in {400, 403}
    assert [user["UserName"] for user in aws.client("iam").list_users()["Users"]] == []


def test_a_signature_is_for_one_service_and_one_body(aws: LocalAws) -> None:
    own = own_key(aws)
    identity = query("sts", "GetCallerIdentity", "2011-06-15").to(aws.endpoint_url)
    empty = hashlib.sha256(b"").hexdigest()
    signed = identity.signed(own)
    assert signed.send()[0] == 200
    # Other bodies, declared as what was signed, or as not signed at all.
    body = json.dumps({"ResourceArn": "arn:aws:sagemaker:us-east-1:111122223333:x/y"}).encode()
    for declared in (empty, "UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"):
        sent = target("sagemaker", "SageMaker.ListTags", "1.1").to(aws.endpoint_url)
        sent = sent.with_headers(**{"X-Amz-Content-Sha256": declared}).signed(own)
        assert _changed(sent, body=body).send()[0] in {400, 403}
    # Signed for one service, sent to another.
    for service, name in (("s3", "SageMaker.ListTags"), ("sts", "AWSStepFunctions.ListStateMachines")):
        other = replace(target(service, name, "1.1"), body=b"{}").to(aws.endpoint_url).signed(own)
        assert other.send()[0] in {400, 403}
    unsigned = _changed(signed, **{"X-Amz-Target": "SageMaker.ListTags"})
    assert unsigned.send()[0] in {400, 403}


def test_a_request_says_once_what_is_to_be_done(aws: LocalAws) -> None:
    """Permissions were read from the query, and the body was executed."""
    role = _role(aws, "reader", _allow("iam:GetRole"))
    raw = query("iam", "PutRolePolicy", "2010-05-08", RoleName="reader", PolicyName="evil", PolicyDocument="{}")
    twice = replace(raw, path="/?Action=GetRole&RoleName=reader").to(aws.endpoint_url).signed(_keys(aws, role))
    assert twice.send()[0] in {400, 403}
    assert aws.client("iam").list_role_policies(RoleName="reader")["PolicyNames"] == ["p"]


def test_an_authorization_without_a_date_that_is_verified_is_refused(aws: LocalAws) -> None:
    from botocore.auth import HmacV1Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials as Keys

    own = own_key(aws)
    request = AWSRequest(
        "GET", f"{aws.endpoint_url}/bucket-one/open", headers={"Date": "Tue, 01 Jan 2019 00:00:00 GMT"}
    )
    HmacV1Auth(Keys(own.access_key_id, own.secret_access_key, own.session_token)).add_auth(request)
    raw = Raw("s3", "GET", "/bucket-one/open").to(aws.endpoint_url)
    assert raw.with_headers(**dict(request.headers.items())).send()[0] == 403


@pytest.mark.parametrize("authorization", ["AWS4-FOO x", "AWS4-HMAC-SHA256 x", "AWS4-HMAC-SHA256 Credential=/x"])
def test_a_malformed_authorization_is_refused_before_the_body_is_read(aws: LocalAws, authorization: str) -> None:
    raw = Raw("s3", "GET", "/bucket-one/open").to(aws.endpoint_url)
    assert raw.with_headers(Authorization=authorization).send()[0] in {400, 403}


def test_a_role_is_named_with_its_path(aws: LocalAws) -> None:
    admin = _role(aws, "admin", _allow("*"))
    low = _role(aws, "low", _allow("sts:AssumeRole", resource="arn:aws:iam::111122223333:role/app/*"))
    client = aws.client_for_role(low, "sts")
    with pytest.raises(ClientError, match="AccessDenied"):
        client.assume_role(RoleArn=admin.replace("role/", "role/app/"), RoleSessionName="xx")
    passing = _role(aws, "passing", _allow("sagemaker:*"), _allow("iam:PassRole", resource="arn:aws:iam::*:role/app/*"))
    request = {
        "ModelName": "m",
        "ExecutionRoleArn": admin.replace("role/", "role/app/"),
        "PrimaryContainer": {"Image": "111122223333.dkr.ecr.us-east-1.amazonaws.com/x:1"},
    }
    with pytest.raises(ClientError, match="Could not assume role"):
        aws.client_for_role(passing, "sagemaker").create_model(**request)


def test_a_session_name_does_not_make_a_root(aws: LocalAws) -> None:
    nobody = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    target_role = _role(aws, "only-for-lambda", _allow("*"), trust=nobody)
    caller = _role(aws, "caller", _allow("sts:AssumeRole"))
    answer = aws.client("sts").assume_role(RoleArn=caller, RoleSessionName="test")
    for name in ("x:root", "root"):
        low = aws._running().client("sts", Credentials.from_response(answer["Credentials"]))
        try:
            again = low.assume_role(RoleArn=caller, RoleSessionName=name)["Credentials"]
        except ClientError:
            continue
        with pytest.raises(ClientError, match="AccessDenied"):
            aws._running().client("sts", Credentials.from_response(again)).assume_role(
                RoleArn=target_role, RoleSessionName="xx"
            )


def test_a_resource_is_named_in_its_own_region_and_account(aws: LocalAws) -> None:
    """A denial of an ARN could be got around by naming the resource with another region."""
    sagemaker = aws.client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="prod")
    container = {"Image": "111122223333.dkr.ecr.us-east-1.amazonaws.com/x:1"}
    specification = {"Containers": [container], "SupportedContentTypes": ["text/csv"], "SupportedResponseMIMETypes": []}
    arn = sagemaker.create_model_package(
        ModelPackageGroupName="prod",
        InferenceSpecification=specification,
        ModelApprovalStatus="PendingManualApproval",
    )["ModelPackageArn"]
    denied = _allow("sagemaker:UpdateModelPackage", resource=arn, effect="Deny")
    role = _role(aws, "approves", _allow("sagemaker:*"), denied)
    for named in (arn, arn.replace("us-east-1", "eu-west-1"), arn.replace("111122223333", "444455556666")):
        with pytest.raises(ClientError):
            aws.client_for_role(role, "sagemaker").update_model_package(
                ModelPackageArn=named, ModelApprovalStatus="Approved"
            )
    assert sagemaker.describe_model_package(ModelPackageName=arn)["ModelApprovalStatus"] == "PendingManualApproval"


def test_a_denial_of_another_partition_holds() -> None:
    with LocalAws(region="cn-north-1") as aws:
        denied = _allow("sagemaker:ListTags", resource="arn:aws-cn:sagemaker:*", effect="Deny")
        role = _role(aws, "denied", _allow("sagemaker:*"), denied)
        with pytest.raises(ClientError, match="AccessDenied"):
            aws.client_for_role(role, "sagemaker").list_tags(
                ResourceArn="arn:aws-cn:sagemaker:cn-north-1:111122223333:processing-job/x"
            )


def test_metrics_and_images_are_not_to_be_had_without_permission(aws: LocalAws) -> None:
    keys = _keys(aws, _role(aws, "nothing"))
    listed = Raw(
        "monitoring",
        "POST",
        "/service/GraniteServiceVersion20100801/operation/ListMetrics",
        headers={"smithy-protocol": "rpc-v2-cbor", "Content-Type": "application/cbor"},
        body=b"\xa0",
    )
    for raw in (listed, Raw("ecr", "GET", "/v2/_catalog"), Raw("s3", "GET", "/latest/meta-data/")):
        assert raw.to(aws.endpoint_url).signed(keys).send()[0] in {400, 403, 404}, raw.name
