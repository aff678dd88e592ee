"""The permissions that the states of a machine need."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from constructs_ml.asl.definition import is_inline
from constructs_ml.asl.expressions import Language
from constructs_ml.asl.integration import SDK, integration_of
from constructs_ml.asl.machine import per_machine_cache, resources
from constructs_ml.asl.values import fields_of
from constructs_ml.iam.policy import ANY, Need, arn, grants_of, optional
from constructs_ml.iam.required_by_call import needs_of_call, needs_of_service, objects_at
from constructs_ml.iam.resource_names import pattern_of
from constructs_ml.sagemaker.task_requests import requests_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from constructs_ml.asl.definition import State
    from constructs_ml.asl.machine import Machine
    from constructs_ml.sagemaker.task_requests import Request


_FUNCTIONS = {"AWS::Lambda::Alias", "AWS::Lambda::Function", "AWS::Lambda::Version", "AWS::Serverless::Function"}
# Services whose names in the SDK and in IAM differ.
_PREFIXES = {"eventbridge": "events", "sfn": "states"}


@dataclass(frozen=True, slots=True)
class Needs:
    """The permissions that a machine's states need.

    Attributes:
        known: The known needs, with the names of the states that have them.
        unknown: The IAM prefixes of the services that calls with unknown needs may use.
    """

    known: Mapping[Need, Sequence[str]]
    unknown: frozenset[str]


@per_machine_cache
def needs_of(machine: Machine) -> Needs:
    """Return the permissions that the states of a machine need."""
    requests = {id(request.state): request for request in requests_of(machine)}
    known: dict[Need, list[str]] = {}
    unknown: set[str] = set()
    for state in machine.states:
        found = _of_state(state, requests.get(id(state)), machine)
        if found is None:
            call = integration_of(state)
            service = call.service.removeprefix(SDK).partition(":")[0] if call else ""
            # Such a call may use events and roles too.
            unknown |= {_PREFIXES.get(service, service), "events", "iam"}
        else:
            for need in found:
                known.setdefault(need, []).append(state.name)
    return Needs(known, frozenset(unknown))


def _of_state(state: State, request: Request | None, machine: Machine) -> Iterator[Need] | None:
    """Return the permissions that a state needs; None if they are unknown."""
    if state.type == "Map":
        return _of_map(state, machine)
    if state.type != "Task":
        return iter(())
    found = _of_task(state, request, machine)
    return found if found is None or "Credentials" not in state.body else _by_another(state, found)


def _by_another(state: State, needs: Iterator[Need]) -> Iterator[Need]:
    """Yield the permissions for a call with another role; aws-cdk-lib grants the machine's role the call itself too."""
    role = pattern_of(fields_of(state.body["Credentials"]), "RoleArn")
    yield Need(("sts:AssumeRole",), (role,) if role and role.startswith(("arn:", "${")) else ANY)
    for need in needs:
        yield replace(need, required=False)


def _of_task(state: State, request: Request | None, machine: Machine) -> Iterator[Need] | None:
    call = integration_of(state)
    if call is None:
        return _of_resource(state, machine)
    if request is not None:
        return needs_of_call(call, request)
    return needs_of_service(call, state.payload)


def _of_resource(state: State, machine: Machine) -> Iterator[Need] | None:
    """Return the permissions of a Task whose resource is a function or an activity; None if they are unknown."""
    text = state.body.get("Resource")
    if not isinstance(text, str):
        return None
    kind = fields_of(resources(machine).get(text.removeprefix("${Token[").partition(".")[0].partition("]")[0])).get(
        "Type"
    )
    if ":function:" in text or kind in _FUNCTIONS:
        return iter((Need(("lambda:InvokeFunction",), (text, f"{text}:*")),))
    return iter(()) if ":activity:" in text or kind == "AWS::StepFunctions::Activity" else None


def _of_map(state: State, machine: Machine) -> Iterator[Need]:
    """Yield the permissions of a distributed Map: run its iterations, read its items, write its results.

    Source: "IAM policies for using Distributed Map states" of the Step Functions developer guide.
    """
    if is_inline(state):
        return
    own = fields_of(fields_of(resources(machine).get(machine.name)).get("Properties")).get("StateMachineName")
    name = own if isinstance(own, str) else "*"
    yield Need(("states:StartExecution",), (f"${{Token[{machine.name}]}}", arn("states", f"stateMachine:{name}")))
    yield Need(("states:DescribeExecution",))
    yield optional("states:StopExecution", "states:RedriveExecution")
    for field, actions in (("ItemReader", _READS), ("ResultWriter", _WRITES)):
        yield from _of_storage(state, field, actions)


_READS = {"s3:getObject": "s3:GetObject", "s3:listObjectsV2": "s3:ListBucket"}
_WRITES = {"s3:putObject": "s3:PutObject"}


def _of_storage(state: State, field: str, actions: Mapping[str, str]) -> Iterator[Need]:
    body = fields_of(state.body.get(field))
    where = fields_of(body.get("Arguments" if state.language is Language.JSONATA else "Parameters"))
    action = actions.get(str(body.get("Resource")).partition(":states:::")[2])
    if action is None:
        return
    on = objects_at(where, action)
    # The policy may allow it on a bucket that is not known here.
    yield Need((action,), on, required=on != ANY)


@per_machine_cache
def lacking_of(machine: Machine) -> tuple[tuple[Need, tuple[str, ...]], ...]:
    """Return each need with the actions that are lacking; nothing if the role's permissions are unknown."""
    if machine.granted is None:
        return ()
    grants = grants_of(machine)
    found = ((need, tuple(grants.lacking(need))) for need in needs_of(machine).known if need.required)
    return tuple((need, actions) for need, actions in found if actions)
