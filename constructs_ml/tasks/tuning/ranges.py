"""The hyperparameters that a tuning job searches, and between which values.

Source: "Define Hyperparameter Ranges" of the SageMaker developer guide.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias

from constructs_ml.asl.dynamic import is_dynamic
from constructs_ml.core.enums import api_value
from constructs_ml.core.values import hyperparameter_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs_ml.errors import Faults


class Scaling(Enum):
    """The scale on which a range is searched."""

    AUTO = "Auto"
    LINEAR = "Linear"
    LOGARITHMIC = "Logarithmic"
    """For values above 0 that span orders of magnitude."""
    REVERSE_LOGARITHMIC = "ReverseLogarithmic"
    """For values from 0 to below 1 that matter most near 1. Continuous ranges only."""


@dataclass(frozen=True, slots=True)
class IntegerRange:
    """Whole numbers.

    Attributes:
        min_value: The least.
        max_value: The greatest.
        scaling: How it is searched. Default: SageMaker chooses.
    """

    min_value: int | str
    max_value: int | str
    scaling: Scaling | str | None = None

    def to_request(self, name: str) -> dict[str, Any]:
        """An item of ``IntegerParameterRanges``."""
        return _between(name, self)

    def check(self, member: str, faults: Faults) -> None:
        """Report its faults."""
        for end in (self.min_value, self.max_value):
            if isinstance(end, float) and not is_dynamic(end):
                fix = f"pass ml.tuning.ContinuousRange({self.min_value!r}, {self.max_value!r})"
                faults.add(member, f"must be between whole numbers, got {end!r}", fix)
        if api_value(self.scaling) == Scaling.REVERSE_LOGARITHMIC.value:
            faults.add(member, "must not be scaled ReverseLogarithmic, which is for continuous ranges", "pass LINEAR")
        _check_order(self, member, faults)


@dataclass(frozen=True, slots=True)
class ContinuousRange:
    """Numbers.

    Attributes:
        min_value: The least.
        max_value: The greatest.
        scaling: How it is searched. Default: SageMaker chooses.
    """

    min_value: float | str
    max_value: float | str
    scaling: Scaling | str | None = None

    def to_request(self, name: str) -> dict[str, Any]:
        """An item of ``ContinuousParameterRanges``."""
        return _between(name, self)

    def check(self, member: str, faults: Faults) -> None:
        """Report its faults."""
        _check_order(self, member, faults)


@dataclass(frozen=True, slots=True)
class CategoricalRange:
    """One of some values.

    Attributes:
        values: The values, at most 30.
    """

    values: Sequence[str | float]

    def to_request(self, name: str) -> dict[str, Any]:
        """An item of ``CategoricalParameterRanges``."""
        return self.request(name, quoted=False)

    def request(self, name: str, *, quoted: bool) -> dict[str, Any]:
        """Return the range for trials whose script reads each value as JSON if it is ``quoted``."""
        return {"Name": name, "Values": [hyperparameter_text(value, quoted=quoted) for value in self.values]}

    def check(self, member: str, faults: Faults) -> None:
        """Report its faults: none."""


@dataclass(frozen=True, slots=True)
class AutoRange:
    """A range that Autotune finds; pass ``autotune=True``.

    Attributes:
        hint: A value to start from.
    """

    hint: str | float

    def to_request(self, name: str) -> dict[str, Any]:
        """An item of ``AutoParameters``."""
        return {"Name": name, "ValueHint": hyperparameter_text(self.hint)}

    def check(self, member: str, faults: Faults) -> None:
        """Report its faults: none."""


Range: TypeAlias = "IntegerRange | ContinuousRange | CategoricalRange | AutoRange"

_MEMBERS = {
    IntegerRange: "IntegerParameterRanges",
    ContinuousRange: "ContinuousParameterRanges",
    CategoricalRange: "CategoricalParameterRanges",
    AutoRange: "AutoParameters",
}


def ranges_request(
    ranges: Mapping[str, Range] | None, member: str, faults: Faults, *, quoted: bool = False
) -> dict[str, Any] | None:
    """The ``ParameterRanges`` of a request; notes what is wrong with them.

    Args:
        ranges: The ranges by hyperparameter.
        member: The prop that they come from.
        faults: Where faults are noted.
        quoted: Whether the script reads each hyperparameter as JSON, so that strings are in quotes.
    """
    request: dict[str, Any] = {}
    for name, given in (ranges or {}).items():
        if type(given) not in _MEMBERS:
            fix = (
                f"pass ml.tuning.CategoricalRange({given!r})"
                if isinstance(given, (list, tuple))
                else "pass ml.tuning.IntegerRange(1, 9)"
            )
            faults.add(f"{member}[{name!r}]", f"must be a range, got {given!r}", fix)
            continue
        given.check(f"{member}[{name!r}]", faults)
        request.setdefault(_MEMBERS[type(given)], []).append(_range_request(name, given, quoted=quoted))
    return request or None


def _range_request(name: str, given: Range, *, quoted: bool) -> dict[str, Any]:
    return given.request(name, quoted=quoted) if isinstance(given, CategoricalRange) else given.to_request(name)


def _between(name: str, given: IntegerRange | ContinuousRange) -> dict[str, Any]:
    return {
        "Name": name,
        "MinValue": hyperparameter_text(given.min_value),
        "MaxValue": hyperparameter_text(given.max_value),
        "ScalingType": api_value(given.scaling),
    }


def _check_order(given: IntegerRange | ContinuousRange, member: str, faults: Faults) -> None:
    least, most = given.min_value, given.max_value
    if isinstance(least, str) or isinstance(most, str) or is_dynamic(least) or is_dynamic(most):
        return
    if least > most:
        faults.add(member, f"must start below its end, got {least!r} to {most!r}", "swap them")
    elif api_value(given.scaling) == Scaling.LOGARITHMIC.value and least <= 0:
        faults.add(member, f"must be above 0 to be scaled Logarithmic, got {least!r}", "pass LINEAR, or start above 0")
    elif api_value(given.scaling) == Scaling.REVERSE_LOGARITHMIC.value and not (least >= 0 and most < 1):
        problem = f"must be from 0 to below 1 to be scaled ReverseLogarithmic, got {least!r} to {most!r}"
        faults.add(member, problem, "pass LINEAR, or other bounds")
