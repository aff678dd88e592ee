"""Acknowledgements of findings: one call for every version of aws-cdk-lib and of cdk-nag."""

from __future__ import annotations

import re
import sys
from base64 import b64encode
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import jsii
from aws_cdk import Annotations, AspectPriority, Aspects, CfnResource, IAspect

from constructs_ml.errors import PLUGIN, SECURITY_PLUGIN, Fault, InvalidPropsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs import IConstruct


PLUGINS_HOLD = (2, 271)
"""The first version whose plugins can take the checks.

Up to 2.250 there are none. Up to 2.261 what they find sets the exit code of Node and fails no synthesis in Python. Up to
2.270 an acknowledgement clears a rule in the whole app, wherever it was made.
"""


@cache
def version_of(distribution: str) -> tuple[int, int] | None:
    """Return the major and the minor version of what is installed; None if it is not.

    Args:
        distribution: Its name in the package index.
    """
    from importlib.metadata import PackageNotFoundError, version

    try:
        found = re.match(r"(\d+)\.(\d+)", version(distribution))
    except PackageNotFoundError:
        return None
    return (int(found[1]), int(found[2])) if found else None


@cache
def plugins_hold() -> bool:
    """Return whether aws-cdk-lib's plugins fail a synthesis, and its acknowledgements hold where they are made."""
    # An aws-cdk-lib that was copied without its metadata is taken for the newest.
    return (version_of("aws-cdk-lib") or PLUGINS_HOLD) >= PLUGINS_HOLD


@cache
def nag_reads_templates() -> bool:
    """Return whether a cdk-nag is installed that reads acknowledgements from the metadata of resources, as 2 does."""
    found = version_of("cdk-nag")
    return found is not None and found < (3, 0)


METADATA_KEY = "aws:cdk:acknowledged-rules"
"""The key of acknowledgements in metadata, ``Validations.ACKNOWLEDGED_RULES_METADATA_KEY``, in versions of aws-cdk-lib without it too."""
_OWN = re.compile(r"(?:(constructs-ml(?:-security)?)::)?(CM([LS])\d{3})")
_WARNING = re.compile(r"constructs-ml:\w[\w.:-]*")
"""The start of the ids of our own warnings, which are annotations."""
_LATIN = 255
"""The last character that cdk-nag 2 leaves as it is in a reason."""
_PLUGINS = {"L": PLUGIN, "S": SECURITY_PLUGIN}


def acknowledge(construct: IConstruct, rule: str, reason: str) -> None:
    """Accept a finding about a construct and those below it, with a reason.

    ::

        ml.acknowledge(train, "CML307", "runs once, when the stack is deployed")

    The synthesis then passes, and `constructs-ml check` of the app or its cdk.out leaves the finding out. It is
    ``Validations.of(construct).acknowledge(...)`` where aws-cdk-lib has that for a single construct (2.271 and newer), and
    metadata of the construct before.

    Args:
        construct: A state, a stack, the app or anything between them.
        rule: The rule: ``CML307``, ``CMS001``, or with the plugin's name, ``constructs-ml::CML307``. The id of a finding of
            cdk-nag holds too, ``AwsSolutions-S1``, and that of a warning of the synthesis, ``constructs-ml:unused``.
        reason: The reason that it is intended.

    Raises:
        InvalidPropsError: If the rule is none, or no reason is given.
    """
    faults = list(_faults(rule, reason))
    if faults:
        raise InvalidPropsError(construct.node.path or "App", faults)
    if _WARNING.fullmatch(rule):
        Annotations.of(construct).acknowledge_warning(rule, reason)
        if not plugins_hold():
            # As of 2.200, that holds for warnings to come of what is below the construct, and not for its own.
            construct.node.add_metadata(METADATA_KEY, {rule: reason})
        return
    found = _OWN.fullmatch(rule)
    record(construct, {f"{_PLUGINS[found[3]]}::{found[2]}" if found else rule: reason})


def _faults(rule: str, reason: str) -> Iterator[Fault]:
    found = _OWN.fullmatch(rule)
    if found and found[1] not in (None, _PLUGINS[found[3]]):
        yield Fault("rule", f"must be {_PLUGINS[found[3]]}::{found[2]}, got {rule}")
    elif not found and not _WARNING.fullmatch(rule) and (not rule or re.match(r"constructs-ml|CM[LS]", rule)):
        yield Fault("rule", f"must be the id of a rule, got {rule!r}", "pass one such as CML307, as the report has it")
    if not reason.strip():
        yield Fault("reason", "is required", "say why it is intended")


def record(construct: IConstruct, reasons: Mapping[str, str], *, complete: bool = False) -> None:
    """Write acknowledgements to the places where aws-cdk-lib, cdk-nag and the checks read them.

    Args:
        construct: The construct.
        reasons: The reasons, by the ids of the findings.
        complete: Whether all resources below the construct are defined, as when aspects visit it.
    """
    if plugins_hold():
        from aws_cdk import Acknowledgment, Validations

        Validations.of(construct).acknowledge(*(Acknowledgment(id=name, reason=why) for name, why in reasons.items()))
    else:
        # Not by Validations, even where it exists: up to 2.268 it refuses an id with "::" in its brackets.
        construct.node.add_metadata(METADATA_KEY, dict(reasons))
    of_nag = {name: why for name, why in reasons.items() if not _OWN.fullmatch(name)}
    if of_nag and nag_reads_templates():
        in_template = _InTemplate(of_nag)
        if complete:
            for each in construct.node.find_all():
                in_template.visit(each)
        else:
            # Before the packs, which are aspects too, look at what is below.
            Aspects.of(construct).add(cast("IAspect", in_template), priority=AspectPriority.MUTATING)


@jsii.implements(IAspect)
class _InTemplate:
    """Writes acknowledgements into the metadata of resources, in the form of cdk-nag 2's ``NagSuppressions``."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        self._rules = [_rule(name, reason) for name, reason in reasons.items()]

    @jsii.member(jsii_name="visit")
    def visit(self, node: IConstruct) -> None:
        # An app that does not import cdk-nag has nothing of it in its templates, whatever else is installed.
        if "cdk_nag" not in sys.modules or not CfnResource.is_cfn_resource(node):
            return
        resource = cast("CfnResource", node)
        known = resource.get_metadata("cdk_nag") or {}
        rules = known.get("rules_to_suppress", [])
        new = [rule for rule in self._rules if rule not in rules]
        resource.add_metadata("cdk_nag", {**known, "rules_to_suppress": [*rules, *new]})


def _rule(name: str, reason: str) -> dict[str, Any]:
    rule, bracket, finding = name.removesuffix("]").partition("[")
    body: dict[str, Any] = {"id": rule, "reason": reason, **({"applies_to": [finding]} if bracket else {})}
    if any(ord(character) > _LATIN for character in reason):
        body |= {"reason": b64encode(reason.encode()).decode(), "is_reason_encoded": True}
    return body


def warn(construct: IConstruct, name: str, text: str) -> None:
    """Warn of a construct, unless that is acknowledged.

    Args:
        construct: The construct.
        name: The id that the warning is acknowledged by.
        text: The warning.
    """
    if plugins_hold() or name not in acknowledged_on(construct):
        Annotations.of(construct).add_warning_v2(name, text)


def acknowledged_on(construct: IConstruct) -> dict[str, str]:
    """Return the reasons that were given on a construct, by the ids of the findings.

    Args:
        construct: The construct.
    """
    found: dict[str, str] = {}
    for entry in construct.node.metadata:
        if entry.type == METADATA_KEY:
            found.update(entry.data)
    return found
