"""Values that are known only when a template is deployed or a workflow runs, and so cannot be checked at synth."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from pathlib import PurePath

from constructs_ml.asl.expressions import Runtime, is_jsonata

# aws-cdk-lib writes these two bytes in front of a number that stands for a token (core/lib/private/encoding.ts).
_NUMBER_TOKEN = b"\xfb\xff"
# A dynamic reference of CloudFormation, {{resolve:ssm:NAME}}, is replaced at deployment as well.
_TEXT_TOKEN = re.compile(r"[$#]\{Token\[|\{\{resolve:")


def is_dynamic(value: object) -> bool:  # noqa: PLR0911 - a line for each kind of value
    """Return whether a value is a placeholder for one that is known only later.

    Those are the runtime values of :mod:`constructs_ml.asl.expressions`, JSONata expressions, CDK tokens (in a string, as a
    number, as a list, or the object itself), intrinsic functions and dynamic references of CloudFormation.
    """
    if isinstance(value, str):
        return "{" in value and (_TEXT_TOKEN.search(value) is not None or is_jsonata(value))
    if value is None or isinstance(value, int):
        return False
    if isinstance(value, (list, tuple)):
        return len(value) == 1 and isinstance(value[0], str) and value[0].startswith("#{Token[")
    if isinstance(value, float):
        return is_number_token(value)
    if isinstance(value, (dict, Mapping)):  # a dict is known to be one sooner
        if len(value) != 1:
            return False
        (key,) = value
        return isinstance(key, str) and (key == "Ref" or key.startswith("Fn::"))
    return isinstance(value, Runtime) or is_object_token(value)


_ONE_TOKEN = re.compile(r"[$#]\{Token\[[^\]]*\]\}")


def is_whole(value: object) -> bool:
    """Return whether a value is a placeholder for a whole mapping or list."""
    if isinstance(value, str):
        return _ONE_TOKEN.fullmatch(value) is not None or (is_jsonata(value) and value.count("{%") == 1)
    # Most are mappings and lists that are known.
    return not (isinstance(value, (int, float, Mapping)) or value is None or value == ()) and is_dynamic(value)


def is_object_token(value: object) -> bool:
    """Return whether a value is a token object of aws-cdk-lib; constructs and paths can have ``resolve`` too."""
    return hasattr(value, "resolve") and not hasattr(type(value), "node") and not isinstance(value, PurePath)


def is_number_token(value: object) -> bool:
    """Return whether a value is a number that encodes a token."""
    if not isinstance(value, float):
        return False
    return struct.pack(">d", value)[:2] == _NUMBER_TOKEN
