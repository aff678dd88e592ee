"""The losses of an update of a stack, by its template before and after.

Which properties replace their resource is CloudFormation's own word: the schemas of its resource types, as cfn-lint ships them.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from support.templates import Deployment, states

if TYPE_CHECKING:
    from collections.abc import Iterator

    Template = dict[str, Any]

MADE_AGAIN = {"AWS::CDK::Metadata", "AWS::IAM::Policy", "AWS::Lambda::LayerVersion", "AWS::Lambda::Permission"}
"""Types that hold no data: CloudFormation makes the new one before it deletes the old one, which only the stack refers to."""
REFUSED = {"AWS::KMS::Key": ["KeySpec", "KeyUsage", "MultiRegion", "Origin"]}
"""Properties whose update CloudFormation refuses, which the schemas do not say. Source: AWS::KMS::Key of the CloudFormation
Template Reference: "the update request fails, regardless of the value of the UpdateReplacePolicy attribute"."""
_KEEPING = {"Retain", "RetainExceptOnCreate", "Snapshot"}
_DRAWN = re.compile(
    r"'([^']+-)"
    r"(?:\{\}', States\.(?:UUID|ArrayGetItem\(States\.StringSplit\(States\.UUID)|' & (?:\$uuid|\$split\(\$uuid))"
)


def losses(before: Template, after: Template) -> list[str]:
    """Return what an update takes from those who use the stack: data, identities, names that others know.

    Args:
        before: The template that is deployed.
        after: The template that it is updated to.
    """
    return [*_resources(before, after), *_interface(before, after), *_definitions(before, after)]


def _resources(before: Template, after: Template) -> Iterator[str]:
    for name, old in before["Resources"].items():
        kind, new = old["Type"], after["Resources"].get(name)
        if kind in MADE_AGAIN:
            continue
        if new is None or new["Type"] != kind:
            yield f"{name} ({kind}) is gone"
            continue
        for path in _deciding(kind):
            if _at(old.get("Properties", {}), path) != _at(new.get("Properties", {}), path):
                yield f"{name} ({kind}) is replaced: {'.'.join(path)} changed"
        if old.get("Condition") != new.get("Condition"):
            yield f"{name} ({kind}) is there under another condition"
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            if old.get(policy) in _KEEPING and new.get(policy) not in _KEEPING:
                yield f"{name} ({kind}) is no longer kept: {policy} changed"


@cache
def _deciding(kind: str) -> list[tuple[str, ...]]:
    """The paths of properties whose change replaces a resource, or may."""
    documented = "AWS::CloudFormation::CustomResource" if kind.startswith("Custom::") else kind
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", documented).schema
    listed = [*schema.get("createOnlyProperties", ()), *schema.get("conditionalCreateOnlyProperties", ())]
    return [*(tuple(path.split("/")[2:]) for path in listed), *((name,) for name in REFUSED.get(kind, ()))]


def _at(value: Any, path: tuple[str, ...]) -> Any:
    """What is at a path; all of an intrinsic function, or of a list, that is on the way."""
    for part in path:
        if not isinstance(value, dict) or any(key == "Ref" or key.startswith("Fn::") for key in value):
            return value
        value = value.get(part)
    return value


def _interface(before: Template, after: Template) -> Iterator[str]:
    for name, old in before.get("Outputs", {}).items():
        new = after.get("Outputs", {}).get(name)
        if new is None:
            yield f"output {name} is gone"
        elif "Export" in old and old["Export"] != new.get("Export"):
            yield f"output {name} is no longer exported by its name"
    old_parameters, new_parameters = before.get("Parameters", {}), after.get("Parameters", {})
    yield from (f"parameter {name} is gone" for name in old_parameters if name not in new_parameters)
    for name, parameter in new_parameters.items():
        if name not in old_parameters and "Default" not in parameter:
            yield f"parameter {name} is new and has no default"


def _definitions(before: Template, after: Template) -> Iterator[str]:
    for name, resource in before["Resources"].items():
        if resource["Type"] == "AWS::StepFunctions::StateMachine" and name in after["Resources"]:
            old, new = (
                str(Deployment(template).resolve(template["Resources"][name]["Properties"]["DefinitionString"]))
                for template in (before, after)
            )
            known = states(json.loads(new))
            yield from (f"{name}: state {state!r} is gone" for state in _own(json.loads(old)) if state not in known)
            prefixes = set(_DRAWN.findall(old)) - set(_DRAWN.findall(new))
            yield from (f"{name}: no names begin with {prefix!r} any longer" for prefix in sorted(prefixes))


def _own(definition: dict[str, Any]) -> list[str]:
    """The states but for those that the library adds to one, as ``Deploy: wait`` to ``Deploy``."""
    found = states(definition)
    return [name for name in found if ": " not in name or name.partition(": ")[0] not in found]
