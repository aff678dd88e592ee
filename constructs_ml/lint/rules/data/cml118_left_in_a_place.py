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
"""Members whose strings are for the container or for another service."""


def _from(uri: str) -> dict[str, Any]:
    return transform(TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}})


@rule(
    "CML118",
    title="An S3 URI contains no wildcard and no placeholder",
    reason="SageMaker takes a URI literally: a key name prefix has no wildcards, and nothing replaces a name in "
    "braces. A job finds no objects there and fails after its instances have started, or writes to a folder of that "
    "name. Source: S3DataSource of the SageMaker API, S3Uri.",
    bad=_from("s3://churn/parts/*.csv"),
    good=_from("s3://churn/parts/"),
    severity=Severity.WARNING,
)
def left_in_a_place(machine: Machine) -> Iterator[Violation]:
    """S3 URIs with wildcards, or with placeholders that nothing replaces."""
    for request, member, text in texts_of_requests(machine):
        is_place = text.startswith("s3://") and not member.endswith(".$") and not is_jsonata(text)
        if is_place and _OF_THE_SCRIPT.isdisjoint(_NAME.findall(member)):
            found = _left(text, deployed=bool(machine.template))
            if found:
                yield request.violation(member, *found)


def _left(uri: str, *, deployed: bool) -> tuple[str, str] | None:
    """Return the problem of a URI with a wildcard or a placeholder, and the fix."""
    known = _LATER.sub("", uri)
    if not deployed:
        # In a file, ${Name} is a value of DefinitionSubstitutions.
        known = _SUBSTITUTED.sub("", known)
    named = _NAMED.search(known)
    if named:
        name = named[0].strip("${}") or "year"
        value = name if name.isidentifier() else "year"
        fix = f"insert the value: an f-string in Python, or States.Format('s3://bucket/{{}}/', $.{value})"
        return f"contains {named[0]!r}, which nothing replaces, got {uri!r}", fix
    if "*" in known:
        start = uri[: uri.index("*")]
        prefix = f": {start!r}" if start.count("/") > 2 else ""  # noqa: PLR2004 - s3://bucket/
        fix = f"write the prefix of the keys{prefix}"
        return f"contains '*', which is not a wildcard, got {uri!r}", fix
    return None
