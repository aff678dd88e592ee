"""Whom a run refuses: whoever is not a caller of this run, on every service, with IAM enforced and not."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from raw_requests import CONTROL, SERVICES, Raw, query, target
from support.each import each

from constructs_ml.local import LocalAws
from constructs_ml.local.aws.credentials import Credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from raw_requests import Sent

pytestmark = pytest.mark.local
_ROOT_KEYS = ("test", "111122223333", "000000000000", "")


class Run:
    """A run, another one, and what the keys of each are."""

    def __init__(self, aws: LocalAws, other: Credentials) -> None:
        self.aws, self.url, self.other = aws, aws.endpoint_url, other
        self.own = own_key(aws)
        aws.client("s3").create_bucket(Bucket="known-bucket")
        aws.client("s3").put_object(Bucket="known-bucket", Key="known", Body=b"secret content")

    def state(self) -> tuple[object, ...]:
        """What a stranger could have changed."""
        s3 = self.aws.client("s3")
        return (
            [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]],
            [found["Key"] for found in s3.list_objects_v2(Bucket="known-bucket")["Contents"]],
            self.aws.client("sqs").list_queues().get("QueueUrls"),
            [user["UserName"] for user in self.aws.client("iam").list_users()["Users"]],
            [job.name for job in self.aws.jobs],
        )


def own_key(aws: LocalAws) -> Credentials:
    found = aws.environment
    return Credentials(found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"], found["AWS_SESSION_TOKEN"])


@pytest.fixture(scope="module", params=[True, False], ids=["iam", "no-iam"])
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    with LocalAws() as other:
        foreign = own_key(other)
        with LocalAws(enforce_iam=request.param) as aws:
            yield Run(aws, foreign)


_KINDS: dict[str, Callable[[Run, Sent], Sent]] = {
    "unsigned": lambda _run, sent: sent,
    "signed with another secret": lambda run, sent: sent.signed(
        Credentials(run.own.access_key_id, "guessed", run.own.session_token)
    ),
    "signed with an unknown key": lambda _run, sent: sent.signed(Credentials.generate()),
    "signed with another run's key": lambda run, sent: sent.signed(run.other),
    **{
        f"signed as root {key!r} with {secret!r}": lambda _run, sent, key=key, secret=secret: sent.signed(
            Credentials(key, secret)
        )
        for key in _ROOT_KEYS
        for secret in ("test", "anything")
    },
    "presigned with another secret": lambda run, sent: sent.presigned(
        Credentials(run.own.access_key_id, "guessed", run.own.session_token)
    ),
    "presigned as root": lambda _run, sent: sent.presigned(Credentials("test", "test")),
    "presigned as the account": lambda _run, sent: sent.presigned(Credentials("111122223333", "test")),
    "presigned with another run's key": lambda run, sent: sent.presigned(run.other),
    "presigned and expired": lambda run, sent: sent.presigned(run.own, seconds=-1),
    "with credentials of another kind": lambda _run, sent: sent.with_headers(Authorization="Basic dGVzdDp0ZXN0"),
    "with a key and no signature": lambda run, sent: sent.with_headers(
        Authorization=f"AWS4-HMAC-SHA256 Credential={run.own.access_key_id}/20260101/us-east-1/s3/aws4_request"
    ),
    "in the oldest form as root": lambda _run, sent: sent.with_headers(Authorization="AWS test:c2lnbmF0dXJl"),
    "to a foreign host": lambda run, sent: sent.with_headers(Host="attacker.example:80").signed(run.own),
    "to a name that resolves to this machine": lambda run, sent: sent.with_headers(
        Host=f"127.0.0.1.nip.example:{urlsplit(run.url).port}"
    ).signed(run.own),
    "without a host": lambda run, sent: sent.signed(run.own).with_headers(Host=""),
    "from a page": lambda run, sent: sent.signed(run.own).with_headers(Origin="https://attacker.example"),
    "from a page without an origin": lambda run, sent: sent.signed(run.own).with_headers(Origin="null"),
    "from a page of another port": lambda run, sent: sent.signed(run.own).with_headers(Origin="http://127.0.0.1:1"),
    "from a local page": lambda run, sent: sent.signed(run.own).with_headers(Origin="http://localhost:3000"),
    "unsigned from a page": lambda _run, sent: sent.with_headers(Origin="https://attacker.example"),
}


@pytest.mark.parametrize("kind", _KINDS)
def test_a_stranger_is_refused_by_every_service(run: Run, kind: str) -> None:
    before = run.state()
    answers = {raw.name: _KINDS[kind](run, raw.to(run.url)).send() for raw in each(SERVICES)}
    accepted = {name: answer for name, answer in answers.items() if answer[0] not in {400, 401, 403}}
    assert not accepted
    assert not [name for name, (_, headers, _) in answers.items() if "access-control-allow-origin" in headers]
    assert not [name for name, (_, _, body) in answers.items() if b"secret content" in body]
    assert run.state() == before


@pytest.mark.parametrize("raw", CONTROL, ids=lambda raw: raw.name)
def test_the_emulators_own_endpoints_are_closed_even_to_the_run(run: Run, raw: Raw) -> None:
    before = run.state()
    for sent in (raw.to(run.url), raw.to(run.url).signed(run.own)):
        status, headers, _ = sent.send()
        assert status == 403
        assert "access-control-allow-origin" not in headers
    assert run.state() == before


@pytest.mark.parametrize("origin", ["https://attacker.example", "null", "http://localhost:3000"])
def test_a_browser_gets_no_answer_to_its_preflight(run: Run, origin: str) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-amz-target,authorization"}
    for path in ("/", "/known-bucket/known", "/_ministack/reset"):
        status, headers, _ = Raw("s3", "OPTIONS", path, headers=asked).to(run.url).with_headers(Origin=origin).send()
        assert status == 403
        assert not [name for name in headers if name.startswith("access-control-")]


def test_the_run_itself_is_answered_and_no_page_may_read_it(run: Run) -> None:
    for sent in (
        Raw("s3", "GET", "/known-bucket/known").to(run.url).signed(run.own),
        Raw("s3", "GET", "/known-bucket/known").to(run.url).presigned(run.own),
        Raw("s3", "GET", "/known-bucket/known")
        .to(run.url)
        .with_headers(Host=f"localhost:{urlsplit(run.url).port}")
        .signed(run.own),
        Raw("s3", "GET", "/known-bucket/known").to(run.url).signed(run.own).with_headers(Origin=run.url),
    ):
        status, headers, body = sent.send()
        assert (status, body) == (200, b"secret content")
        assert not [name for name in headers if name.startswith("access-control-")]
    status, _, body = query("sts", "GetCallerIdentity", "2011-06-15").to(run.url).signed(run.own).send()
    assert status == 200
    assert b"arn:aws:iam::111122223333:root" in body


def test_headers_that_could_mean_two_things_are_refused(run: Run) -> None:
    port = urlsplit(run.url).port
    lines = ["GET / HTTP/1.1", f"Host: 127.0.0.1:{port}", "X-Amz-Target: SageMaker.ListTags", "X-Amz-Target: Other.X"]
    with socket.create_connection(("127.0.0.1", port or 0), timeout=10) as connection:
        connection.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 403")


def test_a_web_socket_is_refused(run: Run) -> None:
    port = urlsplit(run.url).port
    lines = [
        "GET /_aws/execute-api/a/b HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
    ]
    with socket.create_connection(("127.0.0.1", port or 0), timeout=10) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 403")


def test_a_stranger_with_a_large_body_is_refused_before_it_is_read(run: Run) -> None:
    port = urlsplit(run.url).port
    lines = ["PUT /known-bucket/x HTTP/1.1", f"Host: 127.0.0.1:{port}", "Content-Length: 10000000000"]
    with socket.create_connection(("127.0.0.1", port or 0), timeout=10) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + b"x" * 1000)
        assert connection.recv(100).startswith(b"HTTP/1.1 403")


def test_the_credentials_of_functions_cannot_be_computed(run: Run) -> None:
    """The emulator's own secret of a function's role is a hash of two ARNs, which others can know."""
    import hashlib

    function = "arn:aws:lambda:us-east-1:111122223333:function:f"
    role = "arn:aws:iam::111122223333:role/function-role"
    digest = hashlib.sha256(f"{function}:{role}".encode()).hexdigest()
    secret, token = (hashlib.sha256(f"{kind}:{digest}".encode()).hexdigest() for kind in ("secret", "token"))
    keys = Credentials(f"ASIA{digest[:16].upper()}", secret, token)
    _create_function(run, role)
    assert Raw("s3", "GET").to(run.url).signed(keys).send()[0] == 403


def _create_function(run: Run, role: str) -> None:
    import io
    import json
    import zipfile

    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    run.aws.client("iam").create_role(RoleName=role.rpartition("/")[2], AssumeRolePolicyDocument=document)
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("f.py", "import os\ndef handler(event, context): return os.environ['AWS_ACCESS_KEY_ID']")
    functions = run.aws.client("lambda")
    functions.create_function(
        FunctionName="f", Role=role, Runtime="python3.12", Handler="f.handler", Code={"ZipFile": code.getvalue()}
    )
    answer = json.loads(functions.invoke(FunctionName="f")["Payload"].read())
    assert answer.startswith("ASIA")


def test_sagemaker_takes_nobody_for_the_root(run: Run) -> None:
    """A request without a role was once the root's: it could have any command run."""
    request = target("sagemaker", "SageMaker.CreateProcessingJob", "1.1", ProcessingJobName="x")
    sent = request.to(run.url)
    for attempt in (sent, sent.signed(Credentials("", "")), sent.signed(run.other)):
        status, _, body = attempt.send()
        assert status == 400
        assert b"token" in body.lower()
    assert run.aws.jobs == []
