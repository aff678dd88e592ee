"""CML403."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.machine import indented_size, resources, size
from constructs_ml.cfn.template import without_definitions
from constructs_ml.errors import Severity, Violation
from constructs_ml.lint.examples import definition
from constructs_ml.lint.rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine

BYTES, RESOURCES = 1_000_000, 500
_NEARLY = 0.9
_MACHINE = "AWS::StepFunctions::StateMachine"


def _template(topics: int) -> dict[str, Any]:
    body = definition(Ready={"Type": "Pass", "End": True})
    machine = {"Type": _MACHINE, "Properties": {"Definition": body, "RoleArn": "arn:aws:iam::111122223333:role/Flow"}}
    return {"Resources": {"Flow": machine, **{f"Topic{at}": {"Type": "AWS::SNS::Topic"} for at in range(topics)}}}


@rule(
    "CML403",
    title="A template has at most 1 MB and 500 resources",
    reason="CloudFormation refuses a larger one; its 1 MB are 1,000,000 bytes of the file, including indentation. For "
    "a template that is not in a file, the size is what aws-cdk-lib would write; it is an error if the template is "
    "too large even without indentation. Above nine tenths of a limit, it is a warning. Source: 'Understand "
    "CloudFormation quotas' of the CloudFormation user guide; cfn-lint's limits.",
    bad=_template(500),
    good=_template(2),
)
def large_template(machine: Machine) -> Iterator[Violation]:
    """A template that is too large, or nearly so; reported with its first state machine."""
    found = resources(machine)
    if not found or machine.name != _first(found):
        return
    yield from _over(len(found), RESOURCES, "resources", "split the stack, or let its jobs share a role")
    # The smallest possible size is certain; the indentation is known only for a file.
    deployed = {} if machine.written else without_definitions(machine.template)
    written = machine.written or indented_size(deployed)
    yield from _over(written, BYTES, "bytes", _SMALLER, certain=machine.written or size(deployed))


_SMALLER = (
    "split the stack, omit the indentation (suppress_template_indentation), or keep the definition in a file "
    "(DefinitionS3Location)"
)


def _over(got: int, limit: int, unit: str, fix: str, *, certain: int | None = None) -> Iterator[Violation]:
    if got > limit * _NEARLY:
        severity = Severity.ERROR if (got if certain is None else certain) > limit else Severity.WARNING
        yield Violation("", "", f"the template must have at most {limit:,} {unit}, got {got:,}", fix, severity)


def _first(found: Mapping[str, Any]) -> str:
    return next(
        (
            name
            for name, item in found.items()
            if isinstance(item, Mapping) and str(item.get("Type")).endswith("::StateMachine")
        ),
        "",
    )
