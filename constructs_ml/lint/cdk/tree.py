"""The checks as a validation of the construct tree, for versions of aws-cdk-lib whose plugins cannot report them.

They read templates, which are not yet written when the tree is validated: so the validation first writes them, by a
synthesis without validation.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import jsii
from aws_cdk import Annotations, App, CfnResource, Stack
from constructs import IConstruct, IValidation

from constructs_ml.cfn.assemblies import templates_of
from constructs_ml.core.app_context import app_context
from constructs_ml.core.suppressions import acknowledged_on
from constructs_ml.lint.input.assembly import OWN_REPORT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from constructs_ml.lint.cdk.reported import Reported

_NOT_FAILING = "@aws-cdk/core:failSynthOnValidationErrors"
"""The flag of newer versions with which ``constructs-ml check`` has an app written in spite of errors."""


class Plugin(Protocol):
    """Checks of templates."""

    @property
    def name(self) -> str:
        """The name, which is the prefix of acknowledged ids."""

    @property
    def version(self) -> str:
        """The version."""

    def findings(self, paths: Iterable[str], app: IConstruct) -> Sequence[Reported]:
        """Check the templates in some files."""


@dataclass
class Tree:
    """The constructs of an app, searched when there is a violation.

    Attributes:
        app: The app.
    """

    app: App

    def path_of(self, found: Reported) -> str:
        """Return the path of the construct that a finding concerns: the state's, or else the resource's."""
        key = (Path(found.template.path).name, found.violation.machine)
        return found.origin.path or self._resources.get(key, "")

    @cached_property
    def _resources(self) -> dict[tuple[str, str], str]:
        resources: dict[tuple[str, str], str] = {}
        for each in self.app.node.find_all():
            if CfnResource.is_cfn_resource(each):
                stack = Stack.of(each)
                logical_id = stack.resolve(cast("CfnResource", each).logical_id)
                resources[stack.template_file, logical_id] = each.node.path
        return resources

    def down_to(self, path: str) -> list[IConstruct]:
        """Return the constructs on a path, beginning with the app."""
        way: list[IConstruct] = [self.app]
        for name in path.split("/") if path else ():
            child = way[-1].node.try_find_child(name)
            if child is None:
                break
            way.append(child)
        return way

    def acknowledgement(self, path: str, rule: str) -> dict[str, str]:
        """Return the acknowledgement of a rule at a path, as the report has it; empty if there is none."""
        for construct in reversed(self.down_to(path)):
            reason = acknowledged_on(construct).get(rule)
            if reason is not None:
                return {"acknowledgedId": rule, "reason": reason, "acknowledgedAt": construct.node.path}
        return {}


@jsii.implements(IValidation)
class TreeChecks:
    """All checks of an app, run by a single validation."""

    # Not a dataclass: jsii would treat it as data, and copy it.
    def __init__(self, app: App) -> None:
        self._app = app
        self._plugins: list[Plugin] = []
        self._asking = False

    @classmethod
    def of(cls, app: App) -> TreeChecks:
        """Return the checks of an app, registering a validation for them if it has none."""
        checks = app_context([app]).checks
        found: TreeChecks | None = checks.get(cls)
        if found is None:
            found = checks[cls] = cls(app)
            app.node.add_validation(cast("IValidation", found))
        return found

    def add(self, plugin: Plugin) -> None:
        """Add checks.

        Args:
            plugin: The checks, which are not registered with aws-cdk-lib.
        """
        self._plugins.append(plugin)

    @jsii.member(jsii_name="validate")
    def validate(self) -> list[str]:
        """Return the errors; called by aws-cdk-lib."""
        if self._asking:
            return []
        self._asking = True
        try:
            # The validations below this one run later, and one of them grants what the tags of the tree need.
            for each in self._app.node.find_all():
                each.node.validate()
            assembly = self._app.synth(skip_validation=True, force=True)
        except RuntimeError:
            # The enclosing synthesis reports the same error itself.
            return []
        finally:
            self._asking = False
        paths = sorted(str(path) for path in templates_of(Path(assembly.directory)))
        tree = Tree(self._app)
        reports = []
        errors = []
        for plugin in self._plugins:
            report, failed = _report(plugin, paths, tree)
            reports.append(report)
            errors += failed
        Path(assembly.directory, OWN_REPORT).write_text(json.dumps({"pluginReports": reports}, indent=2))
        return errors if self._app.node.try_get_context(_NOT_FAILING) is not False else []


def _report(plugin: Plugin, paths: list[str], tree: Tree) -> tuple[dict[str, Any], list[str]]:
    """Return the report of a plugin and its errors; its warnings become annotations."""
    kept: list[dict[str, Any]] = []
    suppressed: list[dict[str, Any]] = []
    errors: list[str] = []
    for found in plugin.findings(paths, tree.app):
        rule = f"{plugin.name}::{found.violation.rule}"
        path = tree.path_of(found)
        body = found.to_json(path)
        acknowledged = tree.acknowledgement(path, rule)
        if acknowledged:
            suppressed.append({**body, **acknowledged})
            continue
        kept.append(body)
        if found.fails:
            errors.append(f"{path}: {found.description}; acknowledge with '{rule}'")
        else:
            Annotations.of(tree.down_to(path)[-1]).add_warning_v2(rule, found.description)
    report = {
        "pluginName": plugin.name,
        "pluginVersion": plugin.version,
        "conclusion": "failure" if errors else "success",
        "violations": kept,
        "suppressedViolations": suppressed,
    }
    return report, errors
