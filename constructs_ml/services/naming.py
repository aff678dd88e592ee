"""Spelling of members, services and errors in Step Functions.

Its SDK integrations use the AWS SDK for Java, and the names are that SDK's with a capital at the front: an acronym at the front
of a name becomes a word, ``DBInstanceIdentifier`` is ``DbInstanceIdentifier``, and one inside it stays. A name that a method of
Java has is followed by ``Value``.

Source: "Learning to use AWS service SDK integrations in Step Functions" of the Step Functions developer guide: names are in
PascalCase, ``equals`` is ``EqualsValue``, errors end in ``Exception``; the naming of the AWS SDK for Java 2.x.
"""

from __future__ import annotations

import re

_FRONT = re.compile(r"[A-Z]{2,}")
_DATE = re.compile(r"\d{4}_\d\d_\d\d$")
METHODS = frozenset(
    ["builder", "equals", "finalize", "getClass", "hashCode", "notify", "notifyAll", "toBuilder", "toString", "wait"]
)
"""The methods of every Java object."""
KEYWORDS = frozenset(
    [
        "abstract",
        "assert",
        "boolean",
        "break",
        "byte",
        "case",
        "catch",
        "char",
        "class",
        "const",
        "continue",
        "default",
        "do",
        "double",
        "else",
        "enum",
        "extends",
        "false",
        "final",
        "finally",
        "float",
        "for",
        "goto",
        "if",
        "implements",
        "import",
        "instanceof",
        "int",
        "interface",
        "long",
        "native",
        "new",
        "null",
        "package",
        "private",
        "protected",
        "public",
        "return",
        "short",
        "static",
        "strictfp",
        "super",
        "switch",
        "synchronized",
        "this",
        "throw",
        "throws",
        "transient",
        "true",
        "try",
        "void",
        "volatile",
        "while",
    ]
)
"""Words of Java."""
_RENAMED = {"NULL": ("Nul", "Null")}
"""Other names that Java's SDK uses: DynamoDB's."""
_ERROR_ENDS = ("Exception", "Fault")


def spellings(name: str) -> tuple[str, ...]:
    """Return the spellings of an API member in a state, the likely one first.

    Args:
        name: Its name in the API.
    """
    if name in _RENAMED:
        return _RENAMED[name]
    likely = _capital(_front_in_small(name))
    small = likely[:1].lower() + likely[1:]
    if small in METHODS:
        return (f"{likely}Value",)
    # The page names no keyword of Java's: either may be right.
    return (likely, f"{likely}Value") if small in KEYWORDS else (likely,)


def action_of(operation: str) -> str:
    """Return the action of a resource that calls an operation: ``createDBInstance``.

    Args:
        operation: Its name in the API, which may end in the date of a version.
    """
    plain = _DATE.sub("", operation)
    return plain[:1].lower() + plain[1:]


def service_of(service_id: str) -> str:
    """Return the service in a resource: ``cognitoidentityprovider``.

    Args:
        service_id: Its id in botocore's model: ``Cognito Identity Provider``.
    """
    return re.sub(r"[^a-z0-9]", "", service_id.lower()).removesuffix("service")


def error_of(code: str) -> str:
    """Return the likely name of an error after its service: ``NoSuchKeyException``, ``DbInstanceNotFoundException``.

    Args:
        code: The name of the error in the API.
    """
    for end in _ERROR_ENDS:
        code = code.removesuffix(end)
    words = re.findall(r"[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+", code)
    return "".join(word.capitalize() for word in words) + "Exception"


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _front_in_small(name: str) -> str:
    """Lower the leading capitals of a name that form a word; the last before a small letter begins the next word."""
    found = _FRONT.match(name)
    if found is None:
        return name
    end = found.end() - (name[found.end() : found.end() + 1].islower())
    return name[:end].lower() + name[end:]
