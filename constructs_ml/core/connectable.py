"""``ec2.IConnectable`` without importing aws_ec2, which takes a fifth of a second.

``jsii.implements`` needs the interface's class; the jsii kernel needs only its name, and the members that stand for it.
"""

from __future__ import annotations

from typing import Any, TypeVar

import jsii

T = TypeVar("T", bound="type[Any]")


class _Connectable:
    """What the jsii runtime asks of an interface."""

    __jsii_type__ = "aws-cdk-lib.aws_ec2.IConnectable"

    @property
    @jsii.member(jsii_name="connections")
    def connections(self) -> Any:  # noqa: ANN401 - an ec2.Connections
        """The security groups to connect to."""
        raise NotImplementedError


def connectable(cls: T) -> T:
    """Lets a class be passed where an ``ec2.IConnectable`` is asked for."""
    return jsii.implements(_Connectable)(cls)
