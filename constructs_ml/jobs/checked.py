"""Constructs that refuse props of the wrong kind, before they read them."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import InvalidPropsError
from constructs_ml.jobs.home import home_of
from constructs_ml.jobs.prop_types import missing_faults, type_faults

if TYPE_CHECKING:
    from constructs import Construct


def check_props_of(cls: type[Any]) -> None:
    """Has the constructor of a class check the props that it names itself; its draft checks those it passes on."""
    begin: Any = cls.__dict__.get("__init__")
    code = getattr(begin, "__code__", None)
    # What begins with a request or an object of the SDK's has no props of its own.
    if code is None or code.co_varnames[1 : code.co_argcount] != ("scope", "construct_id"):
        return

    @wraps(begin)
    def checked(self: Any, scope: Construct, construct_id: str, **props: Any) -> None:  # noqa: ANN401 - a construct
        faults = [*missing_faults(begin.__annotations__, props), *type_faults(begin.__annotations__, props)]
        if faults:
            raise InvalidPropsError(home_of(scope).path_of(construct_id), faults)
        begin(self, scope, construct_id, **props)

    cls.__init__ = checked
