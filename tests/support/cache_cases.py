"""Expressions of cached jobs with data for them, and their values as Python and hashlib compute them."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.cache_key import (
    CHUNK,
    NOTHING,
    CacheKey,
    Listing,
    asks_fresh,
    bucket_and_prefix,
    page_of,
    text_of,
)
from constructs_ml.asl.cached_job import CachedJob
from constructs_ml.asl.expressions import Expression, operand

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

NOW = 1_767_225_600_000
"""The milliseconds of 2026-01-01T00:00:00Z, at which expressions are evaluated."""
DAY = 86_400_000
BUCKET, FOLDER = "artifacts", "cache/Census-1a2B/Train/"
FAILS = "fails"
"""The value of an expression that raises an error."""


@dataclass(frozen=True)
class CacheCase:
    """An expression and its value.

    Attributes:
        name: Its purpose.
        expression: The expression in JSONata.
        expected: Its value; FAILS for none.
        states: The members of ``$states``.
        variables: The variables.
    """

    name: str
    expression: str
    expected: Any
    states: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)


def cases() -> list[CacheCase]:
    """All of them."""
    found = [*_pages(), *_keys(), *_places(), *_fresh(), *_markers()]
    assert len({case.name for case in found}) == len(found)
    return found


def sha256(text: str) -> str:
    """The digest of a text, as hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


# Listings -------------------------------------------------------------------------------------------------------


def _object(key: str, size: int = 7) -> dict[str, Any]:
    return {"Key": key, "ETag": f'"{sha256(key)[:32]}"', "Size": size, "LastModified": "2026-01-01T00:00:00Z"}


def listing(prefix: str, pages: Sequence[Sequence[Mapping[str, Any]]], shown: int = 8_000) -> dict[str, Any]:
    """A listing as a marker has it: its digest, the number of its objects and, where they are few, the objects."""
    folder = re.sub(r"[^/]+$", "", prefix)
    digest, count, objects = NOTHING, 0, {}
    few = True
    for page in pages:
        for item in page:
            name, state = item["Key"][len(folder) :], f"{item['ETag'].strip(chr(34))} {item['Size']}"
            digest = sha256(f"{digest}\n{name}\n{state}")
            count += 1
            objects[name] = state
        few = few and len(json.dumps(objects, separators=(",", ":"), ensure_ascii=False)) <= shown
    return {"digest": digest, "count": count, **({"objects": objects} if few else {})}


