"""Values from look-ups: dynamic references when a stack is deployed, context look-ups when an app is synthesized.

A look-up of the CDK without an answer gives a dummy, such as ``vpc-12345``; the provider's name shows its meaning.

Source: the AWS CloudFormation user guide, "Get values stored in other services using dynamic references"; the dummies are
those of aws-cdk-lib's ``from_lookup`` and ``value_from_lookup``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from constructs_ml.cfn.physical_values import PhysicalValues
from constructs_ml.testing.stand_ins import Unknown

if TYPE_CHECKING:
    from constructs_ml.testing.deployed_app import DeployedApp

_DYNAMIC = re.compile(r"\{\{resolve:([\w-]+):([^{}]*)\}\}")
# What a check of a template puts for a value that is known later; tokens of the CDK end in numbers, and tell nothing.
_LATER = re.compile(r"\$\{Token\[(?!Unknown\d+\]|[^\]]*\.\d+\])([^\]]+)\]\}")
_DUMMY = "dummy-value-for-"
_DUMMIES = (
    (re.compile(r"vpc-12345"), "AWS::EC2::VPC"),
    (re.compile(r"[spi]-(?:12345|67890)"), "AWS::EC2::Subnet"),
    (re.compile(r"rtb-\d{5}[spi]"), "AWS::EC2::RouteTable"),
    (re.compile(r"sg-123456789012"), "AWS::EC2::SecurityGroup"),
    (re.compile(r"ami-1234"), "AWS::EC2::Image"),
)
_DEEPEST = 5


class Lookups:
    """The look-ups of an app.

    Args:
        app: The app.
    """

    def __init__(self, app: DeployedApp) -> None:
        self._app, self._stand_ins = app, app.stand_ins
        names = sorted((self._parameter(each) for each in app.missing), key=len, reverse=True)
        known = "|".join(re.escape(name) for name in names if name)
        self._dummy = re.compile(f"{_DUMMY}({known + '|' if known else ''}[\\w./-]+)")

    def marked(self, text: str) -> str:
        """Return a string with values and marks in the place of look-ups.

        Args:
            text: The text.
        """
        for pattern, resource_type in _DUMMIES:
            if pattern.fullmatch(text):
                value = PhysicalValues(resource_type, text, self._stand_ins.place).reference
                self._stand_ins.made[value] = f"the look-up that gave {text}"
                return value
        if "${Token[" in text:
            text = _LATER.sub(lambda found: self._mark(found[1], *reversed(found[1].split("."))), text)
        for _ in range(_DEEPEST):
            found = _DYNAMIC.sub(self._resolved, text) if "{{resolve:" in text else text
            if found == text:
                break
            text = found
        return self._dummy.sub(self._looked_up, text) if _DUMMY in text else text

    def _resolved(self, found: re.Match[str]) -> str:
        service, reference = found.groups()
        if service.startswith("ssm"):
            name = reference.partition(":")[0]
            value = self._app.stored(name)
            return str(value) if value is not None else self._mark(found[0], name)
        # A secret's ARN has seven parts; SecretString, a key and a version follow it or its name.
        secret, _, rest = reference.partition(":SecretString")
        key = rest.strip(":").partition(":")[0]
        return self._mark(found[0], *filter(None, (key, "" if key else f"{secret}-value")))

    def _looked_up(self, found: re.Match[str]) -> str:
        return self._mark(f"the look-up of the parameter {found[1]}", found[1])

    def _mark(self, origin: str, *names: str) -> str:
        return self._stand_ins.mark(Unknown(origin, names))

    @staticmethod
    def _parameter(missing: Any) -> str:  # noqa: ANN401 - JSON
        return str(missing.get("props", {}).get("parameterName", ""))
