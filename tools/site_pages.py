"""The pages of the site that are documents of the repository: their links lead to pages, rules have a page a group."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
NAMES = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security_policy.md",
    "benchmarks/README.md": "benchmarks.md",
}
"""The pages of files that are not in docs."""
MARK = "<!-- written by tools/write_rules.py: -->\n"
"""What the rules follow in docs/checks.md and docs/security.md."""
_CODE_OR_LINK = re.compile(
    r"(?P<code>```.*?```|(?<!\[)`[^`]*`)|(?P<image>!?)\[(?P<text>[^\[\]]+)\]\((?P<target>[^()\s]+)\)", re.DOTALL
)
_FENCED = re.compile(r"(```.*?```)", re.DOTALL)
_BEFORE_LIST = re.compile(r"^((?![-|>#\s]|\d+\. ).+\n)(?=- |\d+\. |\|)", re.MULTILINE)
_RULE = re.compile(r"^### (C[A-Z]{2}\d{3})\n\*\*(.+?)\*\* \((\w+)\)\. ", re.MULTILINE)


def documents() -> dict[str, str]:
    """Return the text of each document, by its file."""
    files = [*NAMES, *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md"))]
    return {file: (ROOT / file).read_text(encoding="utf-8") for file in files}


def page_name(file: str) -> str:
    """Return the name of a document's page."""
    return NAMES.get(file) or file.removeprefix("docs/")


def title(text: str) -> str:
    """Return the title of a document."""
    return text.partition("\n")[0].removeprefix("# ")


def pages(repository: str) -> dict[str, str]:
    """Return the text of each page, by its name.

    Args:
        repository: The address that links to files of the repository are relative to; empty if there is none.
    """
    texts = documents()
    moved: dict[str, str] = {}
    for file, folder in (("docs/checks.md", "docs/checks"), ("docs/security.md", "docs/security")):
        texts |= _by_group(file, folder, texts[file], moved)
    linked = {file: _Links(file, texts, moved, repository).applied() for file in texts}
    decisions = sorted(file for file in texts if file.startswith("docs/adr/"))
    rows = [f"- [{title(texts[file])}]({Path(file).name})" for file in decisions]
    linked["docs/adr/index.md"] = "# Decisions\nWhat was weighed, and why it is so.\n\n" + "\n".join(rows) + "\n"
    return {page_name(file): _spaced(text) for file, text in linked.items()}


def _by_group(file: str, folder: str, text: str, moved: dict[str, str]) -> dict[str, str]:
    """Return a document of rules without them, and a document for each of their groups.

    Args:
        file: The document.
        folder: Where its groups go.
        text: Its text.
        moved: Gets the document of each anchor that is now in another one.
    """
    above, _, rules = text.partition(MARK)
    above = above.removesuffix("# Rules\n").rstrip()
    before, *groups = re.split(r"^## ", rules, flags=re.MULTILINE)
    found: dict[str, str] = {}
    rows: list[str] = []
    for group in groups:
        name, _, body = group.partition("\n")
        slug = re.sub(r"\W+", "-", name.lower())
        there = f"{folder}/{slug}.md"
        members = _RULE.findall(body)
        moved |= {f"{file}#{rule.lower()}": there for rule, _, _ in members}
        moved[f"{file}#{slug}"] = there
        rows.append(
            f"| [{name}]({posixpath.basename(folder)}/{slug}.md) | {members[0][0]} to {members[-1][0]} | {len(members)} |"
        )
        found[there] = f"# {name}\n{_RULE.sub(_headed, body)}"
    table = "\n".join(["| group | rules | |", "|---|---|---:|", *rows])
    return {file: f"{above}\n\n## Rules\n\n{table}\n\n{before}", **found}


def _headed(found: re.Match[str]) -> str:
    """Return a rule's heading with its title in it, under the anchor that it had."""
    rule, title, severity = found.groups()
    return f"## {rule}: {title} {{ #{rule.lower()} }}\nSeverity: {severity}. "


class _Links:
    """The links of a document, made those of its page."""

    def __init__(self, file: str, texts: dict[str, str], moved: dict[str, str], repository: str) -> None:
        self.file, self.texts, self.moved, self.repository = file, texts, moved, repository.rstrip("/")
        self.origin = {"docs/checks": "docs/checks.md", "docs/security": "docs/security.md"}.get(
            posixpath.dirname(file), file
        )

    def applied(self) -> str:
        """Return the text with the links of the page."""
        return _CODE_OR_LINK.sub(self._link, self.texts[self.file])

    def _link(self, found: re.Match[str]) -> str:
        text, target = found["text"], found["target"]
        if found["code"] or re.match(r"\w+:", target):
            return found[0]
        path, _, anchor = target.partition("#")
        # The rows of a page's own groups are written for where it is.
        wanted = posixpath.normpath(posixpath.join(posixpath.dirname(self.origin), path)) if path else self.origin
        if found["image"]:
            picture = posixpath.relpath(wanted.removeprefix("docs/"), posixpath.dirname(page_name(self.file)) or ".")
            return f"![{text}]({picture})"
        there = self.moved.get(f"{wanted}#{anchor}", wanted)
        if there not in self.texts:
            return f"[{text}]({self.repository}/{target_of(wanted, anchor)})" if self.repository else text
        if text.strip("`").endswith(".md"):
            text = title(self.texts[there])
        name = posixpath.relpath(page_name(there), posixpath.dirname(page_name(self.file)) or ".")
        return f"[{text}]({name}{f'#{anchor}' if anchor else ''})"


def target_of(file: str, anchor: str) -> str:
    """Return what follows the repository's address in a link."""
    return f"{file}#{anchor}" if anchor else file


def _spaced(text: str) -> str:
    """Return a text with an empty line before each list and table, which the generator's Markdown asks for."""
    parts = _FENCED.split(text)
    return "".join(part if part.startswith("```") else _BEFORE_LIST.sub(r"\1\n", part) for part in parts)
