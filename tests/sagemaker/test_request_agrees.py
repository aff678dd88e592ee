"""On what botocore's validation sees (missing and unknown members, and types), ours says the same."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from constructs_ml.sagemaker.model import Shape, input_shape
from constructs_ml.sagemaker.request import FindingKind, check_members

OPERATIONS = (
    "CreateProcessingJob",
    "CreateTrainingJob",
    "CreateTransformJob",
    "CreateHyperParameterTuningJob",
    "CreateModel",
)
RULES = {
    "missing required field": FindingKind.REQUIRED,
    "unknown field": FindingKind.UNKNOWN,
    "invalid type": FindingKind.TYPE,
}
# A boolean is no integer to us, though it is to botocore; a None is left out; nothing here is known only later.
OF_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "string": st.sampled_from(["", "abc", "File", "s3://b/c"]),
    "integer": st.integers(-2, 10**6),
    "long": st.integers(-2, 10**6),
    "float": st.floats(-2, 2),
    "double": st.floats(-2, 2),
    "boolean": st.booleans(),
    "timestamp": st.just(0),
}
WRONG: dict[str, st.SearchStrategy[Any]] = {
    "string": st.sampled_from([1, 1.5, ["a"], {}]),
    "integer": st.sampled_from(["1", 1.5, []]),
    "long": st.sampled_from(["1", 1.5, []]),
    "float": st.sampled_from(["1", []]),
    "double": st.sampled_from(["1", []]),
    "boolean": st.sampled_from(["true", 1, []]),
    "timestamp": st.just([]),
    "list": st.sampled_from(["a", 1, {"a": 1}]),
    "structure": st.sampled_from(["a", 1, ["a"]]),
    "map": st.sampled_from(["a", 1, ["a"]]),
}


@cache
def values(shape: Shape, depth: int = 0) -> st.SearchStrategy[Any]:
    """Values of a shape, some with members missing or unknown, or of a wrong type."""
    if depth > 6:
        return WRONG[shape.type]
    right = OF_TYPE[shape.type] if shape.type in OF_TYPE else container(shape, depth)
    return st.integers(0, 11).flatmap(lambda dice: WRONG[shape.type] if not dice and depth else right)


def container(shape: Shape, depth: int) -> st.SearchStrategy[Any]:
    if shape.type == "list":
        return st.lists(values(shape.member, depth + 1), max_size=2)
    if shape.type == "map":
        return st.dictionaries(st.sampled_from(["A", "b c"]), values(shape.value, depth + 1), max_size=2)
    known = {
        name: st.deferred(lambda member=member: values(member, depth + 1)) for name, member in shape.members.items()
    }
    unknown = {"Nonsense": st.just(1), "S3uri": st.just("x")}

    @st.composite
    def structure(draw: st.DrawFn) -> dict[str, Any]:
        rarely = {name for name in shape.required if draw(st.integers(0, 9)) == 0}
        chosen = [*shape.required, *draw(st.lists(st.sampled_from(list(shape.members)), max_size=3, unique=True))]
        out = {name: draw(known[name]) for name in dict.fromkeys(chosen) if name not in rarely}
        for name, value in unknown.items():
            if draw(st.integers(0, 19)) == 0:
                out[name] = draw(value)
        return out

    return structure()


@cache
def service() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("sagemaker", "service-2"))


def of_botocore(operation: str, request: dict[str, Any]) -> set[tuple[str, FindingKind]]:
    """What its validator finds, as member and rule."""
    report = ParamValidator().validate(request, service().operation_model(operation).input_shape)
    found = set()
    for reason, name, more in report._errors:
        if reason in RULES:
            last = more.get("required_name") or more.get("unknown_param")
            found.add((".".join(filter(None, (name.lstrip("."), last))), RULES[reason]))
    return found


def as_botocore_writes_it(member: str) -> str:
    """An entry of a map, which it writes as a member."""
    return member.replace("['", ".").replace("']", "")


@pytest.mark.parametrize("operation", OPERATIONS)
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_botocore_finds_the_same(operation: str, data: st.DataObject) -> None:
    request = data.draw(values(input_shape(operation)))

    ours = {
        (as_botocore_writes_it(finding.member), finding.rule)
        for finding in check_members(operation, request)
        if finding.rule in RULES.values()
    }

    assert ours == of_botocore(operation, request)
