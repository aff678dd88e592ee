"""Who calls, where, and on whose resources: the vocabulary of the tables of calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from constructs_ml.asl.names import owner_name
from support.iam import REGION, Call
from support.templates import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack
    from aws_cdk import aws_stepfunctions as sfn

UUID = "0f9a3c1e-5b7d-4c2a-9e8f-1a2b3c4d5e6f"
STRANGER = "999988887777"
SAGEMAKER = "sagemaker.amazonaws.com"
NAMESPACE = "cloudwatch:namespace"


def calls(resource: str, *actions: str, **context: str) -> list[Call]:
    """The same resource, several actions."""
    keys = {key.replace("__", ":"): value for key, value in context.items()}
    return [Call(action, resource, keys) for action in actions]


def arn(service: str, resource: str, *, region: str = REGION, account: str = ACCOUNT) -> str:
    return f"arn:aws:{service}:{region}:{account}:{resource}"


def role(name: str, account: str = ACCOUNT) -> str:
    """A role of a template; its name is its logical id in lower case."""
    return arn("iam", f"role/{name.lower()}", region="", account=account)


JOB_ROLE = role("ConstructsMlJobRole")
ARTIFACTS = "arn:aws:s3:::constructsmlartifacts"
"""The bucket that the library makes for a stack."""
DATA = "arn:aws:s3:::data"
"""The bucket that the jobs of the tables read."""
KEY = arn("kms", "key/declared")
VOLUME_KEY = arn("kms", "key/volumes")
OTHER_KEY = arn("kms", "key/of-others")
REPOSITORY = arn("ecr", "repository/mine")
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/mine:1"
TOPIC = arn("sns", "told")


def passing(role_arn: str, *, to: str = SAGEMAKER) -> Call:
    """Handing a role to a service."""
    return Call("iam:PassRole", role_arn, {"iam:PassedToService": to})


@dataclass(frozen=True)
class Team:
    """A stack, and the names of what its workflows make.

    Attributes:
        stack: The name of the stack.
    """

    stack: str

    @property
    def owner(self) -> str:
        """What the names start with."""
        return owner_name(self.stack)

    def own(self, kind: str, name: str = f"Step-{UUID}") -> str:
        """Something that this team's workflow makes."""
        return arn("sagemaker", f"{kind}/{self.owner}-{name}")

    def own_in_lower_case(self, kind: str, name: str = f"step-{UUID}") -> str:
        """The same as the ARNs of some of SageMaker's resources write it."""
        return arn("sagemaker", f"{kind}/{self.owner.lower()}-{name}")

    def others(self, kind: str) -> list[str]:
        """What other teams made: under another name, one that only starts alike, and without a team's name."""
        names = (f"Marketing-9zZ9-Step-{UUID}", f"{self.owner}x-Step-{UUID}", self.owner, f"x{self.owner}-Step", "step")
        return [arn("sagemaker", f"{kind}/{name}") for name in names]


@dataclass(frozen=True)
class Access:
    """What one role is asked for.

    Attributes:
        role: The role, by its logical id without the hash.
        may: What AWS documents that it calls.
        may_not: Near misses.
        assumed_by: The service that assumes it.
    """

    role: str
    may: list[Call]
    may_not: list[Call]
    assumed_by: str = SAGEMAKER


@dataclass(frozen=True)
class Case:
    """A state, what it declares, and what its roles may do.

    Attributes:
        team: The stack that it is in.
        define: Defines it.
        roles: What each role is asked for.
    """

    team: Team
    define: Callable[[Stack], sfn.IChainable]
    roles: list[Access] = field(default_factory=list)
