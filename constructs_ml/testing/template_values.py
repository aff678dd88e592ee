"""Values of a template in its deployed form: every intrinsic function has one, in the form that AWS would give it."""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from constructs_ml.asl.values import fields_of
from constructs_ml.cfn.assemblies import NESTED_STACK
from constructs_ml.cfn.intrinsics import Resolver
from constructs_ml.cfn.physical_values import PhysicalValues, Place
from constructs_ml.testing.parameter_values import parameter_value
from constructs_ml.testing.stand_ins import MARK, MadeList, StandIns, Unknown

# Templates and payloads are any JSON.
_Json = Any
_READER = "Custom::CrossRegionExportReader"
_ZONES = "abc"


class _App(Protocol):
    """The app that a stack is part of, as the values of its template need it; see ``DeployedApp``."""

    stand_ins: StandIns

    def nested(self, parent: TemplateValues, logical_id: str) -> TemplateValues | None: ...
    def exported(self, name: str) -> _Json: ...
    def output(self, stack: str, output: str) -> _Json: ...
    def stored(self, name: str) -> _Json: ...
    def written(self, name: str) -> _Json: ...


@dataclass(frozen=True, kw_only=True)
class TemplateValues(Resolver):
    """The values of one stack's template.

    Attributes:
        app: The app that the stack is part of.
        place: The environment of the stack.
        name: The stack's name; empty if a template is all there is.
        key: Its unique key in the app: the file of its root's template and the logical ids that lead to it.
        given: The values of parameters that a parent stack gives.
    """

    app: _App
    place: Place
    name: str = ""
    key: tuple[str, ...] = ()
    given: Mapping[str, Callable[[], _Json]] = field(default_factory=dict)

    @property
    def stand_ins(self) -> StandIns:
        """The record of values that are unknown."""
        return self.app.stand_ins

    def output(self, name: str) -> _Json:
        """Return the value of an output; None if there is no such output.

        Args:
            name: The output's logical id.
        """
        found = fields_of(fields_of(self.template.get("Outputs")).get(name))
        return self.resolve(found["Value"]) if "Value" in found else None

    def holds(self, test: _Json) -> bool:
        """Return whether a condition holds.

        Args:
            test: Its name, or its expression.
        """
        function, argument = (
            ("Condition", test) if isinstance(test, str) else next(iter(fields_of(test).items()), ("", ""))
        )
        if function == "Condition":
            named = fields_of(self.template.get("Conditions")).get(str(argument))
            return named is None or self.holds(named)
        if function == "Fn::Equals":
            one, other = map(self.resolve, argument)
            return str(one) == str(other)
        parts = map(self.holds, argument)
        if function == "Fn::Not":
            return not next(parts)
        return any(parts) if function == "Fn::Or" else all(parts)

    def _call(self, function: str, argument: _Json) -> _Json:
        match function, argument:
            case "Ref", str(name) if name != "AWS::NoValue":
                return self._reference(name)
            case "GetAtt", str(text):
                return self._attribute(*text.split(".", 1))
            case "GetAtt", [name, attribute]:
                return self._attribute(str(name), str(self.resolve(attribute)))
            case "If" | "ToJsonString" | "Ref", _:
                return super()._call(function, argument)
        found = self._made(function, argument)
        return self._nothing(f"Fn::{function}", "which has no value in the template") if found is None else found

    def _made(self, function: str, argument: _Json) -> _Json:
        found: _Json = None
        match function, argument:
            case "ImportValue", _:
                found = self._imported(str(self.resolve(argument)))
            case "GetStackOutput", Mapping():
                stack, output = (str(self.resolve(argument.get(key))) for key in ("StackName", "OutputName"))
                found = self.app.output(stack, output)
                found = self._unknown(f"the output {output} of {stack}", output) if found is None else found
            case "FindInMap", [*names]:
                found = self._mapped([str(self.resolve(name)) for name in names[:3]], names[3:])
            case "GetAZs", _:
                found = [f"{self.resolve(argument) or self.place.region}{zone}" for zone in _ZONES]
            case "Cidr", [*arguments]:
                block, count, *bits = map(self.resolve, arguments)
                found = _subnets(str(block), int(count), *map(int, bits))
            case "Base64", _:
                found = base64.b64encode(str(self.resolve(argument)).encode()).decode()
            case "Length", _:
                found = len(self.resolve(argument))
            case "Split", [separator, text]:
                found = self.stand_ins.split(str(separator), str(self.resolve(text)))
            case _:
                found = super()._made(function, argument)
        return found

    def _chosen(self, name: _Json, one: _Json, other: _Json) -> _Json:
        return self._resolve(one if self.holds(name) else other)

    def _select(self, at: str, parts: _Json) -> _Json:
        if isinstance(parts, str):
            return self.stand_ins.item(parts, int(at))
        return parts.item(int(at)) if isinstance(parts, MadeList) and at.isdigit() else super()._select(at, parts)

    def _reference(self, name: str) -> _Json:
        stack = self.name or self._unknown("the stack's name", "StackName")
        uuid = self._values("").filled("{uuid}")
        pseudo = {
            "AWS::AccountId": self.place.account,
            "AWS::NotificationARNs": [],
            "AWS::Partition": self.place.partition,
            "AWS::Region": self.place.region,
            "AWS::StackId": self._values("").filled("arn:{partition}:cloudformation:{region}:{account}:stack/")
            + f"{stack}/{uuid}",
            "AWS::StackName": stack,
            "AWS::URLSuffix": self.place.suffix,
        }
        if name in pseudo:
            return pseudo[name]
        if name in self.given:
            return self.given[name]()
        parameters = fields_of(self.template.get("Parameters"))
        if name in parameters:
            return parameter_value(name, fields_of(parameters[name]), self.stand_ins, self.app.stored)
        return self._of_resource(name, None)

    def _attribute(self, name: str, attribute: str = "") -> _Json:
        resource = fields_of(fields_of(self.template.get("Resources")).get(name))
        kind, properties = str(resource.get("Type", "")), fields_of(resource.get("Properties"))
        found: _Json = None
        if kind == NESTED_STACK and attribute.startswith("Outputs."):
            nested = self.app.nested(self, name)
            found = nested.output(attribute.removeprefix("Outputs.")) if nested else None
        elif kind == _READER:
            found = self.app.written(attribute)
        elif kind == "AWS::SSM::Parameter" and attribute in properties:
            found = self.resolve(properties[attribute])
        return self._of_resource(name, attribute) if found is None else found

    def _of_resource(self, name: str, attribute: str | None) -> _Json:
        resources = fields_of(self.template.get("Resources"))
        origin = f"{name}.{attribute}" if attribute else f"Ref {name}"
        if name not in resources:
            if "Transform" in self.template:
                return self._unknown(origin, *filter(None, (attribute, name)))
            return self._nothing(origin, f"but the template has no resource or parameter {name}")
        resource = fields_of(resources[name])
        kind = str(resource.get("Type", ""))
        if kind.startswith("Custom::") or kind in {"AWS::CloudFormation::CustomResource", NESTED_STACK}:
            return self._unknown(origin, *filter(None, (attribute, name)))
        values = self._values(kind, name)
        properties = fields_of(resource.get("Properties"))
        wanted = (attribute or "", *values.name_properties)
        named = {key: self._scalar(properties[key]) for key in wanted if key in properties}
        values = replace(values, properties={key: value for key, value in named.items() if value})
        value = values.attribute(attribute) if attribute else values.reference
        if isinstance(value, list):
            return MadeList(lambda at: f"{value[at % len(value)]}{at // len(value) or ''}", value)
        if values.documents(attribute):
            self.stand_ins.made[value] = origin
            return value
        return self.stand_ins.mark(Unknown(origin, tuple(filter(None, (attribute, name))), guess=value))

    def _scalar(self, value: _Json) -> str:
        """Return a property as a string; empty if it is none, or unknown."""
        found = self.resolve(value)
        return found if isinstance(found, str) and not MARK.search(found) else ""

    def _imported(self, name: str) -> _Json:
        found = self.app.exported(name)
        return self._unknown(f"the export {name}", name) if found is None else found

    def _mapped(self, names: list[str], default: list[_Json]) -> _Json:
        name, first, second = names
        mapping = fields_of(fields_of(self.template.get("Mappings")).get(name))
        if MARK.search(first) and mapping:
            # A key that is a parameter's value is one of those that there are.
            first = next(iter(mapping))
        found = fields_of(mapping.get(first)).get(second)
        if found is not None:
            return found
        if default and "DefaultValue" in fields_of(default[0]):
            return self.resolve(default[0]["DefaultValue"])
        return self._nothing(f"Fn::FindInMap {name}", f"which has no {first}.{second}")

    def _values(self, kind: str, name: str = "") -> PhysicalValues:
        return PhysicalValues(kind, name, self.place)

    def _unknown(self, origin: str, *names: str) -> str:
        return self.stand_ins.mark(Unknown(origin, names))

    def _nothing(self, origin: str, problem: str) -> str:
        return self.stand_ins.mark(Unknown(origin, problem=problem))


def _subnets(block: str, count: int, bits: int = 8) -> list[str]:
    network = ipaddress.ip_network(block, strict=False)
    parts = network.subnets(new_prefix=network.max_prefixlen - bits)
    return [str(part) for part, _ in zip(parts, range(count), strict=False)]
