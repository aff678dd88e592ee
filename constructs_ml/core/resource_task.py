"""A state that makes or changes a resource of SageMaker's: a model, an endpoint configuration, an endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.asl.expressions import Format, Language, Path, Runtime
from constructs_ml.core.permissions import policies_of
from constructs_ml.core.props import RequestProps
from constructs_ml.core.resource_spec import ResourceSpec, name_in_arn
from constructs_ml.core.task import FromRequest, passed_role
from constructs_ml.iam.resources import call_statement, pass_role, resource_arns
from constructs_ml.sagemaker.result import UnknownMemberError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from constructs import Construct

    from constructs_ml.iam.statements import Statement


class ResourceTask(FromRequest):
    """Makes a resource with a name that is new at every attempt, unless it is given one.

    Attributes:
        operation: The operation of the API.
        name_member: The member of the request that holds the resource's name.
        arn_type: The resource type in its ARN.
        role_member: The member that holds the role that is passed to SageMaker; None if there is none.
        names: The IAM pattern of the resource's names.
    """

    operation: str
    name_member: str
    arn_type: str
    role_member: str | None = None
    _needs_role = True

    def __init__(
        self,
        spec: ResourceSpec,
        request: Mapping[str, Any],
        *,
        role_arn: str | None = None,
        statements: Iterable[Statement] = (),
    ) -> None:
        """Make the state of a spec; subclasses call it with the members of the request that are their own.

        Args:
            spec: The state's props and needs.
            request: The request without the resource's name.
            role_arn: The role that the state machine passes to SageMaker.
            statements: Further permissions that the state machine needs.
        """
        name = spec.name()
        super().__init__(spec, {self.name_member: name, **request})
        self.names = spec.names_pattern(name)
        self._makes_name = spec.makes_name
        if self.names == "*":
            what = f"{self.name_member} is known only at run time"
            self._warn(f"{what}, so the state machine may use any {self.arn_type}; pass name_prefix")
        self._policies = policies_of(
            spec.context,
            [*self._own_statements(spec), *([pass_role(role_arn)] if role_arn else []), *statements],
            spec.faults.path,
        )

    def _own_statements(self, spec: ResourceSpec) -> list[Statement]:
        arns = resource_arns(spec.context.of_stack.place, self.arn_type, self.names, spec.own_names)
        return [call_statement((self.operation,), arns, tags="Tags" in self._request)]

    # What the states after it can use ----------------------------------------------------------------------------

    @property
    def later_name(self) -> str | Runtime:
        """The resource's name for the states after it, as the kernel writes it."""
        if not self._makes_name:
            return cast("str | Runtime", self._request[self.name_member])
        try:
            path = self._result.refer(self.name_member)
        except UnknownMemberError:
            arn = self._refer(self.name_member.removesuffix("Name") + "Arn")
            return name_in_arn(self._result.jsonpath(arn), self._result.jsonata(arn))
        return Path(self._result.jsonpath(path), self._result.jsonata(path))

    def _name_text(self) -> str:
        """The resource's name for users: a string, a JsonPath token or a JSONata expression."""
        name = self.later_name
        if isinstance(name, str):
            return name
        if self._language is Language.JSONATA:
            return f"{{% {name.jsonata} %}}"
        return sfn.JsonPath.string_at(name.jsonpath)

    # A request as a whole ----------------------------------------------------------------------------------------

    def _start_from(
        self, scope: Construct, construct_id: str, request: Mapping[str, Any], props: Mapping[str, Any]
    ) -> None:
        given = dict(request)
        spec = ResourceSpec(
            self.operation,
            scope,
            construct_id,
            props,
            name=(self.name_member, given.pop(self.name_member, None)),
            known=RequestProps,
        )
        role = passed_role(spec, given, self.role_member) if self._needs_role or self.role_member in given else None
        ResourceTask.__init__(self, spec, given, role_arn=role, statements=self._request_statements(spec, given))

    def _request_statements(self, spec: ResourceSpec, request: Mapping[str, Any]) -> list[Statement]:  # noqa: ARG002 - for subclasses
        """Return the statements that a request which is passed as a whole needs besides."""
        return []


def known_text(value: Any) -> str:  # noqa: ANN401 - a text or a runtime value
    """The text before the first runtime value."""
    start = value.parts[0] if isinstance(value, Format) else value
    return start if isinstance(start, str) else ""
