"""The instances in a request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from constructs_ml.asl.values import is_number
from constructs_ml.lint.security.call import each
from constructs_ml.sagemaker.task_requests import LATER

if TYPE_CHECKING:
    from constructs_ml.lint.security.call import Part

_SEVERAL = ("InstanceGroups", "InstancePreferences", "InstanceConfigs", "InstancePools")
# Families with local disks, known (a "d" after the generation, most accelerators) or probable.
_LOCAL_STORAGE = re.compile(r"ml\.([a-z]+\d+[a-z]*d[a-z0-9-]*|gr?[4-9]\w*|p[4-9][\w-]*|trn\w+|dl\w+|[dhix]\d\w*)\..+")


def may_have_local_storage(part: Part) -> bool:
    """Return whether one of the instances may have a local disk, which its hardware encrypts and which takes no key.

    Source: VolumeKmsKeyId of ResourceConfig in the API; "Instance store volumes" of the EC2 user guide.
    """
    types = [*each(part.body, "InstanceType")]
    for several in _SEVERAL:
        types += each(part.body, several, "InstanceType")
    unknown = "InstanceType" in part.shape.members and not types
    return unknown or any(not isinstance(name, str) or _LOCAL_STORAGE.fullmatch(name) is not None for name in types)


def are_several(part: Part, *path: str) -> bool:
    """Return whether more than one instance is certainly requested below a path."""
    counts = [*each(part.body, *path, "InstanceCount")]
    groups = [*each(part.body, *path, "InstanceGroups", "InstanceCount")]
    choices = [count for several in _SEVERAL[1:] for count in each(part.body, *path, several, "InstanceCount")]
    known = [count for count in (*counts, *choices) if count is not LATER and is_number(count)]
    return any(count > 1 for count in known) or sum(count for count in groups if is_number(count)) > 1
