"""Values that are known only when a template is deployed or a workflow runs: what no check at synth can judge."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from constructs_ml.asl.expressions import Runtime, is_jsonata

# aws-cdk-lib writes these two bytes in front of a number that stands for a token (core/lib/private/encoding.ts).
_NUMBER_TOKEN = b"\xfb\xff"
# A dynamic reference of CloudFormation, {{resolve:ssm:NAME}}, is replaced at deployment as well.
_TEXT_TOKENS = ("${Token[", "#{Token[", "{{resolve:")


def is_dynamic(value: object) -> bool:
    """Whether a value stands for one that is known only later.

    That is so for the runtime values of :mod:`constructs_ml.asl.expressions`, a JSONata expression, a CDK token (in a
    text, as a number, as a list, or the object itself), an intrinsic function and a dynamic reference of CloudFormation.
    """
    if isinstance(value, str):
        return "{" in value and (is_jsonata(value) or any(mark in value for mark in _TEXT_TOKENS))
    if isinstance(value, (int, float)):
        return _is_number_token(value)
    if isinstance(value, (list, tuple)):
        return len(value) == 1 and isinstance(value[0], str) and value[0].startswith("#{Token[")
    if isinstance(value, Mapping):
        return len(value) == 1 and all(
            isinstance(key, str) and (key == "Ref" or key.startswith("Fn::")) for key in value
        )
    return isinstance(value, Runtime) or hasattr(value, "resolve")


def _is_number_token(value: float) -> bool:
    try:
        return struct.pack(">d", value)[:2] == _NUMBER_TOKEN
    except (OverflowError, struct.error):
        return False
