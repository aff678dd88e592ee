"""Retries and catches, error by error: how they are spread over entries is no difference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.asl.handlers import ALL, TASK_FAILED, TIMEOUT, catchers, retriers
from constructs_ml.insight.changes.canonical import canonical, dynamic, retrier_in
from constructs_ml.insight.changes.kinds import ABSENT, Kind
from constructs_ml.insight.changes.model import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from constructs_ml.asl.definition import State
    from constructs_ml.asl.handlers import Handler
    from constructs_ml.insight.changes.places import Ways

Json = Any
_NEVER = 0
_NOT_TASK_FAILED = {TIMEOUT, ALL, TASK_FAILED}


def changes_of_retries(old: State, new: State, machine: str) -> Iterator[Change]:
    """Yield the differences between the retries of two states."""
    names = (machine, new.name, old.name if old.name != new.name else "")
    for errors, before, after in _changes(_errors(old, new, retriers), _retry(old), _retry(new)):
        yield Change(Kind.RETRY, *names, errors, before, after)


def changes_of_catches(old: State, new: State, was: Ways, now: Ways, machine: str) -> Iterator[Change]:
    """Yield the differences between the catches of two states."""
    names = (machine, new.name, old.name if old.name != new.name else "")
    for errors, before, after in _changes(_errors(old, new, catchers), _catch(old, was), _catch(new, now)):
        yield Change(Kind.CATCH, *names, errors, before, after)


def _changes(
    errors: Sequence[str], was: Callable[[str], Json], now: Callable[[str], Json]
) -> Iterator[tuple[str, Json, Json]]:
    """Yield the errors that are handled differently, those with the same difference together."""
    together: list[tuple[list[str], Json, Json]] = []
    for error in errors:
        before, after = was(error), now(error)
        if _told(before) != _told(after):
            same = next((each for each in together if each[1:] == (before, after)), None)
            if same is None:
                together.append(([error], before, after))
            else:
                same[0].append(error)
    yield from ((", ".join(names), before, after) for names, before, after in together)


def _told(value: Json) -> Json:
    """Return the part of a handler's data that makes a difference: where a catch leads, not through which new state."""
    return {name: item for name, item in value.items() if name != "to"} if isinstance(value, dict) else value


def _errors(old: State, new: State, handlers: Callable[[State], Sequence[Handler]]) -> list[str]:
    return list(dict.fromkeys(error for state in (old, new) for each in handlers(state) for error in each.errors))


def _first(handlers: Sequence[Handler], error: str) -> Handler | None:
    """Return the first entry for an error, by its name or by one that stands for all."""
    for handler in handlers:
        wide = ALL in handler.errors or (TASK_FAILED in handler.errors and error not in _NOT_TASK_FAILED)
        if error in handler.errors or wide:
            return handler
    return None


def _retry(state: State) -> Callable[[str], Json]:
    handlers = retriers(state)

    def of(error: str) -> Json:
        handler = _first(handlers, error)
        if handler is None or handler.body.get("MaxAttempts") == _NEVER:
            return ABSENT
        return retrier_in(handler.body)

    return of


def _catch(state: State, ways: Ways) -> Callable[[str], Json]:
    handlers = catchers(state)

    def of(error: str) -> Json:
        handler = _first(handlers, error)
        if handler is None:
            return ABSENT
        body: Mapping[str, Json] = handler.body
        to = str(body.get("Next", ""))
        found = {"to": ways.shown(state.scope, to), "next": ways.target(state.scope, to)}
        path = body.get("ResultPath", "$")
        extra = {name: canonical(body[name]) for name in ("Assign", "Output") if name in body}
        return {
            **found,
            **({} if path == "$" else {"ResultPath": dynamic(path) if isinstance(path, str) else path}),
            **extra,
        }

    return of
