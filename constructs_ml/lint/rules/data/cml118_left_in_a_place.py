"""CML118."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import is_jsonata
from constructs_ml.errors import Severity
from constructs_ml.lint.examples import transform
from constructs_ml.lint.rule import rule
from constructs_ml.sagemaker.task_requests import texts_of_requests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation

_LATER = re.compile(r"[$#]\{Token\[[^\]]*\]\}|\{\{resolve:.*?\}\}")
_SUBSTITUTED = re.compile(r"\$\{(\w+)\}")
_NAME = re.compile(r"\w+")
_NAMED = re.compile(r"\$?\{[^{}]*\}")
_OF_THE_SCRIPT = {
    "ContainerArguments",
    "ContainerEntrypoint",
    "Environment",
    "HyperParameters",
    "QueryString",
    "StaticHyperParameters",
}
"""Members whose texts are for the container or for another service."""


def _from(uri: str) -> dict[str, Any]:
    return transform(TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}})


@rule(
    "CML118",
    title="A place in S3 has no pattern and no name of a variable in it",
    reason="SageMaker takes a URI as it stands: a key name prefix has no wildcards, and what stands in braces is replaced by nobody. A job "
    "finds no objects there and fails after its instances have started, or writes to a folder of that name. Source: S3DataSource of "
    "the SageMaker API, S3Uri.",
    bad=_from("s3://churn/parts/*.csv"),
    good=_from("s3://churn/parts/"),
    severity=Severity.WARNING,
)
def left_in_a_place(machine: Machine) -> Iterator[Violation]:
    """Places in S3 with wildcards, or with names that nothing is put in for."""
    for request, member, text in texts_of_requests(machine):
        is_place = text.startswith("s3://") and not member.endswith(".$") and not is_jsonata(text)
        if is_place and _OF_THE_SCRIPT.isdisjoint(_NAME.findall(member)):
            told = _left(text, deployed=bool(machine.template))
            if told:
                yield request.violation(member, *told)


def _left(uri: str, *, deployed: bool) -> tuple[str, str] | None:
    """What is left in a URI, and what to write instead."""
    known = _LATER.sub("", uri)
    if not deployed:
        # A file says ${Name} for what DefinitionSubstitutions put in.
        known = _SUBSTITUTED.sub("", known)
    named = _NAMED.search(known)
    if named:
        name = named[0].strip("${}") or "year"
        value = name if name.isidentifier() else "year"
        fix = f"put it in: an f-string in Python, or States.Format('s3://bucket/{{}}/', $.{value})"
        return f"has {named[0]!r} in it, which nothing replaces, got {uri!r}", fix
    if "*" in known:
        start = uri[: uri.index("*")]
        fix = f"write what the keys begin with: {start!r}" if start.count("/") > 2 else "write what the keys begin with"  # noqa: PLR2004 - s3://bucket/
        return f"has '*' in it, which stands for itself, got {uri!r}", fix
    return None
