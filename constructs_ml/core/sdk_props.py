"""Jobs that are made of objects of the SageMaker SDK: what they take, and where it is done."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from constructs_ml.core.props import NetworkProps, RunProps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_iam as iam

    from constructs_ml.core.s3_data import S3Data


class AdapterProps(RunProps, NetworkProps, total=False):
    """What a job takes beside an object of the SageMaker SDK: what the SDK does not know of.

    What the object says goes before the nearest :class:`~constructs_ml.JobDefaults`, but for network isolation and
    encryption of traffic, which are on if either asks for them.
    """

    role: iam.IRole
    """The role that the job runs under; it is granted what the job declares. Default: the object's, unless that is
    ``constructs_ml.sdk.DERIVED_ROLE``; then one that the stack's jobs share."""
    within: Sequence[S3Data]
    """Where locations may point to whose bucket is known only at run time; a role is derived from it. The ``uri`` of one
    of them stands for exactly it."""


def adapter(name: str) -> Any:  # noqa: ANN401 - a module
    """A module of the adapters. It is looked up when it is used: jobs know nothing of the SDK, and adapters all of jobs."""
    return import_module(f"constructs_ml.sdk.{name}")
