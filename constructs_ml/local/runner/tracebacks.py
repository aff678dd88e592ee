"""Parser of a Python program's traceback: the exception, its message, and the lines of the user's own code.

Text in, text out: nothing is imported or opened here, as the program may have run with another Python. A CDK app's failure is
mostly noise: frames of jsii, aws-cdk-lib and this library, the JavaScript stack, and the exceptions that jsii chains.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


# Node's warnings reach stderr as Python's bytes, jsii's about Node's version in a frame of exclamation marks.
_BANNER = re.compile(r"""(?:b['"])?!!""")
_STACK = re.compile(
    r"\s+at .+(?::\d+:\d+\)?|<anonymous>\)?|\(native\))$|\s+\.\.\..*(?:jsii runtime|node internals).*\.\.\.$"
)
_CALLBACK = re.compile(r"^\s+at (?:\w+\.)?callbackHandler ", re.MULTILINE)
_NOT_READ = re.compile(
    r"@jsii/kernel\.SerializationError: Passed to parameter (?P<parameter>\w+) of .*?(?P<owner>\w+)\.(?P<member>\w+):"
    r" Unable to deserialize value as (?P<wanted>\S+)(?P<detail>.*)",
    re.DOTALL,
)
_FAILING = re.compile(r"Failing value is (.+)(?:\n[^\w\[{'\"]*(\S.*))?")
_CHAINABLE = "IChainable"


def is_noise(line: str) -> bool:
    """Return whether a line is part of a banner."""
    return _BANNER.match(line) is not None


def was_in_a_callback(output: str) -> bool:
    """Return whether JavaScript had called the failed Python code, in which case jsii keeps only the message.

    Args:
        output: The app's output.
    """
    return _CALLBACK.search(output) is not None


def plain_message(message: str) -> str:
    """Return a message without JavaScript's stack and jsii's terms.

    Args:
        message: The message of an exception.
    """
    text = "\n".join(line for line in message.split("\n") if not _STACK.match(line)).rstrip()
    found = _NOT_READ.match(text)
    if found is None:
        return text.removeprefix("@jsii/kernel.RuntimeError: ")
    wanted = found["wanted"].rpartition(".")[2]
    value = _FAILING.search(found["detail"])
    got = ", got " + " ".join(part for part in value.groups() if part) if value else ""
    fix = "; chain the states: first.next(second)" if wanted == _CHAINABLE and "array" in got else ""
    return f"{found['parameter']} of {found['owner']}.{found['member']} must have the type {wanted}{got}{fix}"


_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_HEADER = re.compile(r"(?:Exception Group )?Traceback \(most recent call last\):$")
_FILE = re.compile(r'  File "(?P<file>.*)", line (?P<line>\d+)(?P<inside>, in .*)?$')
_REPEATED = re.compile(r"  \[Previous line repeated (\d+) more times?\]$")
_MARKS = re.compile(r"\s+[~^][\s~^]*$")
_KIND = re.compile(r"(?P<kind>[A-Za-z_][\w.<>]*)(?:: (?P<message>.*))?$")
_LINKS = {
    "The above exception was the direct cause of the following exception:": "caused by",
    "During handling of the above exception, another exception occurred:": "while handling",
}
_IGNORED = "Exception ignored"
_GROUP = re.compile(r"\s*\+ Exception Group Traceback \(most recent call last\):$")
_MEMBER = re.compile(r"(?P<indent>\s*(?:\+-)?)\+-+ \S+ -+$")
_CLOSED = re.compile(r"\s*\+-{20,}$")
_CONTENT = re.compile(r"(?P<indent>\s*)[|+] ?(?P<text>.*)$")
# Python's own files and what pip installed, on Linux, macOS and Windows; <frozen importlib>, <string>.
_INSTALLED = re.compile(
    r"^<|[\\/](?:site|dist)-packages[\\/]|[\\/]lib(?:64)?[\\/]python3[.\d]*[\\/]|[\\/]Python3\d+[\\/]Lib[\\/]",
    re.IGNORECASE,
)
_MOST_FRAMES = 5
_MOST_LINES = 60
_LAST = 5


@dataclass(frozen=True, slots=True)
class Frame:
    """A line that was being executed.

    Attributes:
        file: Its file.
        line: Its number.
        source: Its text; empty if it is unknown.
        marks: The caret below the source of a syntax error.
        repeated: The number of its repetitions, in a recursion.
    """

    file: str
    line: int
    source: str = ""
    marks: str = ""
    repeated: int = 0


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception.

    Attributes:
        kind: Its class, without the module.
        message: Its whole message.
        frames: The frames in which it was raised, outermost first.
        cause: The exception before it.
        link: Its relation to the cause: ``caused by`` or ``while handling``.
        members: The exceptions of a group.
    """

    kind: str
    message: str
    frames: tuple[Frame, ...] = ()
    cause: Raised | None = None
    link: str = ""
    members: tuple[Raised, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}" if self.kind and self.message else self.kind or self.message


def explain(output: str, *, directory: str, library: str) -> str:
    """Return in a few lines the reason that a program failed: the user's own lines, the exception and its message.

    Args:
        output: The program's output, including its traceback.
        directory: The folder of the app, from which files are named.
        library: The folder of this library, whose frames are left out.
    """
    raised = read(output)
    if raised is None:
        said = [line for line in _lines(output) if line.strip()]
        return "\n".join(said[-_LAST:]) or "it said nothing"
    hint = ("(in a callback: an aspect, a validation or a lazy value)",) if was_in_a_callback(output) else ()
    return "\n".join([*_shown(raised, directory, library), *hint])


def read(output: str) -> Raised | None:
    """Read the last exception that a program reports, with those before it; None if it reports none.

    Args:
        output: The program's output.
    """
    return _last(_lines(output))


def _last(lines: Sequence[str]) -> Raised | None:
    at, link, ignored = 0, "", False
    last: Raised | None = None
    raised: Raised | None
    while at < len(lines):
        line = lines[at]
        if _GROUP.match(line):
            raised, at = _group(lines, at)
        elif _HEADER.match(line) or _FILE.match(line):
            raised, at = _plain(lines, at)
        else:
            # A cause that was never raised, as jsii's JavaScriptError, has no traceback.
            link = _LINKS.get(line, link if not line.strip() else "")
            ignored = line.startswith(_IGNORED) or (ignored and not line.strip())
            at += 1
            continue
        if raised is not None and not ignored:
            last = replace(raised, cause=last, link=link) if link else raised
        link, ignored = "", False
    return last


def _lines(output: str) -> list[str]:
    text = _COLOURS.sub("", output).replace("\r\n", "\n")
    return [line.rstrip() for line in text.split("\n") if not is_noise(line)]


def _plain(lines: Sequence[str], at: int) -> tuple[Raised | None, int]:
    """Read a traceback and its exception; return None if it is a heading only."""
    at += 1 if _HEADER.match(lines[at]) else 0
    frames: list[Frame] = []
    while at < len(lines) and (not lines[at] or lines[at][0] == " "):
        line = lines[at]
        if found := _FILE.match(line):
            frames.append(Frame(found["file"], int(found["line"])))
        elif frames and (repeated := _REPEATED.match(line)):
            frames[-1] = replace(frames[-1], repeated=int(repeated[1]))
        elif frames and _MARKS.match(line):
            frames[-1] = replace(frames[-1], marks=line[4:])
        elif frames and line and not frames[-1].source:
            frames[-1] = replace(frames[-1], source=line[4:])
        at += 1
    if not frames or at == len(lines):
        return None, at
    end = next((found for found in range(at + 1, len(lines)) if _ends_a_message(lines, found)), len(lines))
    return replace(_exception(lines[at:end]), frames=tuple(frames)), end


def _ends_a_message(lines: Sequence[str], at: int) -> bool:
    """Return whether a line does not belong to the message before it."""
    line = lines[at]
    return line in _LINKS or line.startswith(_IGNORED) or bool(_HEADER.match(line) or _GROUP.match(line))


def _exception(lines: Sequence[str]) -> Raised:
    first, *rest = lines
    found = _KIND.match(first)
    kind, begun = (found["kind"], found["message"] or "") if found else ("", first)
    return Raised(kind.rpartition(".")[2], plain_message("\n".join([begun, *rest]).strip("\n")))


@dataclass
class _Node:
    column: int
    lines: list[str]
    members: list[_Node]

    def raised(self) -> Raised:
        told = _last(self.lines) or _exception([line for line in self.lines if line.strip()] or ["ExceptionGroup"])
        return replace(told, members=tuple(member.raised() for member in self.members))


def _group(lines: Sequence[str], at: int) -> tuple[Raised, int]:
    """Read an exception group, which is drawn as a tree."""
    top = _Node(lines[at].index("+"), [lines[at].strip(" +")], [])
    path, closed = [top], False
    at += 1
    while at < len(lines):
        line = lines[at]
        member, content = _MEMBER.match(line), _CONTENT.match(line)
        if closed and not content:
            break
        closed = bool(_CLOSED.match(line))
        if member:
            column = len(member["indent"])
            path = [node for node in path if node.column < column]
            path[-1].members.append(_Node(column, [], []))
            path.append(path[-1].members[-1])
        elif content and not closed:
            path = [node for node in path if node.column <= len(content["indent"])] or [top]
            path[-1].lines.append(content["text"])
        elif not closed:
            path[-1].lines.append(line)  # a further line of a message has no bar
        at += 1
    return top.raised(), at


def _shown(raised: Raised, directory: str, library: str) -> list[str]:
    lines = [
        *_frames(raised, directory, library),
        *_cut(str(raised).split("\n")),
        *(f"  {line}" for member in raised.members for line in _shown(member, directory, library)),
    ]
    if raised.cause is not None:
        own = _own(raised.cause, library)
        place = f" ({_place(own[-1], directory)}: {own[-1].source})" if own else ""
        lines.append(f"{raised.link} {raised.cause}{place}")
    return lines


def _frames(raised: Raised, directory: str, library: str) -> list[str]:
    own = _own(raised, library)
    shown = own if len(own) <= _MOST_FRAMES else [own[0], None, *own[1 - _MOST_FRAMES :]]
    lines: list[str] = []
    for frame in shown:
        if frame is None:
            lines.append(f"  ... {len(own) - _MOST_FRAMES} more")
            continue
        place = f"  {_place(frame, directory)}: "
        repeated = f" ({frame.repeated} times more)" if frame.repeated else ""
        lines.append(f"{place}{frame.source}{repeated}".rstrip())
        if frame.marks and raised.kind.endswith(("SyntaxError", "IndentationError", "TabError")):
            lines.append(f"{' ' * len(place)}{frame.marks}")
    return lines


def _own(raised: Raised, library: str) -> list[Frame]:
    """The frames of the user's own code; the innermost of all if there are none."""
    inside = (f"{library}/", f"{library}\\")
    own = [frame for frame in raised.frames if not _INSTALLED.search(frame.file) and not frame.file.startswith(inside)]
    return own or list(raised.frames[-1:])


def _place(frame: Frame, directory: str) -> str:
    path = PurePath(frame.file)
    shown = path.relative_to(directory) if path.is_relative_to(directory) else path
    return f"{shown}:{frame.line}"


def _cut(lines: list[str]) -> list[str]:
    left = len(lines) - _MOST_LINES
    return lines if left <= 0 else [*lines[:_MOST_LINES], f"... {left} lines more"]
