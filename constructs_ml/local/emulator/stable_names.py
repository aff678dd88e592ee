"""Generated names that are the same in each run of an app, so that the results that a run keeps are found by the next.

MiniStack draws a part of the names of buckets and of nested stacks, as AWS does, and derives all others from the logical ids.
"""

from __future__ import annotations

import importlib
from functools import partial
from typing import TYPE_CHECKING, Any

from constructs_ml.interpreter.corrections import wrap

if TYPE_CHECKING:
    from collections.abc import Callable

# The emulator ships no types.
_Data = Any
_RANDOM = len("-1a2b3c4d-5e6")
"""The length of the end that the name of each nested stack has."""
_SEED = "same"
BUCKET = "AWS::S3::Bucket"


def install(provisioners: _Data, handlers: dict[str, dict[str, Callable[..., Any]]]) -> None:
    """Change the names that the emulator generates.

    Args:
        provisioners: Its module that creates resources.
        handlers: Its handlers by resource types, to which the changed one is added.
    """
    wrap(provisioners, "_physical_name", _outside_stack)
    bucket = handlers[BUCKET]
    handlers[BUCKET] = {**bucket, "create": partial(_create_bucket, provisioners, bucket["create"])}


def _create_bucket(
    provisioners: _Data, original: Callable[..., Any], logical_id: str, properties: dict[str, Any], stack: str
) -> _Data:
    seed = provisioners._NAME_SEED  # noqa: SLF001 - in PRIVATE_NAMES
    if not properties.get("BucketName") and not seed.get():
        token = seed.set(_SEED)
        name = provisioners._physical_name(stack, logical_id, lowercase=True, max_len=63)  # noqa: SLF001
        if provisioners.s3_bucket_name_conflict(name):  # left by a stack that was deleted: the emulator draws another
            seed.reset(token)
    return original(logical_id, properties, stack)


def _outside_stack(original: Callable[..., str], stack: str, logical_id: str, **options: _Data) -> str:
    """Name a resource without the random parts of the names of nested stacks."""
    return original(_without_random_parts(stack), logical_id, **options)


def _without_random_parts(stack: str) -> str:
    stacks: Any = importlib.import_module("ministack.services.cloudformation")._stacks  # noqa: SLF001 - in PRIVATE_NAMES
    parent = (stacks.get(stack) or {}).get("_parent_stack_name")
    if parent is None:
        return stack
    return f"{_without_random_parts(parent)}-{stack.removeprefix(f'{parent}-')[:-_RANDOM]}"
