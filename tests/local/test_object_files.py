"""Objects of S3 lie in files: byte for byte, without memory, one copy each, and gone with their objects."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import io
import itertools
import json
import sys
import time
import urllib.request
import zlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError
from peaks import peak
from raw_requests import Raw
from test_strangers import own_key

from constructs_ml.local import LocalAws

if TYPE_CHECKING:
    from collections.abc import Iterator

_md5 = partial(hashlib.md5, usedforsecurity=False)
pytestmark = pytest.mark.local
_LARGE = 64 << 20
_MORE = 40
"""The megabytes that the emulator may have more than before for an object of 64 MB."""
_MEGABYTE = 1 << 20
_SIZES = [0, 1, 4095, 4096, 4097, 65_536, _MEGABYTE, 300_001]
_KEYS = ["plain", "a b/ü/%2F/?x#y&z=1+2", "dots/../up", "end/", "//", "x" * 900, "é\u0301 \t"]


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with LocalAws() as found:
        found.client("s3").create_bucket(Bucket="bucket-one")
        yield found


@pytest.fixture
def s3(aws: LocalAws) -> Iterator[Any]:
    client = aws.client("s3")
    yield client
    for page in client.get_paginator("list_object_versions").paginate(Bucket="bucket-one"):
        for entry in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            client.delete_object(Bucket="bucket-one", Key=entry["Key"], VersionId=entry["VersionId"])
    assert _on_disk(aws) == 0


@pytest.fixture(scope="module")
def large() -> bytes:
    return b"".join(hashlib.sha512(number.to_bytes(8, "big")).digest() for number in range(_LARGE // 64))


def _on_disk(aws: LocalAws, least: int = 0) -> int:
    """The bytes of the files of objects; requests that have just been answered may hold theirs for a moment."""
    folder = aws._folders.workdir / "state" / "files"
    for _ in range(100):
        found = sum(file.stat().st_size for file in folder.iterdir())
        if found <= least:
            break
        time.sleep(0.02)
    return found


def _sha256(body: Any) -> str:
    digest = hashlib.sha256()
    for chunk in body.iter_chunks(_MEGABYTE):
        digest.update(chunk)
    return digest.hexdigest()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_large_object_costs_no_memory_however_it_comes_and_goes(aws: LocalAws, s3: Any, large: bytes) -> None:
    pid = aws._process.pid
    before, wanted = peak(pid), hashlib.sha256(large).hexdigest()
    at = {"Bucket": "bucket-one", "Key": "once"}
    etag = s3.put_object(**at, Body=large)["ETag"]
    assert etag == f'"{_md5(large).hexdigest()}"'
    parts = TransferConfig(multipart_chunksize=8 << 20)
    s3.upload_fileobj(io.BytesIO(large), "bucket-one", "parts", Config=parts)
    digests = b"".join(_md5(large[start : start + (8 << 20)]).digest() for start in range(0, _LARGE, 8 << 20))
    assert s3.head_object(Bucket="bucket-one", Key="parts")["ETag"] == f'"{_md5(digests).hexdigest()}-8"'
    signer = aws.client("s3", config=Config(signature_version="s3v4"))
    url = signer.generate_presigned_url("put_object", Params={"Bucket": "bucket-one", "Key": "presigned"})
    urllib.request.urlopen(urllib.request.Request(url, data=large, method="PUT")).close()  # noqa: S310 - the run's own
    assert _on_disk(aws, 3 * _LARGE) == 3 * _LARGE
    s3.copy_object(Bucket="bucket-one", Key="copy", CopySource=at)
    upload = s3.create_multipart_upload(Bucket="bucket-one", Key="part-copy")["UploadId"]
    named = {"Bucket": "bucket-one", "Key": "part-copy", "UploadId": upload}
    ends = [0, 20 << 20, 20 << 20, _LARGE]
    ranges = [(ends[0], ends[1] - 1), (ends[2], ends[3] - 1)]
    copied = [
        s3.upload_part_copy(**named, PartNumber=number, CopySource=at, CopySourceRange=f"bytes={first}-{last}")
        for number, (first, last) in enumerate(ranges, 1)
    ]
    listed = [{"PartNumber": number, "ETag": part["CopyPartResult"]["ETag"]} for number, part in enumerate(copied, 1)]
    s3.complete_multipart_upload(**named, MultipartUpload={"Parts": listed})
    assert _on_disk(aws, 3 * _LARGE) == 3 * _LARGE  # copies are of the same file
    for key in ("once", "parts", "presigned", "copy", "part-copy"):
        assert _sha256(s3.get_object(Bucket="bucket-one", Key=key)["Body"]) == wanted, key
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "bucket-one", "Key": "parts"})
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - the run's own
        assert hashlib.sha256(answer.read()).hexdigest() == wanted
    assert peak(pid) - before < _MORE


@pytest.mark.parametrize(
    ("range_", "first", "last"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=5-4100", 5, 4101),
        (f"bytes={_MEGABYTE - 3}-{_MEGABYTE + 70_000}", _MEGABYTE - 3, _MEGABYTE + 70_001),
        ("bytes=-7", -7, None),
        (f"bytes={6 * _MEGABYTE - 10}-", 6 * _MEGABYTE - 10, None),
        (f"bytes={5 * _MEGABYTE - 2}-{5 * _MEGABYTE + 1}", 5 * _MEGABYTE - 2, 5 * _MEGABYTE + 2),
    ],
)
def test_ranges_are_of_the_whole_and_of_parts(s3: Any, large: bytes, range_: str, first: int, last: int | None) -> None:
    content = large[: 6 * _MEGABYTE]
    config = TransferConfig(multipart_threshold=_MEGABYTE, multipart_chunksize=5 * _MEGABYTE)
    s3.put_object(Bucket="bucket-one", Key="whole", Body=content)
    s3.upload_fileobj(io.BytesIO(content), "bucket-one", "parts", Config=config)
    for key in ("whole", "parts"):
        answer = s3.get_object(Bucket="bucket-one", Key=key, Range=range_)
        assert answer["Body"].read() == content[first:last], key
    with pytest.raises(ClientError, match="InvalidRange"):
        s3.get_object(Bucket="bucket-one", Key="parts", Range=f"bytes={len(content)}-")
    assert s3.get_object(Bucket="bucket-one", Key="parts", PartNumber=2)["Body"].read() == content[5 * _MEGABYTE :]


@pytest.mark.parametrize(
    ("key", "size"),
    [
        # Each size and each key alone; all of them together take a while.
        pytest.param(key, size, marks=() if key == _KEYS[0] or size == _SIZES[-1] else pytest.mark.stress)
        for key in _KEYS
        for size in _SIZES
    ],
)
def test_any_size_and_key_comes_back(s3: Any, large: bytes, key: str, size: int) -> None:
    content = large[:size]
    s3.put_object(Bucket="bucket-one", Key=key, Body=content)
    assert s3.get_object(Bucket="bucket-one", Key=key)["Body"].read() == content
    assert s3.head_object(Bucket="bucket-one", Key=key)["ContentLength"] == size


def test_a_file_is_gone_with_its_object(aws: LocalAws, s3: Any, large: bytes) -> None:
    at, size = {"Bucket": "bucket-one", "Key": "x"}, 100_000
    s3.put_object(**at, Body=large[:size])
    s3.put_object(**at, Body=large[1 : size + 1])
    assert _on_disk(aws, size) == size
    s3.copy_object(Bucket="bucket-one", Key="y", CopySource=at)
    s3.delete_object(**at)
    assert s3.get_object(Bucket="bucket-one", Key="y")["Body"].read() == large[1 : size + 1]
    assert _on_disk(aws, size) == size
    s3.delete_objects(Bucket="bucket-one", Delete={"Objects": [{"Key": "y"}]})
    assert _on_disk(aws) == 0


def test_parts_of_an_upload_are_gone_with_it_and_when_they_are_left_out(aws: LocalAws, s3: Any, large: bytes) -> None:
    at, size = {"Bucket": "bucket-one", "Key": "x"}, 5 * _MEGABYTE
    named = {**at, "UploadId": s3.create_multipart_upload(**at)["UploadId"]}
    tags = [s3.upload_part(**named, PartNumber=number, Body=large[:size])["ETag"] for number in (1, 2, 3)]
    assert _on_disk(aws, 3 * size) == 3 * size
    listed = [{"PartNumber": number, "ETag": tags[number - 1]} for number in (1, 3)]
    s3.complete_multipart_upload(**named, MultipartUpload={"Parts": listed})
    assert s3.get_object(**at)["Body"].read() == large[:size] * 2
    assert _on_disk(aws, 2 * size) == 2 * size
    named["UploadId"] = s3.create_multipart_upload(**at)["UploadId"]
    s3.upload_part(**named, PartNumber=1, Body=large[:size])
    s3.abort_multipart_upload(**named)
    assert _on_disk(aws, 2 * size) == 2 * size


def test_many_small_parts_become_one_file(aws: LocalAws, s3: Any, large: bytes) -> None:
    at, cuts = {"Bucket": "bucket-one", "Key": "x"}, [0, 10, 5000, 5003, 30_000, 100_000]
    named = {**at, "UploadId": s3.create_multipart_upload(**at)["UploadId"]}
    pieces = [large[first:last] for first, last in itertools.pairwise(cuts)]
    listed = [
        {"PartNumber": number, "ETag": s3.upload_part(**named, PartNumber=number, Body=piece)["ETag"]}
        for number, piece in enumerate(pieces, 1)
    ]
    s3.complete_multipart_upload(**named, MultipartUpload={"Parts": listed})
    assert s3.get_object(**at)["Body"].read() == large[:100_000]
    assert _on_disk(aws, 100_000) == 100_000


def test_versions_keep_their_files(aws: LocalAws, large: bytes) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="bucket-versions")
    at, size = {"Bucket": "bucket-versions", "Key": "x"}, 50_000
    contents = [large[number : number + size] for number in range(3)]
    s3.put_object(**at, Body=contents[0])
    s3.put_bucket_versioning(Bucket="bucket-versions", VersioningConfiguration={"Status": "Enabled"})
    versions = ["null", *(s3.put_object(**at, Body=content)["VersionId"] for content in contents[1:])]
    marker = s3.delete_object(**at)["VersionId"]
    assert _on_disk(aws, 3 * size) == 3 * size
    for version, content in zip(versions, contents, strict=True):
        assert s3.get_object(**at, VersionId=version)["Body"].read() == content
    s3.delete_object(**at, VersionId=marker)
    assert s3.get_object(**at)["Body"].read() == contents[2]
    s3.copy_object(Bucket="bucket-versions", Key="y", CopySource={**at, "VersionId": versions[1]})
    assert s3.get_object(Bucket="bucket-versions", Key="y")["Body"].read() == contents[1]
    for count, version in zip((2, 2, 1), (versions[0], versions[1], versions[2]), strict=True):
        s3.delete_object(**at, VersionId=version)  # the copy has the second's
        assert _on_disk(aws, count * size) == count * size
    s3.delete_object(
        Bucket="bucket-versions", Key="y", VersionId=s3.head_object(Bucket="bucket-versions", Key="y")["VersionId"]
    )
    assert _on_disk(aws) == 0


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
@pytest.mark.parametrize("size", [100, 100_000])
def test_checksums_are_of_the_content(s3: Any, large: bytes, algorithm: str, size: int) -> None:
    at, content = {"Bucket": "bucket-one", "Key": "x"}, large[:size]
    s3.put_object(**at, Body=content, ChecksumAlgorithm=algorithm)
    expected = {
        "CRC32": zlib.crc32(content).to_bytes(4, "big"),
        "SHA1": hashlib.sha1(content, usedforsecurity=False).digest(),
        "SHA256": hashlib.sha256(content).digest(),
    }[algorithm]
    found = s3.head_object(**at, ChecksumMode="ENABLED")[f"Checksum{algorithm}"]
    assert found == base64.b64encode(expected).decode()
    with pytest.raises(ClientError, match="BadDigest"):
        s3.put_object(**at, Body=content, **{f"Checksum{algorithm}": base64.b64encode(bytes(len(expected))).decode()})


@pytest.mark.parametrize(("name", "checked"), [("crc32c", "4waSgw=="), ("crc64nvme", "rosUhgp5mIg=")])
def test_rarer_checksums_are_verified(aws: LocalAws, name: str, checked: str) -> None:
    # The published check values of the algorithms, of b"123456789"; a content of several chunks goes another way.
    for body, value, status in ((b"123456789", checked, 200), (b"123456789" * 1000, checked, 400)):
        headers = {f"x-amz-checksum-{name}": value, "x-amz-content-sha256": hashlib.sha256(body).hexdigest()}
        raw = Raw("s3", "PUT", "/bucket-one/x", headers, body)
        assert raw.to(aws.endpoint_url).signed(own_key(aws)).send()[0] == status
    aws.client("s3").delete_object(Bucket="bucket-one", Key="x")


def test_another_body_than_the_signed_one_is_refused_and_leaves_no_file(aws: LocalAws, large: bytes) -> None:
    body = large[:200_000]
    headers = {"x-amz-content-sha256": hashlib.sha256(body).hexdigest()}
    sent = Raw("s3", "PUT", "/bucket-one/x", headers, body[:-1] + b"!").to(aws.endpoint_url).signed(own_key(aws))
    status, _, answer = sent.send()
    assert (status, b"XAmzContentSHA256Mismatch" in answer) == (403, True)
    assert _on_disk(aws) == 0


def _chunked(aws: LocalAws, body: bytes, key: str, *, chunk: int, signed: bool, trailer: bool) -> tuple[int, bytes]:
    """Sends a body in chunks, as SDKs stream."""
    keys = own_key(aws)
    kind = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" if signed else "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    headers = {
        "x-amz-content-sha256": kind,
        "x-amz-decoded-content-length": str(len(body)),
        "content-encoding": "aws-chunked",
        **({"x-amz-trailer": "x-amz-checksum-crc32"} if trailer else {}),
    }
    sent = Raw("s3", "PUT", f"/bucket-one/{key}", headers).to(aws.endpoint_url).signed(keys)
    authorization, stamp = sent.headers["Authorization"], sent.headers["X-Amz-Date"]
    previous = authorization.rpartition("Signature=")[2]
    scope = authorization.partition("Credential=")[2].partition(",")[0].partition("/")[2]
    derived = f"AWS4{keys.secret_access_key}".encode()
    for part in scope.split("/"):
        derived = hmac.new(derived, part.encode(), hashlib.sha256).digest()
    framed = io.BytesIO()
    for start in (*range(0, len(body), chunk), len(body)):
        piece = body[start : start + chunk]
        extension = ""
        if signed:
            lines = ["AWS4-HMAC-SHA256-PAYLOAD", stamp, scope, previous]
            text = "\n".join([*lines, hashlib.sha256(b"").hexdigest(), hashlib.sha256(piece).hexdigest()])
            previous = hmac.new(derived, text.encode(), hashlib.sha256).hexdigest()
            extension = f";chunk-signature={previous}"
        framed.write(f"{len(piece):x}{extension}\r\n".encode() + piece + (b"\r\n" if piece else b""))
    if trailer:
        framed.write(b"x-amz-checksum-crc32:" + base64.b64encode(zlib.crc32(body).to_bytes(4, "big")) + b"\r\n")
    framed.write(b"\r\n")
    final = Raw("s3", "PUT", sent.target, sent.headers, framed.getvalue()).to(aws.endpoint_url)
    status, _, answer = final.send()
    return status, answer


@pytest.mark.parametrize(("signed", "trailer"), [(True, False), (False, True), (False, False)])
@pytest.mark.parametrize(("size", "chunk"), [(100, 64), (300_000, 65_536), (9_000_000, 65_536), (5 << 20, 4 << 20)])
def test_a_body_in_chunks_is_put_together(  # noqa: PLR0917 - pytest passes them by name
    aws: LocalAws, s3: Any, large: bytes, size: int, chunk: int, signed: bool, trailer: bool
) -> None:
    assert _chunked(aws, large[:size], "x", chunk=chunk, signed=signed, trailer=trailer)[0] == 200
    assert s3.get_object(Bucket="bucket-one", Key="x")["Body"].read() == large[:size]
    assert "ContentEncoding" not in s3.head_object(Bucket="bucket-one", Key="x")
    # Large chunks are left in the file as it came, with what was around them.
    assert size <= _on_disk(aws, size) < size + 1000 if size > 4096 else _on_disk(aws) == 0


def test_what_other_services_read_of_s3_is_the_object(aws: LocalAws, s3: Any) -> None:
    topics = {f"Topic{number}": {"Type": "AWS::SNS::Topic", "Metadata": {"m": "x" * 100}} for number in range(60)}
    s3.put_object(Bucket="bucket-one", Key="template.json", Body=json.dumps({"Resources": topics}).encode())
    cloudformation = aws.client("cloudformation")
    url = "https://s3.amazonaws.com/bucket-one/template.json"
    cloudformation.create_stack(StackName="of-a-file", TemplateURL=url)
    cloudformation.get_waiter("stack_create_complete").wait(StackName="of-a-file", WaiterConfig={"Delay": 1})
    assert len(cloudformation.list_stack_resources(StackName="of-a-file")["StackResourceSummaries"]) == len(topics)
    cloudformation.delete_stack(StackName="of-a-file")


def test_items_of_a_distributed_map_are_read(aws: LocalAws, s3: Any) -> None:
    items = [{"n": number, "padding": "x" * 200} for number in range(50)]
    s3.put_object(Bucket="bucket-one", Key="items.json", Body=json.dumps(items).encode())
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSON"},
        "Parameters": {"Bucket": "bucket-one", "Key": "items.json"},
    }
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "P",
        "States": {"P": {"Type": "Pass", "Parameters": {"n.$": "$.n"}, "End": True}},
    }
    state = {"Type": "Map", "ItemReader": reader, "ItemProcessor": processor, "End": True}
    trust = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = aws.client("iam").create_role(RoleName="map", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
    states = aws.client("stepfunctions")
    machine = states.create_state_machine(
        name="map", definition=json.dumps({"StartAt": "M", "States": {"M": state}}), roleArn=role["Role"]["Arn"]
    )["stateMachineArn"]
    execution = states.start_execution(stateMachineArn=machine)["executionArn"]
    while (found := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
        time.sleep(0.1)
    assert json.loads(found["output"]) == [{"n": number} for number in range(50)]


def test_a_request_that_is_no_object_has_a_limit(aws: LocalAws) -> None:
    body = bytes((128 << 20) + 1)
    sent = Raw("sqs", "POST", "/", {"X-Amz-Target": "AmazonSQS.ListQueues"}, body).to(aws.endpoint_url)
    status, _, answer = sent.signed(own_key(aws)).send()
    assert status >= 400
    assert b"134217728 bytes" in answer


def test_a_client_that_goes_while_it_sends_leaves_no_file(aws: LocalAws, large: bytes) -> None:
    headers = {"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}
    sent = Raw("s3", "PUT", "/bucket-one/x", headers).to(aws.endpoint_url).signed(own_key(aws))
    connection = http.client.HTTPConnection(urlsplit(aws.endpoint_url).netloc, timeout=30)
    connection.putrequest("PUT", "/bucket-one/x", skip_host=True)
    for name, value in {**sent.headers, "Content-Length": str(_LARGE)}.items():
        connection.putheader(name, value)
    connection.endheaders(large[:_MEGABYTE])
    time.sleep(0.2)
    assert _on_disk(aws, _MEGABYTE) > 0
    connection.close()
    assert _on_disk(aws) == 0


def test_what_the_disk_does_not_take_is_refused_and_the_run_goes_on(aws: LocalAws, large: bytes) -> None:
    s3 = aws.client("s3")
    folder = aws._folders.workdir / "state" / "files"
    away = folder.with_name("away")
    folder.rename(away)  # as good as a full disk
    try:
        with pytest.raises(ClientError, match=r"InsufficientStorage.*cannot be kept on this disk"):
            s3.put_object(Bucket="bucket-one", Key="x", Body=large[: 3 * _MEGABYTE])
        s3.put_object(Bucket="bucket-one", Key="x", Body=b"small")
    finally:
        away.rename(folder)
    assert s3.get_object(Bucket="bucket-one", Key="x")["Body"].read() == b"small"
    s3.put_object(Bucket="bucket-one", Key="x", Body=large[:_MEGABYTE])
    s3.delete_object(Bucket="bucket-one", Key="x")
    assert _on_disk(aws) == 0


def test_all_files_are_gone_with_the_run(large: bytes) -> None:
    with LocalAws() as aws:
        s3 = aws.client("s3")
        s3.create_bucket(Bucket="bucket-two")
        s3.put_object(Bucket="bucket-two", Key="x", Body=large[:_MEGABYTE])
        folder = aws._folders.workdir
        modes = {file.stat().st_mode & 0o777 for file in (folder / "state" / "files").iterdir()}
        assert modes == {0o600}
    assert not Path(folder).exists()
