"""Values of a template's parameters.

Source: the AWS CloudFormation user guide, "CloudFormation template Parameters syntax" and "Specify existing resources at
runtime with CloudFormation-supplied parameter types".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from constructs_ml.cfn.physical_values import PhysicalValues
from constructs_ml.testing.stand_ins import MadeList, StandIns, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SSM = re.compile(r"AWS::SSM::Parameter::Value<(.+)>")
_LIST = re.compile(r"List<(.+)>")
_RESOURCE = re.compile(r"(AWS::\w+::\w+)::Id")


def parameter_value(
    name: str, parameter: Mapping[str, Any], stand_ins: StandIns, stored: Callable[[str], Any]
) -> str | list[str]:
    """Return the value of a parameter that has none: its default, the first allowed value, or one of its type.

    Args:
        name: Its name.
        parameter: Its declaration.
        stand_ins: The record of unknown values.
        stored: Reads what the app stores in the Parameter Store; None if it stores nothing there.
    """
    kind, default = str(parameter.get("Type", "String")), parameter.get("Default")
    in_store = _SSM.fullmatch(kind)
    if in_store:
        found = stored(str(default)) if default is not None else None
        if found is not None:
            return _of_kind(in_store[1], found)
        return _made(in_store[1], (str(default or ""), name), f"the parameter {name}", stand_ins, parameter)
    if default is not None:
        return _of_kind(kind, default)
    allowed = parameter.get("AllowedValues") or ()
    if allowed:
        return _of_kind(kind, allowed[0])
    return _made(kind, (name,), f"the parameter {name}", stand_ins, parameter)


def _of_kind(kind: str, value: Any) -> str | list[str]:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        return value
    text = str(value).lower() if isinstance(value, bool) else str(value)
    is_list = kind == "CommaDelimitedList" or _LIST.fullmatch(kind)
    return [item.strip() for item in text.split(",")] if is_list else text


def _made(
    kind: str, names: tuple[str, ...], origin: str, stand_ins: StandIns, parameter: Mapping[str, Any]
) -> str | list[str]:
    listed = _LIST.fullmatch(kind)
    if listed or kind == "CommaDelimitedList":
        inner = listed[1] if listed else "String"
        return MadeList(lambda at: str(_made(inner, names, f"item {at} of {origin}", stand_ins, {})))
    if kind == "Number":
        least = parameter.get("MinValue", min(1, float(parameter.get("MaxValue", 1))))
        guess = f"{float(least):g}"
        return stand_ins.mark(Unknown(origin, names, guess=guess))
    value = _typed(kind, PhysicalValues(_type(kind), f"{origin} {names[0]}", stand_ins.place), names[-1])
    if value:
        stand_ins.made[value] = origin
        return value
    return stand_ins.mark(Unknown(origin, names, pattern=str(parameter.get("AllowedPattern", ""))))


def _type(kind: str) -> str:
    found = _RESOURCE.fullmatch(kind)
    return found[1] if found else ""


def _typed(kind: str, values: PhysicalValues, name: str) -> str:
    """A value of one of the types that CloudFormation supplies; empty for others."""
    if values.resource_type:
        return values.reference
    if kind == "AWS::EC2::AvailabilityZone::Name":
        return values.filled("{region}a")
    return f"simulated-{name.lower()}" if kind.startswith("AWS::") else ""
