"""What a file or an argument should not be: kinds of bad texts and bad files, for every reader of the command line."""

from __future__ import annotations

import json
import os
import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEEP = 30_000
LONG_NUMBER = "9" * 6000

BAD_JSON: dict[str, bytes] = {
    "empty": b"",
    "spaces": b" \r\n\t\n",
    "bom": b"\xef\xbb\xbf",
    "null": b"null",
    "true": b"true",
    "number": b"0",
    "text": b'"artifacts"',
    "list": b"[]",
    "open-object": b"{",
    "open-list": b"[",
    "open-text": b'{"a": "b',
    "no-value": b'{"a":}',
    "comma": b'{"a": 1,}',
    "comment": b'// no JSON\n{"a": 1}',
    "single-quotes": b"{'a': 1}",
    "two": b'{"a": 1}\n{"a": 2}',
    "nan": b'{"a": NaN}',
    "infinity": b'{"a": Infinity}',
    "minus-infinity": b'{"a": -Infinity}',
    "beyond-doubles": b'{"a": 1e999}',
    "long-number": f'{{"a": {LONG_NUMBER}}}'.encode(),
    "long-negative": f'{{"a": -{LONG_NUMBER}}}'.encode(),
    "deep-lists": b"[" * DEEP,
    "deep-closed-lists": b'{"a": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "deep-objects": b'{"a":' * DEEP,
    "somewhat-deep": b'{"a":' * 150 + b"1" + b"}" * 150,
    "utf-16-le": '{"a": 1}'.encode("utf-16"),
    "utf-16-be": b"\xfe\xff" + '{"a": 1}'.encode("utf-16-be"),
    "latin-1": '{"a": "é"}'.encode("latin-1"),
    "cut-utf-8": b'{"a": "\xe2\x82"}',
    "nul": b'{"a": "\x00"}',
    "only-nul": b"\x00" * 50,
    "half-pair": b'{"a": "\\ud800"}',
    "half-pair-in-name": b'{"\\udfff": 1}',
    "binary": bytes(range(256)),
    "zip": b"PK\x03\x04\x14\x00\x00\x00",
    "python": b"#!/usr/bin/env python3\nprint('not data')\n",
}
"""Texts that no reader of an object in JSON can read."""

BAD_YAML: dict[str, bytes] = {
    "python-object": b"StartAt: !!python/object/apply:os.system ['touch pwned']\n",
    "binary-tag": b"StartAt: !!binary aGVsbG8=\n",
    "set-tag": b"StartAt: !!set {a, b}\n",
    "omap-tag": b"StartAt: !!omap [a: 1]\n",
    "pairs-tag": b"StartAt: !!pairs [a: 1]\n",
    "alias-bomb": b"a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    + b"".join(f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 9)}]\n".encode() for at in range(1, 12))
    + b"StartAt: *a11\n",
    "merge-bomb": b"m0: &m0 {a: 1, b: 2, c: 3}\n"
    + b"".join(f"m{at}: &m{at} {{x: *m{at - 1}, y: *m{at - 1}, <<: *m{at - 1}}}\n".encode() for at in range(1, 30)),
    "alias-of-itself": b"States: &all\n  A: *all\n",
    "alias-in-a-list": b"StartAt: &all [*all]\n",
    "no-anchor": b"StartAt: *nobody\n",
    "chain-of-aliases": b"a0: &a0 [x]\n" + b"".join(f"a{at}: &a{at} [*a{at - 1}]\n".encode() for at in range(1, 300)),
    "deep-lists": b"StartAt: " + b"[" * DEEP + b"]" * DEEP,
    "open-lists": b"[" * DEEP,
    "open-mappings": b"{a: " * DEEP,
    "deep-mappings": b"StartAt: " + b"{a: " * 150 + b"1" + b"}" * 150,
    "deep-blocks": "".join(f"{' ' * at}a:\n" for at in range(1, 400)).encode(),
    "dashes": b"- " * DEEP,
    "questions": b"? " * DEEP,
    "long-number": f"StartAt: {LONG_NUMBER}\n".encode(),
    "long-hexadecimal": f"StartAt: 0x{'f' * 6000}\n".encode(),
    "long-sexagesimal": f"StartAt: 1{':59' * 3000}\n".encode(),
    "infinity": b"StartAt: .inf\n",
    "nan": b"StartAt: .nan\n",
    "half-pair": b'StartAt: "\\ud800"\n',
    "nul": b"StartAt: \x00\n",
    "escape": b"StartAt: \x1b[2J\n",
    "two-documents": b"StartAt: A\n---\nStartAt: B\n",
    "tabs": b"StartAt:\n\tA: 1\n",
    "empty": b"",
    "comment": b"# nothing\n",
    "text": b"just text\n",
    "list": b"- StartAt: A\n",
    "unknown-tag": b"!!nothing/of/this x\n",
    "directive": b"%YAML 9.9\n---\nStartAt: A\n",
    "utf-16": "StartAt: A\n".encode("utf-16"),
    "latin-1": "StartAt: é\n".encode("latin-1"),
    "equals-sign": b"StartAt: =\n",
    "invalid-number": b"StartAt: 0x_\n",
}
"""Texts that are no definition and no template in YAML."""

SUBSTITUTES: tuple[Any, ...] = (None, [], {}, "", 0, True, "text", [None], {"a": None})
"""What may stand in the place of anything."""


def bad_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Paths that are no readable files, with what kind each is of."""
    yield "missing", folder / "missing"
    yield "folder", _made_folder(folder / "folder")
    yield "pipe", _made_pipe(folder / "pipe")
    yield "socket", _made_socket(folder / "socket")
    yield "endless", folder.__class__("/dev/zero")
    yield "full", folder.__class__("/dev/full")
    yield "link-to-itself", _linked(folder / "loop", "loop")
    yield "link-to-nothing", _linked(folder / "dangling", "nowhere")
    yield "long-name", folder / ("n" * 300)
    yield "huge", _huge(folder / "huge")
    if os.getuid():
        yield "secret", _secret(folder / "secret")


def variants(good: Any, substitutes: tuple[Any, ...] = SUBSTITUTES) -> Iterator[tuple[str, Any]]:
    """A document with one value replaced, for each value and each substitute, with the place and the substitute.

    Args:
        good: The document.
        substitutes: What is put into the place of each value.
    """
    for path in _paths(good):
        for substitute in substitutes:
            copy = json.loads(json.dumps(good))
            if not path:
                copy = substitute
            else:
                at = copy
                for step in path[:-1]:
                    at = at[step]
                if type(at[path[-1]]) is type(substitute) and at[path[-1]] == substitute:
                    continue
                at[path[-1]] = substitute
            yield f"{'.'.join(map(str, path)) or 'all'}={json.dumps(substitute)}", copy


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _paths(item, (*path, key))


def _made_folder(path: Path) -> Path:
    path.mkdir()
    return path


def _made_pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def _made_socket(path: Path) -> Path:
    before = os.open(".", os.O_RDONLY)
    os.chdir(path.parent)  # a socket's path has about a hundred bytes
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(path.name)
    os.fchdir(before)
    os.close(before)
    return path


def _linked(path: Path, to: str) -> Path:
    path.symlink_to(to)
    return path


def _huge(path: Path) -> Path:
    """Larger than memory, and no larger than a block on the disk."""
    with path.open("wb") as file:
        file.truncate(1 << 40)
    return path


def _secret(path: Path) -> Path:
    path.write_text("{}")
    path.chmod(0)
    return path
