"""Writes docs/iam_calls.md: what each call of a workflow needs. Run: ``python tools/write_iam_calls.py``.

``--check`` fails if the page is not that of constructs_ml/iam/facts.py.
"""

from __future__ import annotations

import sys
from pathlib import Path

from constructs_ml.iam.facts import CALLS, MANAGED_RULE_ACTIONS, OTHERS, RESOURCES, Call, job_actions
from constructs_ml.sagemaker.kinds import JobKind

PAGE = Path(__file__).parents[1] / "docs" / "iam_calls.md"
_HEAD = """# What each call needs
Written by `python tools/write_iam_calls.py` from [constructs_ml/iam/facts.py](../constructs_ml/iam/facts.py): the actions that the
role of a state machine needs for a state. The constructs grant by this table, on the resources that
[Permissions](permissions.md#the-role-of-the-state-machine) names; the checks compare any role with it.
"""
_JOBS = """
## Jobs of SageMaker
Each needs `sagemaker:ListTags` on the job too, and `iam:PassRole` on its role if it has one. Waiting needs {rule}
as well, on the rule by which Step Functions learns of the end of such jobs. A job that is not waited for needs `sagemaker:AddTags` only
if it has tags.

| job | resource | to start it | besides, to wait for it |
|---|---|---|---|
"""
_SAGEMAKER = """
## Other calls of SageMaker
The action has the operation's name: CreateModel needs `sagemaker:CreateModel`. `…` stands for its verb.

| operation | resource | named by |
|---|---|---|
"""
_SERVICES = """
## Other services
A state of aws-cdk-lib brings these itself; the checks (CML501, CML502) compare them with the role, whoever wrote it.

| integration | to call it | resource | besides, to wait for its end | AWS's policies also have |
|---|---|---|---|---|
"""


def _actions(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _job(kind: JobKind) -> str:
    start, wait = job_actions(kind, wait=False), job_actions(kind, wait=True)
    besides = tuple(action for action in wait if action not in start)
    return f"| {kind.value} | `{kind.arn_type}` | {_actions(start)} | {_actions(besides)} |"


def _call(name: str, call: Call) -> str:
    waiting = [*call.waiting, *(MANAGED_RULE_ACTIONS if call.rule else ())]
    resource = f"`{call.resource or call.member}`" if call.resource or call.member else ""
    return f"| `{name}` | {_actions(call.actions)} | {resource} | {_actions(tuple(waiting))} | {_actions(call.also)} |"


def text() -> str:
    """Return the page."""
    jobs = {f"{kind.value}Job" for kind in JobKind.ALL}
    resources = {**{f"…{name}": of for name, of in RESOURCES.items() if name not in jobs}, **OTHERS}
    rows = [
        f"| {name} | {f'`{arn}`' if arn else 'any'} | `{member}` |" for name, (arn, member) in sorted(resources.items())
    ]
    parts = [
        _HEAD,
        _JOBS.format(rule=_actions(MANAGED_RULE_ACTIONS)),
        "\n".join(map(_job, JobKind.ALL)),
        "\n",
        _SAGEMAKER,
        "\n".join(rows),
        "\n",
        _SERVICES,
        "\n".join(_call(name, CALLS[name]) for name in sorted(CALLS)),
        "\n",
    ]
    return "".join(parts)


def main() -> int:
    """Writes the page, or checks it."""
    if "--check" in sys.argv[1:]:
        stale = PAGE.read_text(encoding="utf-8") != text()
        if stale:
            print("docs/iam_calls.md is not that of the facts; run python tools/write_iam_calls.py")
        return int(stale)
    PAGE.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
