"""Physical ids and attributes in the form that AWS gives them, for resources that are not really created.

Simulated executions and the stand-ins of a local run use them: a security group is ``sg-0123456789abcdef0`` wherever it is
referred to, so that requests which name it pass the checks of the services. ``return_values`` holds the forms.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from constructs_ml.cfn.return_values import (
    ARNS,
    ATTRIBUTES,
    EC2_PREFIXES,
    LISTS,
    NAMED,
    PORTS,
    REF_IS_ARN,
    REFERENCES,
    SECURITY_GROUP,
    SERVERLESS,
    SERVICES,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEX = 17
# The shortest limit that services put on names, that of buckets; CloudFormation cuts the names that it generates too.
_LONGEST_NAME = 63
_KEBAB = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_KNOWN = {*ARNS, *NAMED, *REFERENCES, *REF_IS_ARN, *(f"AWS::EC2::{kind}" for kind in EC2_PREFIXES)}


@dataclass(frozen=True)
class Place:
    """The environment that a resource would be deployed to.

    Attributes:
        account: The account's id.
        region: The region's name.
        partition: ``aws``, ``aws-cn``, ``aws-us-gov``.
        stack: The stack's name; part of the names that CloudFormation generates.
    """

    account: str = "111122223333"
    region: str = "us-east-1"
    partition: str = "aws"
    stack: str = ""

    @property
    def suffix(self) -> str:
        """The domain of the services' endpoints."""
        return "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"


@dataclass(frozen=True)
class PhysicalValues:
    """The values of one resource; every call returns the same ones.

    Attributes:
        resource_type: As ``AWS::EC2::Subnet``.
        logical_id: Its logical id.
        place: The environment that it would be deployed to.
        properties: Its properties, resolved as far as they are known. A name that they give is its name.
    """

    resource_type: str
    logical_id: str
    place: Place = field(default_factory=Place)
    properties: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reference(self) -> str:
        """The value of ``Ref``."""
        _, service, kind = self._parts
        if service == "EC2" and kind in EC2_PREFIXES:
            return f"{EC2_PREFIXES[kind]}-{self._digest[:_HEX]}"
        if self._type in REF_IS_ARN:
            return self._arn("Arn")
        return self.filled(REFERENCES.get(self._type, "{name}"))

    @property
    def name_properties(self) -> tuple[str, ...]:
        """The properties that may give its name."""
        return (f"{self._parts[2]}Name", "Name")

    def documents(self, name: str | None = None) -> bool:
        """Return whether a value's form is documented rather than guessed.

        Args:
            name: The attribute. Default: the value of ``Ref``.
        """
        last = (name or "Arn").rpartition(".")[2]
        if name in LISTS or name in SECURITY_GROUP or name in self.properties:
            return True
        return self._type in _KNOWN and (last.lower().endswith("arn") or last in ATTRIBUTES or last.endswith("Name"))

    def attribute(self, name: str) -> str | list[str]:
        """Return the value of ``Fn::GetAtt``.

        Args:
            name: The attribute, as ``Arn`` or ``Endpoint.Address``.
        """
        if name in LISTS:
            return [self.filled(text) for text in LISTS[name]]
        if name in self.properties and isinstance(self.properties[name], str):
            return str(self.properties[name])
        last = name.rpartition(".")[2]
        if name in SECURITY_GROUP:
            own = self._type == "AWS::EC2::SecurityGroup"
            return self.reference if own else f"sg-{self._digest[:_HEX]}"
        if last.endswith("Arn") or last == "ARN":
            return self._arn(last)
        return self.filled(self._form(last))

    def filled(self, form: str) -> str:
        """Return a form filled with its values.

        Args:
            form: As ``return_values`` has them: ``arn:{partition}:s3:::{name}``.
        """
        digest = self._digest
        values = {
            "account": self.place.account,
            "region": self.place.region,
            "partition": self.place.partition,
            "suffix": self.place.suffix,
            "name": self._name,
            "lower": self._generated,
            "hex": digest[:_HEX],
            "hex6": digest[:6],
            "hex12": digest[:12],
            "hex16": digest[:16],
            "octet": self._octet,
            "upper13": digest[:13].upper(),
            "upper20": digest[:20].upper(),
            "uuid": "-".join((digest[:8], digest[8:12], f"4{digest[13:16]}", f"8{digest[17:20]}", digest[20:32])),
        }
        ref = self.reference if "{ref}" in form else ""
        return form.format(**values, ref=ref)

    def _form(self, name: str) -> str:
        """Return the form of an attribute by the last part of its name."""
        if name in ATTRIBUTES:
            return ATTRIBUTES[name]
        if name in {"Port", "ReadEndPointPort"}:
            return PORTS.get(f"AWS::{self._parts[1]}", "443")
        if name.endswith("Name"):
            # The Ref of an endpoint is its ARN, its EndpointName is its name.
            return "{name}"
        return "{ref}" if name.endswith("Id") else f"{{lower}}-{name.lower()}"

    def _arn(self, name: str) -> str:
        if name != "Arn" and self._type not in REF_IS_ARN and self.reference.startswith("arn:"):
            return self.reference
        if REFERENCES.get(self._type, "").startswith("arn:"):
            return self.reference
        _, service, kind = self._parts
        other = "arn:{partition}:" + SERVICES.get(service, service.lower()) + ":{region}:{account}:"
        return self.filled(ARNS.get(self._type) or f"{other}{_KEBAB.sub('-', kind).lower()}/{{name}}")

    @property
    def _type(self) -> str:
        return SERVERLESS.get(self.resource_type, self.resource_type)

    @property
    def _parts(self) -> tuple[str, str, str]:
        vendor, _, rest = self._type.partition("::")
        service, _, kind = rest.partition("::")
        return vendor, service, kind

    @property
    def _digest(self) -> str:
        text = f"{self.place.account} {self.place.region} {self.place.stack} {self.logical_id}"
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def _octet(self) -> str:
        return str(int(self._digest[:2], 16) % 254 + 1)

    @property
    def _name(self) -> str:
        given = (self.properties.get(key) for key in self.name_properties)
        return next((name.lstrip("/") for name in given if isinstance(name, str) and name), self._generated)

    @property
    def _generated(self) -> str:
        name = "-".join(filter(None, (self.place.stack, self.logical_id))).lower()
        return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 9]}-{self._digest[:8]}"
