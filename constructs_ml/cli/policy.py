"""``constructs-ml policy``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from constructs_ml.cfn.assemblies import MANIFEST
from constructs_ml.cli import options
from constructs_ml.documents.files import write_text
from constructs_ml.errors import UnusableInputError
from constructs_ml.iam.assembly_roles import AssemblyRole, roles_of
from constructs_ml.terminal import printable, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ACCOUNT, _REGION = "111122223333", "us-east-1"
"""The account and region for an app that needs some."""
_INLINE, _MANAGED = 10_240, 6_144
"""The characters, without spaces, that all inline policies of a role and one managed policy may have."""


@click.command()
@click.argument("app", default=".")
@click.option("--account", metavar="ID", callback=options.account, help="The account; stacks with one keep it.")
@click.option("--region", metavar="NAME", callback=options.region, help="The region; stacks with one keep it.")
@click.option("--stack", help="The only stack whose roles are wanted.")
@click.option(
    "--value", multiple=True, metavar="NAME=VALUE", callback=options.valued, help="A value for a placeholder, ${NAME}."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of Markdown.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder for a policy.json and a trust.json of each role, and policies.md.",
)
def policy(  # noqa: PLR0917 - click passes them by name
    app: str,
    account: str | None,
    region: str | None,
    stack: str | None,
    value: dict[str, str],
    as_json: bool,
    out: Path | None,
) -> int:
    """Print what the roles of an app must be allowed, for the team that grants it.

    APP is a folder with a cdk.json or an app.py, a Python file, a synthesized cdk.out, or a command, as 'python3 app.py'. Its roles
    are those of its templates, those of iam.Role.customize_roles and imported ones that its workflows and jobs run under.

    The names that CloudFormation draws are patterns in the policies; what else is known only later is a placeholder that --value
    fills in. `constructs-ml run --policies DIR` runs the workflow with the files of --out as they were granted.

    Exit codes: 0 there are roles, 1 there are none or the app fails, 2 what was given cannot be used.
    """
    roles = _roles(app, account, region, value)
    if stack is not None:
        known = list(dict.fromkeys(role.stack for role in roles))
        roles = [role for role in roles if role.stack == stack]
        if not roles:
            raise UnusableInputError(
                f"--stack {shortened(stack)}: no such stack has a role; there are: {_listed(known)}"
            )
    if not roles:
        click.echo("the app has no role")
        return 1
    if out is not None:
        _write(out, roles)
    click.echo(json.dumps({"roles": [_data(role) for role in roles]}, indent=2) if as_json else _markdown(roles))
    return 0


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


def _roles(app: str, account: str | None, region: str | None, values: dict[str, str]) -> list[AssemblyRole]:
    from constructs_ml.local.host.scratch import Kind, scratch
    from constructs_ml.local.runner.app import find
    from constructs_ml.local.runner.synth import synthesize

    _check(app)
    found = find(app)
    with scratch(Kind.SYNTH) as folder:
        assembly = synthesize(
            found, folder / "cdk.out", account=account or _ACCOUNT, region=region or _REGION, complete=False
        )
        unknown = _ACCOUNT if account is None and not found.assembly else None
        return roles_of(assembly, account=account, region=region, values=values, unknown_account=unknown)


def _check(app: str) -> None:
    """Check that there is an app, or a command."""
    try:
        path = Path(app)
        empty = path.is_dir() and not any((path / name).is_file() for name in (MANIFEST, "cdk.json", "app.py"))
    except (OSError, ValueError):  # a command can be longer than a name
        empty = False
    if empty or not app.strip():
        named = shortened(app) or "an empty string"
        raise UnusableInputError(f"{named} is not an app: it has no cdk.json, no app.py and no {MANIFEST}; name one")


def _data(role: AssemblyRole) -> dict[str, Any]:
    return {
        "stack": role.stack,
        "path": role.path,
        "name": role.name or None,
        "in_template": bool(role.logical_id),
        "file": f"{role.file}.policy.json",
        "policy": role.policy,
        "trust_policy": dict(role.trust) or None,
        "managed_policies": list(role.managed),
        "permissions_boundary": role.boundary or None,
        "placeholders": role.placeholders,
    }


def _write(folder: Path, roles: Sequence[AssemblyRole]) -> None:
    from constructs_ml.local.runner.given import check_writable

    check_writable(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for role in roles:
        write_text(folder / f"{role.file}.policy.json", f"{json.dumps(role.policy, indent=2)}\n")
        if role.trust:
            write_text(folder / f"{role.file}.trust.json", f"{json.dumps(role.trust, indent=2)}\n")
    write_text(folder / "policies.md", f"{_markdown(roles)}\n")


def _markdown(roles: Sequence[AssemblyRole]) -> str:
    lines = ["# Roles and their policies"]
    stack = None
    for role in roles:
        if role.stack != stack:
            stack = role.stack
            lines += ["", f"## Stack {stack}, account {role.account}, region {role.region}"]
        lines += ["", f"### {role.path}", "", *_told(role)]
        for title, document in (("Trust policy", role.trust), ("Policy", role.policy if role.statements else None)):
            lines += ["", f"{title}:", "", "```json", json.dumps(document, indent=2), "```"] if document else []
    return printable("\n".join(lines))


def _told(role: AssemblyRole) -> Iterator[str]:
    """Yield facts about a role that its documents do not have."""
    if role.logical_id:
        yield f"- Made by the template, as `{role.logical_id}`; its name is `{role.name}`."
    elif role.name:
        yield f"- Made elsewhere; its name is `{role.name}`."
    else:
        yield "- It has no name yet: name it by `use_precreated_roles` of `iam.Role.customize_roles`."
    if role.dropped:
        yield "- The template leaves this policy out (`without_policy_updates()`): attach it yourself."
    yield from (f"- Managed policy: `{arn}`" for arn in role.managed)
    if role.boundary:
        yield f"- Permissions boundary: `{role.boundary}`"
    if not role.statements:
        yield "- It needs no policy of its own."
    if not role.trust:
        yield "- Nothing in the app says who assumes it."
    if role.placeholders:
        yield f"- To be filled in: {', '.join(f'`${{{name}}}`' for name in role.placeholders)}"
    length = len("".join(json.dumps(role.policy, separators=(",", ":")).split()))
    if length > _MANAGED:
        where = "managed policies" if length > _INLINE else "inline policies, or managed ones"
        yield f"- {length} characters: an inline policy takes {_INLINE}, a managed one {_MANAGED}; split it into {where}."
