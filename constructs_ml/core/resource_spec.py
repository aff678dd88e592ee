"""Builds the request of a state that makes a resource, with its name and the needs of the role that it passes to SageMaker."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from constructs_ml.asl.dynamic import is_dynamic
from constructs_ml.asl.expressions import Format, Path
from constructs_ml.asl.names import NAME_LENGTH, fresh_name, is_prefix, job_part, job_prefix, prefix_length
from constructs_ml.core.props import ResourceProps
from constructs_ml.core.spec import ContainerSpec
from constructs_ml.core.values import parse_runtime_values
from constructs_ml.iam.job_role import JobAccess

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

    from constructs_ml.asl.expressions import Runtime
    from constructs_ml.core.image import BoundImage, ContainerImage
    from constructs_ml.core.result import ResultPlan

LOG_GROUPS = "/aws/sagemaker/Endpoints/*"
"""The containers of each endpoint write to a log group of the endpoint's name."""


class ResourceSpec(ContainerSpec):
    """Collects the request and the needs of a state that makes a resource.

    Attributes:
        name_member: The member that holds the resource's name.
        name_prefix: The start of the names.
        part: The state's part of names and locations.
    """

    def __init__(
        self,
        operation: str,
        scope: Construct,
        construct_id: str,
        props: Mapping[str, Any],
        *,
        name: tuple[str, Any],
        known: type = ResourceProps,
        service: str = "sagemaker",
    ) -> None:
        """Begin a spec.

        Args:
            operation: The operation of the API.
            scope: Where the state is defined.
            construct_id: Its id.
            props: The user's props, without the operation's own members.
            name: The member that holds the resource's name, and what the user passed for it.
            known: The props that there are.
            service: How Step Functions names the integration.
        """
        super().__init__(operation, scope, construct_id, props, known=known, service=service)
        self.name_member, self._given_name = name
        prefix = self.context.defaults.name_prefix
        if self.makes_name and prefix is not None and "name_prefix" in known.__optional_keys__:  # type: ignore[attr-defined]
            self.props = {"name_prefix": prefix, **self.props}
        self.access = JobAccess(LOG_GROUPS)
        below = self.context.path_below_stack(construct_id)
        self.part = job_part(below)
        self.name_prefix = job_prefix(self.context.of_stack.owner, below).lower()
        self.members |= {"Environment": "environment"}

    @property
    def makes_name(self) -> bool:
        """True if the name is drawn at every attempt."""
        return self._given_name is None

    def name(self) -> str | Runtime:
        """The resource's name: the user's, else one that is new at every attempt."""
        if not self.makes_name:
            return cast("str | Runtime", parse_runtime_values(self._given_name))
        prefix = self.props.get("name_prefix", self.name_prefix)
        if not is_dynamic(prefix) and not is_prefix(prefix):
            limits = f"1-{prefix_length()} letters, digits and hyphens, and start with no hyphen"
            self.faults.add("name_prefix", f"must be {limits}, got {prefix!r}", "make it shorter, or leave it out")
        return fresh_name(prefix, NAME_LENGTH)

    def names_pattern(self, name: str | Runtime) -> str:
        """The pattern of names that IAM allows the state machine to give the resource."""
        if self.makes_name:
            return f"{self.props['name_prefix']}*" if "name_prefix" in self.props else self.own_names
        start = name.parts[0] if isinstance(name, Format) else name
        known = self.props.get("name_prefix", start if isinstance(start, str) else "")
        return name if isinstance(name, str) else f"{known}*"

    @property
    def derived_from(self) -> Mapping[str, str]:
        """The role and the name."""
        name = re.sub("(?<!^)(?=[A-Z])", "_", self.name_member).lower()
        return {"ExecutionRoleArn": "role", self.name_member: name}

    @property
    def own_names(self) -> str:
        """The pattern of names that are drawn for the stack's resources, in this version and in the ones before."""
        return self.context.of_stack.own_names.lower()

    def result_plan(self) -> ResultPlan:
        """Return what the state passes on: a name that is drawn is read from the end of the ARN that comes back."""
        plan = super().result_plan()
        if self.makes_name:
            arn = self.summary[0]
            plan.derived = {self.name_member: name_in_arn(f"$.{arn}", f"$states.result.{arn}")}
        return plan

    def image(
        self, image: ContainerImage, instance_type: str | None, *, member: str, private: bool
    ) -> BoundImage | None:
        """An image for inference, made ready; its repositories are declared.

        Args:
            image: The image.
            instance_type: The instance type that decides between images for CPUs and GPUs.
            member: The prop that it is passed for.
            private: Whether it is in a private registry, which a function signs in to.
        """
        bound = image.bind(self.context, scope="inference", instance_type=instance_type, faults=self.faults)
        if bound is not None:
            if bound.unknown and self.derives_role and not private:
                self.unknown_image(member)
            self.access.repositories += bound.repository_arns
        return bound


def name_in_arn(jsonpath: str, jsonata: str) -> Path:
    """The name at the end of an ARN ``…:model/name``, given the path to the ARN.

    SageMaker writes it there in lower case, as the names are that the library draws.
    """
    return Path(f"States.ArrayGetItem(States.StringSplit({jsonpath}, '/'), 1)", f"$split({jsonata}, '/')[1]")
