"""Data that the library keeps of one app: it hangs on the app's own object, and nothing else is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from constructs_ml.errors import Fault, InvalidPropsError, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import IConstruct

_KEY = "_constructs_ml_app"


@dataclass
class AppContext:
    """Data that the library keeps of an app, each by the reference of its construct.

    Attributes:
        defaults: The defaults that were applied to scopes.
        looked_up: The scopes whose defaults a state has taken.
        maps: The Maps whose iterations have ids.
        scopes: The context that the states of a scope share.
        stacks: The context that the states of a stack share.
        checks: The plugins that check the app, by their classes.
        traced: The workflows whose definitions were written.
    """

    defaults: dict[str, Any] = field(default_factory=dict)
    looked_up: set[str] = field(default_factory=set)
    maps: dict[str, Any] = field(default_factory=dict)
    scopes: dict[str, Any] = field(default_factory=dict)
    stacks: dict[str, Any] = field(default_factory=dict)
    checks: dict[type, Any] = field(default_factory=dict)
    traced: list[Any] = field(default_factory=list)


def reference(construct: IConstruct) -> str:
    """Return what identifies a construct in this process, without a call to jsii.

    Raises:
        InvalidPropsError: If it is not a construct, as a scope of the user's may be.
    """
    try:
        ref: str = cast("Any", construct).__jsii_ref__.ref  # set by jsii on every object
    except AttributeError:
        problem = f"must be a construct, got {type(construct).__name__} {shown(construct)}"
        fix = "pass an App, a Stage, a Stack or a construct in one"
        raise InvalidPropsError("constructs_ml", [Fault("scope", problem, fix)]) from None
    return ref


def known_context(construct: IConstruct) -> AppContext | None:
    """Return the context of a construct's app, if something was defined in the construct; else None."""
    found: AppContext | None = vars(construct).get(_KEY)
    return found


def app_context(scopes: Sequence[IConstruct]) -> AppContext:
    """Return the context of an app.

    Args:
        scopes: The constructs from the root to a scope of it; that scope knows the context from now on.
    """
    # jsii has one object of each construct, for as long as the process runs.
    found: AppContext = vars(scopes[0]).setdefault(_KEY, AppContext())
    vars(scopes[-1])[_KEY] = found
    return found
