"""Values from hyperparameter ranges.

Source: SageMaker Developer Guide, "Define Hyperparameter Ranges", hyperparameter scaling.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

Ranges = dict[str, list[dict[str, Any]]]


def sampled(ranges: Ranges, chance: random.Random) -> dict[str, str]:
    """One value for each hyperparameter, at random.

    Args:
        ranges: ParameterRanges of the API.
        chance: The source of randomness.
    """
    found = {}
    for given in ranges.get("ContinuousParameterRanges") or []:
        found[given["Name"]] = repr(_between(given, chance))
    for given in ranges.get("IntegerParameterRanges") or []:
        low, high = int(given["MinValue"]), int(given["MaxValue"])
        if given.get("ScalingType") == "Logarithmic":
            # Each integer has the share of the scale that rounds to it.
            wide = {**given, "MinValue": max(low - 0.5, 0.5), "MaxValue": high + 0.5}
            found[given["Name"]] = str(min(max(round(_between(wide, chance)), low), high))
        else:
            found[given["Name"]] = str(chance.randint(low, high))
    for given in ranges.get("CategoricalParameterRanges") or []:
        found[given["Name"]] = str(chance.choice(given["Values"]))
    return found


def grid(ranges: Ranges) -> list[dict[str, str]]:
    """Every combination of categorical values, in order."""
    categorical = ranges.get("CategoricalParameterRanges") or []
    names = [given["Name"] for given in categorical]
    combinations = itertools.product(*(given["Values"] for given in categorical))
    return [dict(zip(names, map(str, values), strict=True)) for values in combinations]


def problem(ranges: Ranges, strategy: str) -> str | None:
    """Return the fault of ranges that the API's model does not find, or None."""
    numeric = [
        given for kind in ("ContinuousParameterRanges", "IntegerParameterRanges") for given in ranges.get(kind) or []
    ]
    if strategy == "Grid" and numeric:
        names = ", ".join(given["Name"] for given in numeric)
        return f"Grid takes categorical ranges only, got others for {names}"
    for given in numeric:
        try:
            low, high = float(given["MinValue"]), float(given["MaxValue"])
        except ValueError:
            return f"the bounds of {given['Name']} must be numbers, got {given['MinValue']!r} and {given['MaxValue']!r}"
        scaling = given.get("ScalingType", "Auto")
        if low > high:
            return f"MinValue of {given['Name']} must be at most its MaxValue, got {low:g} and {high:g}"
        if scaling == "Logarithmic" and low <= 0:
            return f"{given['Name']}: Logarithmic scaling needs values above 0, got {low:g}"
        if scaling == "ReverseLogarithmic" and not (low >= 0 and high < 1):
            return f"{given['Name']}: ReverseLogarithmic scaling needs 0 <= x < 1, got {low:g} to {high:g}"
    return None


def _between(given: dict[str, Any], chance: random.Random) -> float:
    low, high = float(given["MinValue"]), float(given["MaxValue"])
    scaling = given.get("ScalingType", "Auto")
    if scaling == "Logarithmic":
        value = math.exp(chance.uniform(math.log(low), math.log(high)))
    elif scaling == "ReverseLogarithmic":
        value = 1 - math.exp(chance.uniform(math.log(1 - high), math.log(1 - low)))
    else:
        value = chance.uniform(low, high)
    return min(max(value, low), high)
