"""What permissions are derived from must be known before anything runs: a policy cannot name what an execution decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Format, Runtime
from constructs_ml.errors import Fault, InvalidPropsError
from constructs_ml.jobs.values import to_core

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from constructs_ml.access.statements import Statement

FIX = "pass one that is known before anything runs; in a role of your own, allow what it may be"


def decided_at_run_time(text: str) -> str:
    """The part of a text that an execution decides, as the language writes it; empty if there is none."""
    if "{" not in text:
        return ""
    known = to_core(text)
    parts = known.parts if isinstance(known, Format) else (known,)
    return next((_shown(part) for part in parts if isinstance(part, Runtime)), "")


def problem(decided: str) -> str:
    """What is wrong with a prop whose value ends up in a policy."""
    return f"is {decided}, which is known only at run time, and no policy can name that"


def check_known(path: str, statements: Iterable[Statement]) -> None:
    """Refuses statements on what is known only at run time.

    Args:
        path: The construct that they are derived for.
        statements: The statements.

    Raises:
        InvalidPropsError: If a resource or a value of a condition is.
    """
    for statement in statements:
        for text in (*statement.resources, *_texts(statement.conditions)):
            if decided := decided_at_run_time(text):
                named = f"the resource of {statement.actions[0]}"
                raise InvalidPropsError(path, [Fault(named, problem(decided), FIX)])


def check_role(path: str, role_arn: str) -> None:
    """Refuses a role that is known only at run time, which no state machine can be allowed to pass.

    Raises:
        InvalidPropsError: If it is.
    """
    if decided := decided_at_run_time(role_arn):
        raise InvalidPropsError(path, [Fault("role", problem(decided), FIX)])


def member_with(text: str, request: Any, path: str = "") -> str:  # noqa: ANN401 - JSON
    """The first member of a request that has what an execution decides of a text; empty if none has."""
    decided = decided_at_run_time(text)
    items = request.items() if isinstance(request, dict) else enumerate(request) if isinstance(request, list) else ()
    for name, item in items:
        here = f"{path}[{name}]" if isinstance(request, list) else f"{path}.{name}" if path else str(name)
        found = member_with(text, item, here)
        if found:
            return found
    return path if isinstance(request, Runtime) and decided in _every(request) else ""


def _every(value: Runtime) -> list[str]:
    return [
        _shown(part) for part in (value.parts if isinstance(value, Format) else (value,)) if isinstance(part, Runtime)
    ]


def _shown(part: Any) -> str:  # noqa: ANN401 - a runtime value
    return f"{{% {part.jsonata} %}}" if not hasattr(part, "jsonata_form") else str(part.jsonpath)


def _texts(conditions: Mapping[str, Any]) -> Iterable[str]:
    for keys in conditions.values():
        for value in keys.values():
            yield from value if isinstance(value, list) else [str(value)]
