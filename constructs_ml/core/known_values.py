"""Refuses values that a policy cannot name, as they are known only when the workflow runs, and aliases."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Format, Runtime
from constructs_ml.core.values import parse_runtime_values
from constructs_ml.errors import Fault, InvalidPropsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from constructs_ml.iam.statements import Statement

_ALIAS = re.compile(r":kms:.*:(alias/[^:]+)$")
_ACCESS_POINT = re.compile(r":s3:::([^/]+-s3alias)(?:/|$)")
FIX = "pass one that is known before the workflow runs, or pass your own role that allows all possible values"


def decided_at_run_time(text: str) -> str:
    """The part of a string that an execution decides, as the language writes it; empty if there is none."""
    if "{" not in text:
        return ""
    known = parse_runtime_values(text)
    parts = known.parts if isinstance(known, Format) else (known,)
    return next((_shown(part) for part in parts if isinstance(part, Runtime)), "")


def problem(decided: str) -> str:
    """Return the problem with a prop whose value ends up in a policy."""
    return f"is {decided}, which is known only at run time, so no policy can name it"


def alias_in(text: str) -> str:
    """The alias of a key that an ARN names; empty if it names something else."""
    found = _ALIAS.search(text)
    return found[1] if found else ""


@lru_cache(maxsize=4096)
def refused(text: str) -> tuple[str, str, str] | None:
    """Return why no policy can name what a role needs: what it is, the problem and the fix; None if one can."""
    if alias := alias_in(text):
        fix = f"pass the key itself, or kms.Key.from_lookup(self, 'Key', alias_name={alias!r})"
        told = f"is the alias {alias} of a key, and policies allow keys by their ARNs only"
        return "the encryption_key of a bucket", told, fix
    if point := _ACCESS_POINT.search(text):
        told = f"is {point[1]}, the alias of an access point, and policies allow access points by their ARNs only"
        arn = "s3://arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME/"
        fix = f"pass S3Data.from_uri('s3://{point[1]}/...', within=['{arn}'])"
        return "the bucket", told, fix
    if decided := decided_at_run_time(text):
        return "what the role is allowed", problem(decided), FIX
    return None


def check_known(path: str, statements: Iterable[Statement]) -> None:
    """Refuse statements whose resources are known only at run time, or are aliases.

    Args:
        path: The construct that they are derived for.
        statements: The statements.

    Raises:
        InvalidPropsError: If a resource or a value of a condition is.
    """
    for statement in statements:
        texts = (*statement.resources, *_texts(statement.conditions)) if statement.conditions else statement.resources
        for text in texts:
            if found := refused(text):
                raise InvalidPropsError(path, [Fault(f"the resource of {statement.actions[0]}", *found[1:])])


def check_role(path: str, role_arn: str) -> None:
    """Refuse a role that is known only at run time, which no state machine can be allowed to pass.

    Raises:
        InvalidPropsError: If it is.
    """
    if decided := decided_at_run_time(role_arn):
        raise InvalidPropsError(path, [Fault("role", problem(decided), FIX)])


def member_with(text: str, request: Any, path: str = "") -> str:  # noqa: ANN401 - JSON
    """The first member of a request that has a string, or what an execution decides of it; empty if none has."""
    decided = decided_at_run_time(text)
    items = request.items() if isinstance(request, dict) else enumerate(request) if isinstance(request, list) else ()
    for name, item in items:
        here = f"{path}[{name}]" if isinstance(request, list) else f"{path}.{name}" if path else str(name)
        found = member_with(text, item, here)
        if found:
            return found
    if isinstance(request, Runtime):
        return path if decided and decided in _every(request) else ""
    return path if not decided and request == text else ""


def _every(value: Runtime) -> list[str]:
    return [
        _shown(part) for part in (value.parts if isinstance(value, Format) else (value,)) if isinstance(part, Runtime)
    ]


def _shown(part: Any) -> str:  # noqa: ANN401 - a runtime value
    return f"{{% {part.jsonata} %}}" if not hasattr(part, "jsonata_form") else str(part.jsonpath)


def _texts(conditions: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    for keys in conditions.values():
        for value in keys.values():
            found += value if isinstance(value, list) else [str(value)]
    return found
