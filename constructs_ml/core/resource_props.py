"""The props of states that make a resource of SageMaker's, such as a model or an endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.core.props import CallProps, NetworkProps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_stepfunctions as sfn

    from constructs_ml.core.whole import Whole


class ResourceProps(CallProps, total=False):
    """What every state takes that makes a resource with a name."""

    name_prefix: str
    """What the names start with, at most 27 characters: SageMaker's limit of 63 without the UUID that makes them new.

    Default: the names of the stack and the state. With a name that is known only at run time it says what the state
    machine may make; nothing by default, so that it may make any."""


class ModelProps(ResourceProps, NetworkProps, total=False):
    """What a model takes beside what it serves: where its containers run, and under which role."""

    environment: Mapping[str, str] | Whole
    """Environment variables of every container, at most 100."""
    network_isolation: bool
    """Whether the containers have no network at all. Default: they have."""
    role: iam.IRole
    """The role that the containers run under; it is granted what the model declares. Default: one that the stack's jobs
    share."""


class RequestProps(ResourceProps, total=False):
    """What a state takes whose request is passed as a whole; see ``from_request``."""

    role: iam.IRole
    """The role that the state machine may hand to SageMaker, where the request names it only at run time. It is granted
    nothing. Default: the role that the request names, or else one that the stack's jobs share."""
    wait_for_completion: bool
    """Whether the state waits for a job to end. Default: it does."""
    integration_pattern: sfn.IntegrationPattern
    """aws-cdk-lib's way to say the same: ``RUN_JOB`` waits, ``REQUEST_RESPONSE`` does not."""
    job_name_prefix: str
    """Of jobs: what their names start with, as for a job that is defined by props."""
    endpoint_config_prefix: str
    """Of endpoints: what the names of their configurations start with. Default: the name in the request, or any."""


class JobRequestProps(RequestProps, total=False):
    """The same, with the name that is taken out of a job's request."""

    job_name: str
