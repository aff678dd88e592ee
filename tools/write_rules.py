"""Writes the rules into docs/checks.md and docs/security.md, below the mark in each; what stands above is written by hand.

``python tools/write_rules.py --check`` fails if a page is not that of the rules.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.lint import rules
from constructs_ml.lint.registry import all_rules
from constructs_ml.lint.security.control import cited
from constructs_ml.lint.security.pack import security_rules

if TYPE_CHECKING:
    from constructs_ml.lint.rule import Rule, RuleInfo, TemplateRule

DOCS = Path(__file__).parents[1] / "docs"
MARK = "<!-- written by tools/write_rules.py: -->"
TOPICS = (
    "Encryption at rest",
    "Network",
    "Images",
    "Endpoints",
    "State machines and their logs",
    "Events",
    "Buckets",
    "Roles",
    "People",
)
"""What the tens of the pack's ids are about."""
WIDTH, LONGEST, MOST = 110, 160, 12
"""Of a line of an example, of a text in it, and the most entries that are shown."""


def checks() -> str:
    """The rules of workflows, by group."""
    lines: list[str] = []
    for group, members in groupby(all_rules(), key=_group):
        of_group = list(members)
        lines += ["", f"## {group.capitalize()}", _about(group), "", *_table(of_group)]
        for rule in of_group:
            lines += _section(rule, 3)
    return "\n".join(lines)


def security() -> str:
    """The rules of the pack, with their controls."""
    pack = security_rules()
    lines = ["", "| rule | | severity | controls |", "|---|---|---|---|"]
    for rule in pack:
        row = (f"[{rule.id}](#{rule.id.lower()})", rule.title, rule.severity.value, cited(rule.controls))
        lines.append(f"| {' | '.join(row)} |")
    for topic, members in groupby(pack, key=lambda rule: TOPICS[int(rule.id[3:]) // 10]):
        lines += ["", f"## {topic}"]
        for rule in members:
            controls = [f"{control}: {control.title}" for control in rule.controls]
            lines += _section(rule, 3, [f"- {text}" for text in controls])
    return "\n".join(lines)


def _group(rule: Rule | TemplateRule) -> str:
    """The folder that a rule is in."""
    return rule.run.__module__.split(".")[-2]


def _about(group: str) -> str:
    """What the folder's docstring says, which begins "Rules about"."""
    path = Path(next(iter(rules.__path__)), group, "__init__.py")
    return path.read_text(encoding="utf-8").strip().strip('"')


def _table(members: Sequence[Rule | TemplateRule]) -> Iterator[str]:
    yield from ("| rule | | severity |", "|---|---|---|")
    for rule in members:
        yield f"| [{rule.id}](#{rule.id.lower()}) | {rule.title} | {rule.severity.value} |"


def _section(rule: RuleInfo, level: int, details: Sequence[str] = ()) -> Iterator[str]:
    yield from ("", f"{'#' * level} {rule.id}", f"**{rule.title}** ({rule.severity.value}). {rule.reason}")
    if details:
        yield from ("", *details)
    for name, example in (("Wrong", rule.bad), ("Right", rule.good)):
        yield from ("", f"{name}:", "", "```json", written(shown(json.loads(json.dumps(example)))), "```")


def shown(value: Any) -> Any:  # noqa: ANN401 - JSON
    """An example as it is shown: definitions that stand in texts are taken out of them, what is long is cut."""
    if isinstance(value, str):
        if value.startswith("{") and value.endswith("}"):
            try:
                return shown(json.loads(value))
            except json.JSONDecodeError:
                return value
        return value if len(value) <= LONGEST else f"{value[: LONGEST // 4]}… ({len(value):,} characters)"
    if isinstance(value, Mapping):
        kept = list(value.items())[: MOST if len(value) <= MOST else 3]
        left = len(value) - len(kept)
        return {**{key: shown(item) for key, item in kept}, **({"…": f"{left:,} more"} if left else {})}
    if isinstance(value, list):
        kept_items = value[: MOST if len(value) <= MOST else 3]
        left = len(value) - len(kept_items)
        return [*map(shown, kept_items), *([f"… {left:,} more"] if left else [])]
    return value


def written(value: Any, indent: int = 0, before: int = 0) -> str:  # noqa: ANN401 - JSON
    """JSON in which what fits into a line stands in one."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)) or not value or indent + before + len(line) < WIDTH:
        return line
    inner = indent + 2
    if isinstance(value, dict):
        names = {key: f"{json.dumps(key, ensure_ascii=False)}: " for key in value}
        parts = [f"{names[key]}{written(item, inner, len(names[key]))}" for key, item in value.items()]
    else:
        parts = [written(item, inner) for item in value]
    pad = " " * inner
    left, right = "{}" if isinstance(value, dict) else "[]"
    body = ",\n".join(f"{pad}{part}" for part in parts)
    return f"{left}\n{body}\n{' ' * indent}{right}"


def page(name: str, text: str) -> tuple[Path, str, str]:
    """A page's file, what it says, and what it should."""
    path = DOCS / name
    now = path.read_text(encoding="utf-8")
    above, mark, _ = now.partition(MARK)
    if not mark:
        sys.exit(f"docs/{name} has no line {MARK}")
    return path, now, f"{above}{mark}\n{text.lstrip()}\n"


def main() -> int:
    """Writes the pages, or checks them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether the pages are as they should be")
    check = parser.parse_args().check
    pages = (page("checks.md", checks()), page("security.md", security()))
    stale = [(path, wanted) for path, now, wanted in pages if now != wanted]
    for path, wanted in stale:
        if check:
            print(f"docs/{path.name} is not that of the rules; run python tools/write_rules.py")
        else:
            path.write_text(wanted, encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
