"""How a single value's constraints are said: types, ranges, lengths, enums and patterns, each at its limits."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from types import MappingProxyType
from typing import Any

import pytest

from constructs_ml.asl.expressions import Path
from constructs_ml.errors import Finding, FindingKind, Severity, shown
from constructs_ml.sagemaker.constraints import check_type, check_value
from constructs_ml.sagemaker.model import Shape, if_newer
from constructs_ml.sagemaker.request import check_members, check_request
from constructs_ml.spelling import did_you_mean, nearest


def a_shape(type_: str, **constraints: Any) -> Shape:
    """A shape of no API, with some constraints."""
    none = {"required": (), "enum": (), "pattern": None, "min": None, "max": None, "union": False}
    return Shape(**{"name": "Thing", "type": type_, "_members": (), "_parts": (), **none, **constraints})


def said(shape: Shape, value: Any) -> list[str]:
    """What is said of a value of the right type."""
    return [str(finding) for finding in check_value(shape, value, "it")]


NAMES = {
    "structure": "a mapping",
    "map": "a mapping",
    "list": "a list",
    "string": "a string",
    "integer": "an integer",
    "long": "an integer",
    "float": "a number",
    "double": "a number",
    "boolean": "a boolean",
    "timestamp": "a timestamp",
}
RIGHT: dict[str, list[Any]] = {
    "structure": [{}, MappingProxyType({})],
    "map": [{"a": 1}, MappingProxyType({})],
    "list": [[], (1,)],
    "string": ["", "a"],
    "integer": [0, -3],
    "long": [2**40],
    "float": [1, 1.5],
    "double": [0, -1e300],
    "boolean": [True, False],
    "timestamp": ["2026-01-01", 0, 1.5, datetime(2026, 1, 1, tzinfo=timezone.utc)],
}
WRONG: dict[str, list[Any]] = {
    "structure": [[], "a", 1],
    "map": [[], "a", True],
    "list": [{}, 1, {1}],
    "string": [1, [], True, b"a"],
    "integer": [1.5, "a", [], False],
    "long": [{}, True],
    "float": ["1", True],
    "double": [[], False],
    "boolean": [1, "yes", 0.0],
    "timestamp": [[], True, {}],
}


@pytest.mark.parametrize("type_", NAMES)
def test_a_value_of_the_type_passes(type_: str) -> None:
    """Any of the Python types that stand for it."""
    assert [value for value in RIGHT[type_] if list(check_type(a_shape(type_), value, "it"))] == []


@pytest.mark.parametrize(("type_", "value"), [(type_, value) for type_, values in WRONG.items() for value in values])
def test_a_value_of_another_type_does_not(type_: str, value: Any) -> None:
    """A boolean is no number and no text."""
    (finding,) = check_type(a_shape(type_), value, "it")

    assert finding.problem == f"must be {NAMES[type_]}, got {type(value).__name__} {value!r}"
    assert (finding.member, finding.rule, finding.severity) == ("it", FindingKind.TYPE, Severity.ERROR)


@pytest.mark.parametrize("value", [b"x", "x", True, {}])
def test_a_type_that_is_not_known_takes_anything(value: Any) -> None:
    """A blob, for one, which SageMaker's API does not have."""
    assert list(check_type(a_shape("blob"), value, "it")) == []


@pytest.mark.parametrize(
    ("type_", "value", "fix"),
    [
        ("boolean", "true", "pass True"),
        ("boolean", "FALSE", "pass False"),
        ("boolean", "yes", ""),
        ("integer", "30", "pass 30"),
        ("long", "-30", "pass -30"),
        ("integer", "3.0", ""),
        ("integer", "٣", ""),
        ("integer", "30 GB", ""),
        ("integer", 30.0, "pass 30"),
        ("long", -2.0, "pass -2"),
        ("integer", 30.5, ""),
        ("integer", float("inf"), ""),
        ("string", 3, "pass '3'"),
        ("string", 1.5, "pass '1.5'"),
        ("string", True, "pass 'true'"),
        ("string", False, "pass 'false'"),
        ("string", ["a"], ""),
        ("list", "a", "pass ['a']"),
        ("list", 1, ""),
        ("float", "1.5", ""),
        ("map", "a", ""),
        ("string", None, ""),
        ("boolean", 1, ""),
    ],
)
def test_what_to_write_instead(type_: str, value: Any, fix: str) -> None:
    """Where it can be told."""
    (finding,) = check_type(a_shape(type_), value, "it")

    assert finding.fix == fix


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_a_number_has_an_end(value: float) -> None:
    """JSON has no other."""
    (finding,) = check_type(a_shape("double"), value, "it")

    assert finding == Finding("it", f"must be a finite number, got {value!r}", "", FindingKind.TYPE)