def _pages() -> Iterator[CacheCase]:
    many = [_object(f"raw/part-{at:04}.csv", at) for at in range(450)]
    odd = ["raw/é🙂.csv", "raw/a b+c%20.csv", "raw/deep/er/x", "raw/", 'raw/"quoted".csv', "raw/back\\slash"]
    lists: dict[str, tuple[str | Expression, Sequence[Sequence[Mapping[str, Any]]]]] = {
        "no object": ("raw/", [[]]),
        "one object": ("raw/", [[_object("raw/a.csv")]]),
        "objects": ("raw/", [[_object(f"raw/{name}.csv") for name in "abc"]]),
        "unusual names": ("raw/", [[_object(key) for key in sorted(odd)]]),
        "empty objects": ("raw/", [[_object("raw/a", 0), _object("raw/b", 5_000_000_000_000)]]),
        "a whole bucket": ("", [[_object("a.csv"), _object("b/c.csv")]]),
        "the start of a name": ("raw/part-0001", [many[10:20]]),
        "a place of the input": (Expression("$states.input.prefix"), [[_object("raw/a.csv")]]),
        "two pages": ("raw/", [many[:3], many[3:5]]),
        "three pages": ("raw/", [many[:200], many[200:400], many[400:]]),
        "many objects": ("raw/", [many[:200]]),
    }
    for name, (prefix, pages) in lists.items():
        of = Listing("train", "data", prefix)
        text = prefix if isinstance(prefix, str) else "raw/"
        for at, page in enumerate(pages):
            states = {"input": {"prefix": "raw/"}, "result": {"Contents": list(page)} if page else {}}
            before = {"listed": listing(text, pages[:at])} if at else {}
            expected = listing(text, pages[: at + 1])
            yield CacheCase(f"page {at} of {name}", page_of(of, "$listed" if at else "", 1), expected, states, before)
    states = {"result": {"Contents": many[:200]}}
    for listings in (1, 5, 30):
        expected = listing("raw/", [many[:200]], min(8_000, 30_000 // listings))
        yield CacheCase(
            f"page of one of {listings} listings",
            page_of(Listing("train", "data", "raw/"), "", listings),
            expected,
            states,
        )


# Keys -----------------------------------------------------------------------------------------------------------


def digest(key: CacheKey, values: Mapping[str, str], listed: Mapping[str, str]) -> str:
    """A key, of the values of its parts as text and the digests of its listings."""
    named = [key.fixed, sorted(key.deployed), sorted(key.values), sorted(key_of.part for key_of in key.listings)]
    parts = [sha256(json.dumps(named, sort_keys=True)), *(text for _, text in sorted(key.deployed.items()))]
    parts += [f"{len(values[name])}:{values[name]}" for name in sorted(values)]
    parts += [listed[name] for name in sorted(listed)]
    text, found = "\n".join(parts), ""
    for at in range(len(text) // CHUNK + 1):
        found = sha256(found + text[at * CHUNK : (at + 1) * CHUNK])
    return found


def _values(values: Mapping[str, str]) -> dict[str, str]:
    """The values of parts as a key has them: text, or an error."""
    return {name: text_of(Expression(value), name) for name, value in values.items()}


def _keys() -> Iterator[CacheCase]:
    values: dict[str, tuple[Any, str]] = {
        "text": ("some text", "some text"),
        "an empty text": ("", ""),
        "an apostrophe": ('it\'s "so" \\ here', 'it\'s "so" \\ here'),
        "letters": ("é", "é"),
        "a line": ("a\nb", "a\nb"),
        "a number": (12, "12"),
        "a boolean": (True, "true"),
        "null": (None, "null"),
        "a list": ([1, "a"], '[1,"a"]'),
        "an object": ({"b": 1, "a": {"c": None}}, '{"b":1,"a":{"c":null}}'),
        "a long text": ("x" * 25_000, "x" * 25_000),
        "a chunk": ("x" * (CHUNK - 71), "x" * (CHUNK - 71)),
    }
    fixed = {"image": "an image", "hyperparameters.depth": "3"}
    deployed = {"environment.BUCKET": "a-bucket", "environment.it's": "it's"}
    none = CacheKey("Train", fixed=dict(fixed))
    yield CacheCase("key of fixed parts", none.digest({}), digest(none, {}, {}))
    named = CacheKey("Train", fixed=dict(fixed), deployed=dict(deployed))
    yield CacheCase("key of deployed parts", named.digest({}), digest(named, {}, {}))
    yield CacheCase("known parts", named.known_parts(), dict(sorted({**fixed, **deployed}.items())))
    for name, (value, text) in values.items():
        key = CacheKey(
            "Train", fixed, deployed, _values({"environment.VALUE": "$states.input.value", "more": "'more'"})
        )
        states, texts = {"input": {"value": value}}, {"environment.VALUE": text, "more": "more"}
        yield CacheCase(f"key of {name}", key.digest({}), digest(key, texts, {}), states)
        yield CacheCase(f"parts of {name}", key.parts({}), texts, states)
    lacking = CacheKey("Train", fixed, {}, _values({"environment.VALUE": "$states.input.none"}))
    yield CacheCase("key of nothing", lacking.digest({}), FAILS, {"input": {}})
    yield CacheCase("parts of nothing", lacking.parts({}), FAILS, {"input": {}})
    found = {name: listing("", [[_object(name)]]) for name in ("train", "test")}
    variables = dict(found)
    listed = {name: f"${name}" for name in found}
    key = CacheKey("Train", fixed, {}, _values({"upstream": "$states.input.key & '/model'"}))
    key.listings += [Listing(name, "data", "") for name in found]
    texts = {"upstream": f"{'0' * 64}/model"}
    states = {"input": {"key": "0" * 64}}
    expected = digest(key, texts, {name: str(each["digest"]) for name, each in found.items()})
    yield CacheCase("key of listings", key.digest(listed), expected, states, variables)
    yield CacheCase("parts of listings", key.parts(listed), {**texts, **found}, states, variables)


# Places ---------------------------------------------------------------------------------------------------------


def _places() -> Iterator[CacheCase]:
    places = {
        "s3://bucket/a/b/": ("bucket", "a/b/"),
        "s3://bucket/a": ("bucket", "a"),
        "s3://bucket/": ("bucket", ""),
        "s3://bucket": ("bucket", ""),
        "s3://bucket/s3://odd/": ("bucket", "s3://odd/"),
    }
    for place, expected in places.items():
        bucket, prefix = bucket_and_prefix("$states.input.place")
        states = {"input": {"place": place}}
        if place != "s3://bucket":
            yield CacheCase(f"bucket of {place}", operand(bucket), expected[0], states)
        yield CacheCase(f"prefix of {place}", operand(prefix), expected[1], states)


def _fresh() -> Iterator[CacheCase]:
    given: dict[str, tuple[Any, bool]] = {
        "all": ({"fresh": True}, True),
        "none": ({"fresh": False}, False),
        "no word": ({}, False),
        "its name": ({"fresh": ["Prepare", "it's"]}, True),
        "another name": ({"fresh": ["Prepare"]}, False),
        "no name": ({"fresh": []}, False),
        "a text": ({"fresh": "it's"}, True),
        "a number": ({"fresh": 1}, False),
    }
    for name, (value, expected) in given.items():
        states = {"context": {"Execution": {"Input": value}}}
        yield CacheCase(f"fresh for {name}", asks_fresh("it's"), expected, states)


# Markers --------------------------------------------------------------------------------------------------------


def _states(expires: float | None = 30 * DAY, place: str = "$job.Place") -> dict[str, Any]:
    key = CacheKey("Train", fixed={"image": "an image"}, values=_values({"depth": "$states.input.depth"}))
    job = CachedJob(
        name="Train",
        part="Train",
        partition="aws",
        bucket=BUCKET,
        folder=FOLDER,
        key=key,
        expires=expires,
        place=place,
        output="$merge([$states.input, {'Train': $merge([$job, {'Cache': $cache}])}])",
    )
    states: dict[str, Any] = job.to_asl({"Type": "Task"})["States"]
    return states


def _key() -> str:
    key = CacheKey("Train", fixed={"image": "an image"}, values=_values({"depth": "$states.input.depth"}))
    return digest(key, {"depth": "3"}, {})


def inner(template: Any) -> str:
    """The expression in ``{% %}``."""
    found = re.fullmatch(r"\{%\s*(.*?)\s*%\}", template, re.DOTALL)
    assert found, template
    return found[1]


def _markers() -> Iterator[CacheCase]:
    key, place = _key(), "s3://artifacts/Census-1a2B/cache/Train/"
    result = {"TrainingJobName": "a", "Place": place}
    good = {
        "version": 1,
        "job": "Train",
        "key": key,
        "created": NOW - 29 * DAY,
        "execution": "one",
        "executionId": "arn",
        "place": place,
        "parts": {"image": "an image", "depth": "3"},
        "result": result,
    }
    bodies: dict[str, tuple[Any, bool]] = {
        "a good marker": (good, True),
        "an old marker": ({**good, "created": NOW - 31 * DAY}, False),
        "another version": ({**good, "version": 2}, False),
        "another key": ({**good, "key": sha256("")}, False),
        "no result": ({**good, "result": None}, False),
        "a text as result": ({**good, "result": "a"}, False),
        "no place": ({name: value for name, value in good.items() if name != "place"}, False),
        "a number as place": ({**good, "place": 1}, False),
        "a text as time": ({**good, "created": "now"}, False),
        "no time": ({name: value for name, value in good.items() if name != "created"}, False),
        "an empty object": ({}, False),
        "a list": ([], False),
        "null": (None, False),
    }
    context = {"Execution": {"Input": {}, "Name": "two", "Id": "arn:two", "RedriveCount": 0}}
    look = _states()["Train: look up"]
    check = inner(look["Assign"]["cacheTrain_marker"])
    for name, (body, accepted) in bodies.items():
        states = {"input": {"depth": 3}, "result": {"Body": json.dumps(body)}, "context": context}
        yield CacheCase(f"marker: {name}", check, body if accepted else FAILS, states)
    for name, text in {"not JSON": "{", "nothing": "", "twice encoded": json.dumps(json.dumps(good))}.items():
        states = {"input": {"depth": 3}, "result": {"Body": text}, "context": context}
        yield CacheCase(f"marker: {name}", check, FAILS, states)
    asked = {"Execution": {**context["Execution"], "Input": {"fresh": ["Train"]}}}
    states = {"input": {"depth": 3}, "result": {"Body": json.dumps(good)}, "context": asked}
    yield CacheCase("marker: fresh", check, FAILS, states)
    forever = inner(_states(None)["Train: look up"]["Assign"]["cacheTrain_marker"])
    body = {**good, "created": 1}
    states = {"input": {"depth": 3}, "result": {"Body": json.dumps(body)}, "context": context}
    yield CacheCase("marker: never expires", forever, body, states)
    yield from _records(key, place, result, context)


def _records(key: str, place: str, result: Mapping[str, Any], context: Mapping[str, Any]) -> Iterator[CacheCase]:
    looked = {"input": {"depth": 3}, "context": context}
    states = _states()
    yield CacheCase(
        "key of a look-up", inner(states["Train: look up"]["Arguments"]["Key"]), f"{FOLDER}{key}.json", looked
    )
    variables = {"cacheTrain": {"key": key, "parts": {"depth": "3"}, "attempt": "x"}}
    again = inner(states["Train: again"]["Arguments"]["Key"])
    yield CacheCase("key of a marker", again, f"{FOLDER}{key}.json", looked, variables)
    redriven = {"input": {}, "context": {"Execution": {**context["Execution"], "RedriveCount": 1}}}
    yield CacheCase("key after a redrive", again, f"{FOLDER}redriven/{key}.json", redriven, variables)
    yield CacheCase("key of nothing known", again, FAILS, looked)
    record = inner(states["Train: record"]["Arguments"])
    made = {
        "version": 1,
        "job": "Train",
        "key": key,
        "created": NOW,
        "execution": "two",
        "executionId": "arn:two",
        "place": place,
        "parts": {"image": "an image", "depth": "3"},
        "result": dict(result),
    }
    request = {"Bucket": BUCKET, "Key": f"{FOLDER}{key}.json", "Body": made, "ContentType": "application/json"}
    for name, etag, only_if in (("new", "", {"IfNoneMatch": "*"}), ("over", '"e"', {"IfMatch": '"e"'})):
        known = {**variables, "cacheTrain_made": result, "cacheTrain_etag": etag}
        yield CacheCase(f"record: {name}", record, {**request, **only_if}, looked, known)
    large = {**variables, "cacheTrain_made": {**result, "x": "x" * 64_000}, "cacheTrain_etag": ""}
    yield CacheCase("record: too large", record, FAILS, looked, large)
    own = {"depth": 3, "Train": {**result, "Cache": {"Key": key, "Place": place}}}
    known = {**variables, "cacheTrain_made": result, "cacheTrain_etag": ""}
    yield CacheCase("output of a job", inner(states["Train: record"]["Output"]), own, looked, known)
    kept = {"cacheTrain_marker": {**made, "execution": "one"}}
    yield CacheCase("output of a marker", inner(states["Train: outputs"]["Output"]), own, looked, kept)
    there = inner(states["Train: outputs"]["Assign"]["cacheTrain_there"])
    listings: tuple[tuple[str, Any, Any], ...] = (
        ("outputs", {"Contents": [{"Key": "a"}]}, True),
        ("no outputs", {"KeyCount": 0}, FAILS),
    )
    for name, result_of, expected in listings:
        yield CacheCase(f"marker with {name}", there, expected, {**looked, "result": result_of}, kept)
    winner = {**looked, "result": {"Body": json.dumps(made)}}
    check = inner(states["Train: winner"]["Assign"]["cacheTrain_marker"])
    yield CacheCase("output of the winner", inner(states["Train: winner"]["Output"]), own, winner, variables)
    yield CacheCase("a winner", check, made, winner, variables)
    no_winner = {**looked, "result": {"Body": json.dumps({**made, "key": "other"})}}
    yield CacheCase("no winner", check, FAILS, no_winner, variables)
    for name, token in (("more", "next"), ("no more", None)):
        job = _listed()
        result = {"NextContinuationToken": token} if token else {}
        only = FAILS if token else {"digest": NOTHING, "count": 0, "objects": {}}
        first = inner(job["Train: list train"]["Assign"]["cacheTrain_0"])
        yield CacheCase(f"a page with {name}", first, only, {"result": result})
        of_page = {
            "Bucket": "data",
            "Prefix": "raw/",
            "MaxKeys": 200,
            **({"ContinuationToken": token} if token else {}),
        }
        variables = {"cacheTrain_0_token": token or "", "cacheTrain_0": {"digest": NOTHING, "count": 0, "objects": {}}}
        yield CacheCase(
            f"request of a page with {name}", inner(job["Train: page train"]["Arguments"]), of_page, {}, variables
        )


def _listed() -> dict[str, Any]:
    key = CacheKey("Train")
    key.listings.append(Listing("train", "data", "raw/"))
    job = CachedJob(
        name="Train",
        part="Train",
        partition="aws",
        bucket=BUCKET,
        folder=FOLDER,
        key=key,
        expires=None,
        place="",
        output="$job",
    )
    states: dict[str, Any] = job.to_asl({"Type": "Task"})["States"]
    return states
