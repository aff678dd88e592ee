"""Reads what jsii and Node add to the messages of a Python app: banners, JavaScript stacks, internal names."""

from __future__ import annotations

import re

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
    """Returns whether a line is a part of a banner."""
    return _BANNER.match(line) is not None


def was_in_a_callback(output: str) -> bool:
    """Returns whether JavaScript had called the Python code that failed, of which jsii keeps the message only.

    Args:
        output: What the app wrote.
    """
    return _CALLBACK.search(output) is not None


def plain_message(message: str) -> str:
    """Returns a message without JavaScript's stack and jsii's terms.

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
    return f"{found['parameter']} of {found['owner']}.{found['member']} must be of type {wanted}{got}{fix}"