@pytest.mark.parametrize(
    ("low", "high", "allowed", "inside", "outside"),
    [
        (1, 3, "1-3", (1, 2.5, 3), (0, 4)),
        (2, None, "at least 2", (2, 10**9), (1, -5)),
        (None, 2, "at most 2", (2, -(10**9)), (3, 2.5)),
        (2, 2, "2", (2,), (1, 3)),
        (0, 0, "0", (0,), (-1, 1)),
    ],
)
def test_a_number_within_its_range(
    low: int | None, high: int | None, allowed: str, inside: tuple[float, ...], outside: tuple[float, ...]
) -> None:
    """Both ends belong to it, and the nearest is the fix."""
    shape = a_shape("double", min=low, max=high)

    assert [at for at in inside if said(shape, at)] == []
    for at in outside:
        nearest = high if high is not None and at > high else low
        assert list(check_value(shape, at, "it")) == [
            Finding("it", f"must be {allowed}, got {at}", f"pass {nearest}", FindingKind.RANGE)
        ]


@pytest.mark.parametrize(
    ("type_", "unit", "value"),
    [
        ("string", "characters", "abcd"),
        ("list", "items", [1, 2, 3, 4]),
        ("map", "entries", dict.fromkeys("abcd")),
        ("structure", "members", dict.fromkeys("abcd")),
    ],
)
def test_a_length_within_its_range(type_: str, unit: str, value: Any) -> None:
    """Of four; what is empty could be left out."""
    assert said(a_shape(type_, min=4, max=4), value) == []
    assert said(a_shape(type_, max=3), value) == [f"it must have at most 3 {unit}, got 4"]
    assert said(a_shape(type_, min=5, max=7), value) == [f"it must have 5-7 {unit}, got 4"]
    assert said(a_shape(type_, min=1), type(value)()) == [f"it must have at least 1 {unit}, got 0; leave it out"]
    assert [finding.rule for finding in check_value(a_shape(type_, max=3), value, "it")] == [FindingKind.LENGTH]


def test_what_has_no_size_has_no_range() -> None:
    """A timestamp may have a limit in the model, and be a date."""
    assert said(a_shape("timestamp", min=1, max=3), datetime(2026, 1, 1, tzinfo=timezone.utc)) == []


def test_a_length_is_said_before_a_pattern() -> None:
    """One of them is enough; the pattern is of texts only."""
    shape = a_shape("string", pattern="[a-z]+", max=3)

    assert said(shape, "abc") == []
    assert said(shape, "ABC") == ["it must match [a-z]+, got 'ABC'"]
    assert said(shape, "ABCD") == ["it must have at most 3 characters, got 4"]
    assert said(a_shape("timestamp", pattern="[a-z]+"), 3) == []
    assert list(check_value(shape, "A", "it")) == [Finding("it", "must match [a-z]+, got 'A'", "", FindingKind.PATTERN)]


def test_some_patterns_are_explained() -> None:
    """Those of places in S3, of names and of roles."""
    role = processing_faults(RoleArn="me")
    place = processing_faults(
        ProcessingInputs=[{"InputName": "a", "S3Input": {"S3Uri": "/a", "S3DataType": "S3Prefix"}}]
    )

    assert [finding.fix for finding in role if finding.rule is FindingKind.PATTERN] == []
    assert "pass a role's ARN: arn:aws:iam::ACCOUNT:role/NAME" in [
        finding.fix for finding in processing_faults(RoleArn="arn:aws:iam::1:user/someone")
    ]
    assert [finding.fix for finding in place] == ["write it as s3://bucket/prefix"]


