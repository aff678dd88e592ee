"""The stacks of an app in their deployed form, for references from one to another."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.values import fields_of
from constructs_ml.cfn.assemblies import NESTED_STACK, asset_path, assets_beside, manifests_of, read_template, stacks_of
from constructs_ml.cfn.physical_values import Place
from constructs_ml.local.aws.arns import partition_of
from constructs_ml.testing.stand_ins import StandIns
from constructs_ml.testing.template_values import TemplateValues

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from constructs_ml.cfn.assemblies import Artifact

# Templates are any JSON.
_Json = Any


class DeployedApp:
    """An app.

    Args:
        assembly: The folder of its assembly. None: a template is all there is.
        home: The key of the stack that is simulated; names of its resources are its own.

    Attributes:
        stand_ins: Values that are made up.
        missing: The look-ups without an answer, from the assembly's manifest.
    """

    def __init__(self, assembly: Path | None = None, home: tuple[str, ...] = ("",)) -> None:
        self._assembly, self._home = assembly, home
        self.stand_ins = StandIns()
        self.missing: tuple[Mapping[str, _Json], ...] = ()
        self._alone: TemplateValues | None = None
        self._nested: dict[tuple[str, ...], TemplateValues | None] = {}

    @classmethod
    def of_template(cls, template: Mapping[str, _Json]) -> DeployedApp:
        """Return an app of which only one template is known."""
        app = cls()
        app._alone = TemplateValues(template=template, app=app, place=Place(), key=("",))
        return app

    @cached_property
    def stacks(self) -> tuple[TemplateValues, ...]:
        """The stacks that are not nested."""
        return tuple(self._read(self._assembly)) if self._assembly else tuple(filter(None, [self._alone]))

    @cached_property
    def simulated(self) -> TemplateValues:
        """The stack that is simulated."""
        root, *inner = self._home
        found: TemplateValues | None = next(stack for stack in self.stacks if stack.key == (root,))
        for logical_id in inner:
            found = self.nested(found, logical_id) if found else None
        if found is None:
            # Its parent's template does not say which is the file of the nested stack.
            raise LookupError(self._home)
        self.stand_ins.place = found.place
        return found

    def nested(self, parent: TemplateValues, logical_id: str) -> TemplateValues | None:
        """A nested stack; None if its template is not in the assembly.

        Args:
            parent: The stack that it is in.
            logical_id: Its logical id.
        """
        key = (*parent.key, logical_id)
        if key not in self._nested:
            self._nested[key] = self._open(parent, logical_id, key)
        return self._nested[key]

    def exported(self, name: str) -> _Json:
        """The value that a stack of the app exports under a name; None if none does."""
        for stack in self._all():
            for key, output in fields_of(stack.template.get("Outputs")).items():
                export = fields_of(fields_of(output).get("Export")).get("Name")
                if export is not None and stack.resolve(export) == name:
                    return stack.output(key)
        return None

    def output(self, stack: str, output: str) -> _Json:
        """An output of a stack of the app; None if there is none."""
        found = (known.output(output) for known in self._all() if known.name == stack)
        return next((value for value in found if value is not None), None)

    def stored(self, name: str) -> _Json:
        """The value that a stack of the app stores in the Parameter Store under a name; None if none does."""
        for stack, resource in self._resources("AWS::SSM::Parameter"):
            properties = fields_of(resource.get("Properties"))
            if stack.resolve(properties.get("Name")) == name:
                return stack.resolve(properties.get("Value"))
        return None

    def written(self, name: str) -> _Json:
        """The value that a stack of the app exports to other regions under a name; None if none does."""
        for stack, resource in self._resources("Custom::CrossRegionExportWriter"):
            exports = fields_of(fields_of(fields_of(resource.get("Properties")).get("WriterProps")).get("exports"))
            if name in exports:
                return stack.resolve(exports[name])
        return None

    def _resources(self, kind: str) -> Iterator[tuple[TemplateValues, Mapping[str, _Json]]]:
        for stack in self._all():
            for resource in fields_of(stack.template.get("Resources")).values():
                if fields_of(resource).get("Type") == kind:
                    yield stack, resource

    def _all(self) -> Iterator[TemplateValues]:
        """Yield all stacks, each nested one after the stack that contains it."""
        waiting = list(self.stacks)
        while waiting:
            stack = waiting.pop(0)
            yield stack
            for logical_id, resource in fields_of(stack.template.get("Resources")).items():
                if fields_of(resource).get("Type") == NESTED_STACK:
                    nested = self.nested(stack, logical_id)
                    waiting += [nested] if nested else []

    def _read(self, folder: Path) -> Iterator[TemplateValues]:
        self.missing = tuple(
            entry.object() for manifest in manifests_of(folder) for entry in manifest["missing"].items()
        )
        for artifact in stacks_of(folder):
            key = (str(artifact.template),)
            yield TemplateValues(
                template=read_template(artifact.template),
                app=self,
                place=self._placed(artifact, key),
                name=artifact.stack_name,
                key=key,
                given={name: partial(str, value) for name, value in artifact.parameters.items()},
            )

    def _placed(self, artifact: Artifact, key: tuple[str, ...]) -> Place:
        account, region = artifact.environment
        place = Place(stack="" if key == self._home else artifact.stack_name)
        if account:
            place = replace(place, account=account)
        return replace(place, region=region, partition=partition_of(region)) if region else place

    def _open(self, parent: TemplateValues, logical_id: str, key: tuple[str, ...]) -> TemplateValues | None:
        resource = fields_of(fields_of(parent.template.get("Resources")).get(logical_id))
        properties = fields_of(resource.get("Properties"))
        file = self._file(Path(parent.key[0]), resource, str(parent.resolve(properties.get("TemplateURL"))))
        if file is None:
            return None
        name = f"{parent.name}-{logical_id}"
        given: dict[str, Callable[[], _Json]] = {
            name: partial(parent.resolve, value) for name, value in fields_of(properties.get("Parameters")).items()
        }
        return TemplateValues(
            template=read_template(file),
            app=self,
            place=replace(parent.place, stack="" if key == self._home else name),
            name=name,
            key=key,
            given=given,
        )

    def _file(self, root: Path, resource: Mapping[str, _Json], url: str) -> Path | None:
        """Return the template of a nested stack, which is an asset of the outermost stack around it."""
        if self._assembly is None:
            return None
        named = fields_of(resource.get("Metadata")).get("aws:asset:path")
        paths = [asset_path(asset) for number, asset in assets_beside(root).items() if number in url]
        found = [path for path in (*paths, root.parent / str(named) if named else None) if path]
        return next((file for file in found if file.is_file()), None)
