"""What jobs may read of the code that a stack ships: the code of every version of it, not of this one alone.

A running execution keeps its definition while a deployment is under way, and afterwards; the role of its jobs gets the new
version's policy at once. A policy that names the new version's files would fail each job that is yet to start. Sources:
"UpdateStateMachine" of the Step Functions API reference (running executions "will continue to use the previous definition
and roleArn") and "Changes that I make are not always immediately visible" of the IAM user guide.

A file asset's key is the prefix of the stack's synthesizer, the hash of the content, and the ending of the file. Every
version's keys differ by the hash alone; without a prefix, so do those of the other stacks that share the bucket.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from constructs_ml.iam.job_role import Objects

if TYPE_CHECKING:
    from collections.abc import Iterable

_HASH = re.compile(r"[0-9a-f]{64}(?=[./]|$)")


def code_of_all_versions(bucket_arn: str, key: str, endings: Iterable[str] = ()) -> tuple[Objects, ...]:
    """The objects of a bucket that are code of any version of a stack.

    Args:
        bucket_arn: The bucket of the stack's assets.
        key: Where this version's file is.
        endings: What such files end with in other versions: a script may become a folder.
    """
    found = _HASH.search(key)
    if found is None:
        # A synthesizer with keys of its own, such as the legacy one, whose keys are parameters.
        return (Objects(bucket_arn, key, exact=True),)
    prefix, name = key[: found.start()], key[found.end() :].lstrip("/")
    _, dot, ending = name.rpartition(".")
    own = f".{ending}" if dot else f"/{name}"
    return tuple(Objects(bucket_arn, f"{prefix}*{each}", exact=True) for each in sorted({own, *endings}))