def processing_faults(**members: Any) -> list[Finding]:
    """The findings in a part of a processing job's request."""
    return check_request("CreateProcessingJob", members, partial=True)


def test_few_values_are_all_listed_and_many_are_counted() -> None:
    """In the order of the alphabet, the first twelve."""
    values = tuple(f"Value{letter}" for letter in "MLKJIHGFEDCBA")
    listed = ", ".join(sorted(values)[:12])

    assert said(a_shape("string", enum=values[1:]), "x") == [f"it must be one of {listed}, got 'x'"]
    assert said(a_shape("string", enum=values), "x") == [f"it must be one of {listed}, ... (13 values), got 'x'"]
    assert said(a_shape("string", enum=values), "ValueM") == []


def test_a_value_in_the_wrong_case_is_known_again() -> None:
    """It is shown as the API writes it."""
    (finding,) = check_value(a_shape("string", enum=("File", "Pipe")), "FILE", "it")

    assert finding == Finding("it", "must be one of File, Pipe, got 'FILE'", "did you mean 'File'?", FindingKind.ENUM)


@pytest.mark.parametrize(
    ("value", "problem", "fix", "severity"),
    [
        ("m5.large", "must be an instance type ml.FAMILY.SIZE", "did you mean 'ml.m5.large'?", Severity.ERROR),
        ("ml.m5_large", "must be an instance type ml.FAMILY.SIZE", "did you mean 'ml.m5.large'?", Severity.ERROR),
        ("huge", "must be an instance type ml.FAMILY.SIZE", "write it as 'ml.m5.xlarge'", Severity.ERROR),
        (
            "ml.m5.larger",
            "is not an instance type of this member in botocore's model",
            "update botocore if it is new, or did you mean 'ml.m5.large'?",
            Severity.WARNING,
        ),
        (
            "ml.zz9-x.metal-48xl",
            "is not an instance type of this member in botocore's model",
            "update botocore if it is new",
            Severity.WARNING,
        ),
    ],
)
def test_an_instance_type_may_be_newer_than_the_model(value: str, problem: str, fix: str, severity: Severity) -> None:
    """If it looks like one, it is a warning."""
    shape = a_shape("string", name="ProcessingInstanceType", enum=("ml.m5.large", "ml.c5.4xlarge"))

    assert list(check_value(shape, value, "it")) == [
        Finding("it", f"{problem}, got {value!r}", fix, FindingKind.ENUM, severity)
    ]


def test_a_long_value_is_cut() -> None:
    """At 60 characters of its repr, or fewer."""
    assert shown("a" * 58) == repr("a" * 58)
    assert shown("a" * 59) == "'" + "a" * 56 + "..."
    assert shown([1, 2, 3], 9) == "[1, 2, 3]"
    assert shown([1, 2, 3], 8) == "[1, 2..."


def test_a_finding_reads_as_a_sentence() -> None:
    """Member, problem and fix."""
    assert str(Finding("A.B", "is wrong", "", FindingKind.TYPE)) == "A.B is wrong"
    assert str(Finding("A.B", "is wrong", "do this", FindingKind.TYPE)) == "A.B is wrong; do this"


def test_the_nearest_words_come_first_whatever_their_case() -> None:
    """Of words that differ in case only, the first; nothing if none is near."""
    assert nearest("files", ["Pipe", "FILE", "file"]) == ["FILE"]
    assert nearest("abc", ["abd", "ABC", "xyz", "ab"], 2) == ["ABC", "ab"]
    assert nearest("abc", ["abd", "abc", "abe"]) == ["abc"]
    assert nearest("abc", ["xyz"]) == []
    assert did_you_mean("Filé", ["File", "Pipe"]) == "; did you mean File?"
    assert did_you_mean("q", ["File", "Pipe"]) == ""


