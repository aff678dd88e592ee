"""What a workflow and the states in it tell each other while aws-cdk-lib writes the definition.

aws-cdk-lib asks each state for its fields by a callback, which has no place for more: it names neither the state machine
nor, inside Parallel and Map, the query language; and an exception in a callback comes back as its text only.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.expressions import Language
    from constructs_ml.core.task import SageMakerCall
    from constructs_ml.errors import InvalidPropsError


@dataclass(slots=True)
class Rendering:
    """A definition that is being written.

    Attributes:
        language: The query language of the state machine; None for aws-cdk-lib's default.
        calls: The states of this library that were asked for their fields.
        error: What was wrong with one of them.
    """

    language: Language | None = None
    calls: list[SageMakerCall] = field(default_factory=list)
    error: InvalidPropsError | None = None


_open: list[Rendering] = []


@contextmanager
def rendering(language: Language | None) -> Iterator[Rendering]:
    """Notes the states of the definition that is written meanwhile.

    Raises:
        InvalidPropsError: What a state raised.
    """
    _open.append(Rendering(language))
    try:
        yield _open[-1]
    except RuntimeError:
        if _open[-1].error is not None:
            raise _open[-1].error from None
        raise
    finally:
        _open.pop()


def innermost() -> Rendering:
    """The definition that is being written; an empty one for a plain ``sfn.StateMachine``."""
    return _open[-1] if _open else Rendering()
