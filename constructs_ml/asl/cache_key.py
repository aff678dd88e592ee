"""The key of a cached job: a digest of everything that decides its result, computed by the workflow in JSONata.

A key has parts by name. Those that are known before the deployment are hashed there; the others are the values that the deployment
or the execution has, the keys of the jobs whose outputs it reads, and a digest of each listing of other data. A part that has no
value is an error of the expression: ``&``, ``$join`` and ``$string`` leave out what is undefined without a word, so that the key
would be a valid one of something else.

Source: "Transforming data with JSONata" of the Step Functions developer guide, by which ``$hash`` takes at most 10,000 characters.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from constructs_ml.asl.expressions import Expression, Format, Merge, operand
from constructs_ml.asl.inputs import FRESH
from constructs_ml.asl.literals import jsonata_text

if TYPE_CHECKING:
    from constructs_ml.asl.expressions import Runtime

CHUNK = 9_000
"""The most characters that are hashed at once, with a digest before them."""
PAGE = 200
"""The objects of a page: with keys of 1,024 bytes, S3's longest, its listing has 242,904 bytes, of the 262,144 that a state may get."""
_SHOWN, _SHOWN_IN_ALL = 8_000, 30_000
"""The most characters of the objects of a listing, and of all of a job's, that a marker has to say which of them differ."""


NOTHING = "empty"
"""The digest of a listing without objects; those that follow are hashed with it."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Objects that a job reads and that no cached job wrote.

    Attributes:
        part: The part of the key that they are.
        bucket: Their bucket.
        prefix: The start of their keys.
    """

    part: str
    bucket: str | Expression
    prefix: str | Expression


@dataclass(slots=True)
class CacheKey:
    """The parts of a key.

    Attributes:
        job: The name of the job's state.
        fixed: The parts that are known before the deployment.
        deployed: The parts that are known when it is deployed: texts with tokens in them.
        values: The parts that an execution has, as expressions in JSONata, see :func:`text_of`.
        listings: The listings that are parts.
    """

    job: str
    fixed: dict[str, str] = field(default_factory=dict)
    deployed: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    listings: list[Listing] = field(default_factory=list)

    def free(self, part: str) -> str:
        """Return a name that no part has, which begins with the given one."""
        taken = {*self.fixed, *self.deployed, *self.values, *(listing.part for listing in self.listings)}
        names = itertools.chain([part], (f"{part}#{number}" for number in itertools.count(2)))
        return next(name for name in names if name not in taken)

    def digest(self, listed: Mapping[str, str]) -> str:
        """Return the expression for the key, as hexadecimal digits.

        Args:
            listed: The expressions for the listings, by their parts.
        """
        named = [self.fixed, sorted(self.deployed), sorted(self.values), sorted(listed)]
        fixed = [hashlib.sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()]
        found = [jsonata_text("\n".join([*fixed, *(text for _, text in sorted(self.deployed.items()))]))]
        found += [f"$sized({value})" for _, value in sorted(self.values.items())]
        found += [f"{listing}.digest" for _, listing in sorted(listed.items())]
        # With its length before it, no value can look like two.
        sized = "$sized := function($text) {$string($length($text)) & ':' & $text}; " if self.values else ""
        return (
            f"({self.part if self.values else ''}{sized}$text := $join([{', '.join(found)}], '\\n'); "
            f"$reduce([0..$floor($length($text) / {CHUNK})], function($digest, $at) "
            f"{{$hash($digest & $substring($text, $at * {CHUNK}, {CHUNK}), 'SHA-256')}}, ''))"
        )

    def parts(self, listed: Mapping[str, str]) -> str:
        """Return the expression for the parts that an execution has, by name."""
        found = [f"{jsonata_text(name)}: {value}" for name, value in self.values.items()]
        found += [f"{jsonata_text(name)}: {value}" for name, value in listed.items()]
        return f"({self.part if self.values else ''}{{{', '.join(found)}}})"

    def known_parts(self) -> str:
        """Return an object in JSONata: the parts that are known when the workflow is deployed, by name."""
        known = sorted({**self.fixed, **self.deployed}.items())
        return "{" + ", ".join(f"{jsonata_text(name)}: {jsonata_text(text)}" for name, text in known) + "}"

    @property
    def part(self) -> str:
        """The definition of ``$part``, which is the value of a part as text: an error if there is none."""
        lacks = jsonata_text(f"the key of the cached job {self.job} lacks a value for ")
        return f"$part := function($value, $name) {{$exists($value) ? $string($value) : $error({lacks} & $name)}}; "

    def place(self, location: Runtime, name: str) -> str:
        """Return the expression for a place that an execution decides, of which no part may be missing.

        Args:
            location: The place.
            name: The name of the part.
        """
        return f"({self.part}{text_of(location, name)})"


def text_of(value: Runtime, name: str) -> str:
    """Return the expression for a value as text, in which ``$part`` makes an error of each value that is missing.

    Args:
        value: The value.
        name: The name of the part.
    """
    if isinstance(value, Merge):
        value = Merge(tuple(_known_members(part, name) if isinstance(part, Mapping) else part for part in value.parts))
    parts = value.parts if isinstance(value, Format) else (value,)
    return " & ".join(operand(part) if isinstance(part, str) else _known(part, name) for part in parts)


def _known(value: Runtime, name: str) -> str:
    return f"$part({operand(value)}, {jsonata_text(name)})"


def _known_members(members: Mapping[str, str | Runtime], name: str) -> dict[str, str | Runtime]:
    return {
        member: value if isinstance(value, str) else Expression(text_of(value, f"{name}.{member}"))
        for member, value in members.items()
    }


def page_of(listing: Listing, before: str, listings: int) -> str:
    """Return the expression for a listing after one more page of it: its digest, its number of objects and, if few, the objects.

    Args:
        listing: The listing.
        before: The expression for the pages before; empty for the first one.
        listings: The number of listings of the job.
    """
    shown = min(_SHOWN, _SHOWN_IN_ALL // listings)
    digest, count = (f"{before}.digest", f"{before}.count") if before else (f"'{NOTHING}'", "0")
    objects, few = (f"{before}.objects, ", f"$exists({before}.objects) and ") if before else ("", "")
    return (
        f"($from := $length($replace({operand(listing.prefix)}, /[^\\/]+$/, '')); "
        "$found := $append([], $states.result.Contents.{'name': $substring(Key, $from), "
        "'state': $replace(ETag, '\"', '') & ' ' & $string(Size)}); "
        f"$objects := $merge([{objects}$found.{{name: state}}]); "
        "$merge([{'digest': $reduce($found, function($digest, $object) "
        f"{{$hash($join([$digest, $object.name, $object.state], '\\n'), 'SHA-256')}}, {digest}), "
        f"'count': {count} + $count($found)}}, "
        f"{few}$length($string($objects)) <= {shown} ? {{'objects': $objects}} : {{}}]))"
    )


def bucket_and_prefix(uri: str) -> tuple[Expression, Expression]:
    """Return the expressions for the bucket and the prefix of a URI that a run decides.

    Args:
        uri: The URI, as an operand in JSONata.
    """
    place = f"$substringAfter({uri}, 's3://')"
    return (
        Expression(f"$substringBefore({place}, '/')"),
        Expression(f"($place := {place}; $contains($place, '/') ? $substringAfter($place, '/') : '')"),
    )


def asks_fresh(name: str) -> str:
    """Return a condition in JSONata: the execution's input asks for a job to run anew."""
    return f"($fresh := $states.context.Execution.Input.{FRESH}; $fresh = true or {jsonata_text(name)} in $fresh)"