@pytest.mark.parametrize(
    ("value", "passes"),
    [
        ("$.a", True),
        ("$$.Execution.Name", True),
        ("States.UUID()", True),
        (Path("$.a"), True),
        ("{% $x %}", True),
        ("text", False),
        ("states.UUID()", False),
        (3, False),
    ],
)
def test_what_may_stand_under_a_key_with_a_dollar(value: Any, passes: bool) -> None:
    """A path, a call of an intrinsic function, or a value of ours."""
    found = processing_faults(ProcessingResources={"ClusterConfig": {"VolumeSizeInGB.$": value}})

    member = "ProcessingResources.ClusterConfig.VolumeSizeInGB"
    problem = f"must be a path or an intrinsic function under VolumeSizeInGB.$, got {value!r}"
    fix = "write '$.member' or 'States.Format(...)', or drop the .$"
    assert found == ([] if passes else [Finding(member, problem, fix, FindingKind.RUNTIME)])


def test_entries_of_a_map_are_checked_by_key_and_value() -> None:
    """A key of the workflow's is a key like another, unless its value is a path."""
    found = processing_faults(Environment={"A.$": "$.a", "B": 3, "C.$": "text", "D": Path("$.d")})

    key = re.escape("[a-zA-Z_][a-zA-Z0-9_]*")
    assert [finding.member for finding in found] == ["Environment['B']", "the key 'C.$' of Environment"]
    assert re.search(key, found[1].problem)


def test_entries_may_lack_members_in_a_partial_request() -> None:
    """As the members of any structure."""
    request = {"InputArtifacts": {"data": {"MediaType": "text/csv"}}}

    assert check_request("CreateTrialComponent", request, partial=True) == []
    assert [str(finding) for finding in check_request("CreateTrialComponent", request)] == [
        "InputArtifacts['data'].Value is required",
        "TrialComponentName is required",
    ]


def test_a_member_that_is_given_twice() -> None:
    """As a value and as a path."""
    assert processing_faults(**{"RoleArn.$": "$.role", "RoleArn": Path("$.role")}) == [
        Finding("RoleArn", "is given twice, as RoleArn and RoleArn.$", "leave one out", FindingKind.RUNTIME)
    ]


def test_a_missing_member_says_what_it_takes() -> None:
    """The values of an enum, the members of a structure."""
    inputs = [{"InputName": "a", "S3Input": {"S3Uri": "s3://b"}}]
    found = {str(finding) for finding in check_members("CreateProcessingJob", {"ProcessingInputs": inputs})}

    assert found == {
        "ProcessingInputs[0].S3Input.S3DataType is required; pass one of ManifestFile, S3Prefix",
        "ProcessingJobName is required",
        "ProcessingResources is required; it has ClusterConfig",
        "AppSpecification is required; it has ImageUri, ContainerEntrypoint, ContainerArguments",
        "RoleArn is required",
    }


def test_a_missing_instance_type_lists_no_values() -> None:
    """There are hundreds."""
    found = check_request("CreateTransformJob", {"TransformResources": {"InstanceCount": 1}})

    assert "TransformResources.InstanceType is required" in [str(finding) for finding in found]


def test_an_unknown_member_says_what_there_is_if_none_is_near() -> None:
    """All of it."""
    (finding,) = processing_faults(Tags=[{"Key": "a", "Value": "b", "Zzz": 1}])

    assert finding == Finding(
        "Tags[0].Zzz", "is not a member of Tag", f"it has Key, Value; {if_newer()}", FindingKind.UNKNOWN
    )


def test_a_union_names_its_members_and_what_was_given() -> None:
    """At its place, or of the whole request."""
    systems = [
        {"EFSFileSystem": {"FileSystemId": "fs-12345678"}, "FSxLustreFileSystem": {"FileSystemId": "fs-12345678"}}
    ]
    given = {"DomainId": "d-1", "SpaceName": "s", "SpaceSettings": {"CustomFileSystems": systems}}
    (both,) = check_request("CreateSpace", given)
    systems[0].clear()
    (none,) = check_request("CreateSpace", given)

    members = "EFSFileSystem, FSxLustreFileSystem, S3FileSystem"
    place = "SpaceSettings.CustomFileSystems[0]"
    problem = f"must have exactly one of {members}, got"
    assert both == Finding(place, f"{problem} EFSFileSystem and FSxLustreFileSystem", "", FindingKind.UNION)
    assert none == Finding(place, f"{problem} none", "", FindingKind.UNION)
