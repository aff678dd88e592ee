"""Requests as a stranger makes them: signed with any key, or none, with any Host and Origin."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from botocore.auth import S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as Keys

if TYPE_CHECKING:
    from constructs_ml.local.aws.credentials import Credentials

REGION = "us-east-1"


@dataclass(frozen=True)
class Raw:
    """One request to a service."""

    service: str
    method: str = "POST"
    path: str = "/"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def name(self) -> str:
        """As a test's id."""
        target = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        return f"{self.service} {self.method} {target or self.path}"

    def to(self, endpoint_url: str) -> Sent:
        """Addresses it, unsigned."""
        return Sent(self, endpoint_url, {"Host": urlsplit(endpoint_url).netloc, **self.headers}, self.path)


@dataclass(frozen=True)
class Sent:
    """A request to one run."""

    raw: Raw
    endpoint_url: str
    headers: dict[str, str]
    target: str

    def signed(self, keys: Credentials, region: str = REGION) -> Sent:
        """Signs it in its headers."""
        request = self._request()
        SigV4Auth(_keys(keys), self.raw.service, region).add_auth(request)
        return replace(self, headers={**self.headers, **dict(request.headers.items())})

    def presigned(self, keys: Credentials, seconds: int = 60) -> Sent:
        """Signs it in its query."""
        request = self._request()
        request.data = b""  # a presigned request is sent without a body, or with any
        kind = S3SigV4QueryAuth if self.raw.service == "s3" else SigV4QueryAuth
        kind(_keys(keys), self.raw.service, REGION, expires=seconds).add_auth(request)
        parts = urlsplit(request.url)
        return replace(self, target=f"{parts.path}?{parts.query}")

    def with_headers(self, **headers: str) -> Sent:
        """Changes headers; Host before it is signed."""
        return replace(self, headers={**self.headers, **headers})

    def send(self) -> tuple[int, dict[str, str], bytes]:
        """Sends it; the status, the headers in lower case, and the body."""
        connection = http.client.HTTPConnection(urlsplit(self.endpoint_url).netloc, timeout=30)
        try:
            connection.putrequest(self.raw.method, self.target, skip_host=True, skip_accept_encoding=True)
            sized = {"Content-Length": str(len(self.raw.body))} if self.raw.method in {"POST", "PUT"} else {}
            for name, value in {**self.headers, **sized}.items():
                connection.putheader(name, value)
            connection.endheaders(self.raw.body or None)
            response = connection.getresponse()
            headers = {name.lower(): value for name, value in response.getheaders()}
            return response.status, headers, response.read()
        finally:
            connection.close()

    def _request(self) -> AWSRequest:
        url = f"http://{self.headers['Host']}{self.raw.path}"
        headers = {name: value for name, value in self.headers.items() if name != "Host"}
        return AWSRequest(self.raw.method, url, headers=headers, data=self.raw.body)


def _keys(keys: Credentials) -> Keys:
    return Keys(keys.access_key_id, keys.secret_access_key, keys.session_token or None)


def query(service: str, action: str, version: str, **parameters: str) -> Raw:
    """A call by the query protocol."""
    body = urlencode({"Action": action, "Version": version, **parameters}).encode()
    return Raw(service, headers={"Content-Type": "application/x-www-form-urlencoded"}, body=body)


def target(service: str, name: str, version: str = "1.0", **request: Any) -> Raw:
    """A call by the JSON protocol."""
    headers = {"X-Amz-Target": name, "Content-Type": f"application/x-amz-json-{version}"}
    return Raw(service, headers=headers, body=json.dumps(request).encode())


SERVICES = (
    Raw("s3", "GET"),
    Raw("s3", "PUT", "/strangers-bucket"),
    Raw("s3", "GET", "/known-bucket"),
    Raw("s3", "GET", "/known-bucket/known"),
    Raw("s3", "PUT", "/known-bucket/strange", body=b"x"),
    Raw("s3", "DELETE", "/known-bucket/known"),
    Raw("s3", "HEAD", "/known-bucket/known"),
    query("sts", "GetCallerIdentity", "2011-06-15"),
    query("sts", "AssumeRole", "2011-06-15", RoleArn="arn:aws:iam::111122223333:role/r", RoleSessionName="s"),
    query("sts", "GetSessionToken", "2011-06-15"),
    query("iam", "CreateUser", "2010-05-08", UserName="stranger"),
    query("iam", "ListRoles", "2010-05-08"),
    query("sns", "CreateTopic", "2010-03-31", Name="strange"),
    query("cloudformation", "ListStacks", "2010-05-15"),
    query("monitoring", "ListMetrics", "2010-08-01"),
    query("ec2", "DescribeVpcs", "2016-11-15"),
    target("sqs", "AmazonSQS.CreateQueue", QueueName="strange"),
    target("dynamodb", "DynamoDB_20120810.ListTables"),
    target("states", "AWSStepFunctions.ListStateMachines"),
    target("events", "AWSEvents.PutEvents", "1.1", Entries=[]),
    target("ssm", "AmazonSSM.GetParameter", "1.1", Name="x"),
    target("secretsmanager", "secretsmanager.ListSecrets", "1.1"),
    target("kms", "TrentService.ListKeys", "1.1"),
    target("logs", "Logs_20140328.DescribeLogGroups", "1.1"),
    target("ecr", "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories", "1.1"),
    target("cognito-idp", "AWSCognitoIdentityProviderService.ListUserPools", "1.1", MaxResults=1),
    target("sagemaker", "SageMaker.ListTags", "1.1", ResourceArn="arn:aws:sagemaker:us-east-1:111122223333:x/y"),
    target("sagemaker", "SageMaker.CreateProcessingJob", "1.1", ProcessingJobName="strange"),
    Raw("lambda", "GET", "/2015-03-31/functions/"),
    Raw("scheduler", "GET", "/schedules"),
    Raw("apigateway", "GET", "/restapis"),
    Raw("execute-api", "GET", "/_aws/execute-api/abc/prod/x"),
    Raw("lambda", "GET", "/_aws/lambda-url/abc/"),
)
"""A call of each service that a workflow touches, and of each protocol."""

CONTROL = (
    Raw("s3", "POST", "/_ministack/reset"),
    Raw("s3", "POST", "/_ministack/config", body=b'{"stepfunctions._SFN_WAIT_SCALE": 1}'),
    Raw("s3", "GET", "/_ministack/health"),
    Raw("s3", "GET", "/_ministack/ready"),
    Raw("s3", "GET", "/_localstack/health"),
    Raw("s3", "GET", "/_ministack/lambda-code/111122223333/us-east-1/f"),
    Raw("s3", "GET", "/_aws/sqs/messages?QueueUrl=x"),
    Raw("s3", "GET", "/_aws/ses"),
    Raw("s3", "POST", "/_ministack/rds/iam-auth"),
    Raw("s3", "PUT", "/_ministack/cfn-response/not-a-token", body=b"{}"),
    Raw("s3", "PUT", "/_ministack/cfn-signal/not-a-token", body=b"{}"),
    Raw("s3", "POST", "/_ministack/eks-auth/x"),
)
"""The emulator's own endpoints, which nobody may call in a run."""
