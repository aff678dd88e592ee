"""The results of cached jobs, kept between runs: ``constructs-ml run --warm`` and ``--fresh``."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.definition import read_definition
from constructs_ml.asl.integration import cache_steps
from constructs_ml.cfn.template import machines_of
from constructs_ml.documents.json_text import InvalidTextError, parse_json
from constructs_ml.errors import LocalRunError, RunInputError
from constructs_ml.local.runner.warm_folder import KeptObject, Result, WarmFolder
from constructs_ml.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from constructs_ml.local.runner.event_log import StateEvent
    from constructs_ml.local.runner.execution import RunningAws
    from constructs_ml.local.runner.part import Part
    from constructs_ml.local.runner.progress import Progress

MARKERS = "cache/"
"""The start of the keys of all markers."""
_ALL = "all"
_NOWHERE = ("", "")
"""The place of the outputs of a job that has none."""
_CHUNK = 1 << 20
_SECONDS = 5.0
"""The time between two savings in the course of an execution."""


def cached_states(definition: Mapping[str, Any]) -> list[str]:
    """Return the names of a definition's cached jobs.

    Args:
        definition: The definition, as JSON data.
    """
    return [state.name for state in read_definition(definition).walk() if cache_steps(state)]


def definition_in(template: Mapping[str, Any], state_machine: str | None) -> Mapping[str, Any] | None:
    """Return the definition of a state machine, before anything starts; None if it can be read only when it is deployed.

    Args:
        template: The template.
        state_machine: The state machine, as the user names it; None for the only one.
    """
    machines = {machine.name: machine for machine in machines_of(template)}
    if state_machine is None and len(machines) == 1:
        return next(iter(machines.values())).body or None
    found = machines.get(state_machine or "")
    return (found.body or None) if found else None


def fresh_in_input(fresh: bool | Collection[str], definition: Mapping[str, Any], part: Part, *, warm: bool) -> Any:  # noqa: ANN401 - any JSON
    """Return the member ``fresh`` of an execution's input: True, the names of states, or None for nothing.

    Args:
        fresh: True for all cached jobs, or names of states; ``all`` means all, too.
        definition: The definition.
        part: The part of the workflow that is run.
        warm: True if results are kept in a folder.

    Raises:
        RunInputError: If a name is not that of a cached job, or a given job's outputs would be kept as results.
    """
    known = cached_states(definition)
    names = [] if isinstance(fresh, bool) else list(dict.fromkeys(fresh))
    if fresh is not False and (fresh is True or names) and not known:
        shown = "" if fresh is True else f" {names[0]}"
        raise RunInputError(
            f"--fresh{shown}: the workflow has no cached job; pass cache=Cache(...) to one, or leave it out"
        )
    if fresh is True or (_ALL in names and _ALL not in known):
        return True
    for name in names:
        if name not in known:
            near = did_you_mean(name, known)
            raise RunInputError(f"--fresh {name}: no cached job has that name{near}; there are: {', '.join(known)}")
    given = [name for name in part.given if warm and name in known]
    if given:
        raise RunInputError(
            f"--given {given[0]}: is cached, and --warm would keep the given outputs as its result; leave one of them out"
        )
    if part.debug in known and part.debug not in names:
        names.append(part.debug)  # a script that does not run stops nowhere
    return names or None


class CachedResults:
    """The results of cached jobs in a run: those of earlier runs that it takes, and those that it keeps.

    Args:
        folder: The folder that keeps them; None to keep none.
        fresh: The states of cached jobs to run anew; True for all.
        part: The part of the workflow that is run.
    """

    def __init__(self, folder: str | Path | None, fresh: bool | Collection[str], part: Part) -> None:
        self._folder = WarmFolder(Path(folder)) if folder else None
        self._fresh, self._part = fresh, part
        self._transfer: WarmTransfer | None = None
        self._jobs: frozenset[str] = frozenset()

    def check(self, template: Mapping[str, Any], state_machine: str | None) -> None:
        """Check the folder and the names, before anything starts.

        Args:
            template: The template of the state machine.
            state_machine: The state machine, as the user names it.

        Raises:
            RunInputError: If the folder cannot be used, or a name is not that of a cached job.
        """
        if self._folder:
            self._folder.check()
        early = definition_in(template, state_machine)
        if early is not None:
            self._anew(early)

    def restore(self, contexts: contextlib.ExitStack, aws: RunningAws, progress: Progress) -> None:
        """Put the results of earlier runs into the deployed buckets.

        Args:
            contexts: Holds the folder until the run ends.
            aws: The embedded AWS.
            progress: The receiver of the run's progress.
        """
        if self._folder is None:
            return
        self._transfer = WarmTransfer(contexts.enter_context(self._folder), aws.client("s3"), progress.note)
        count = self._transfer.restore()
        progress.step(f"restore the results of {count} cached job{'' if count == 1 else 's'}")

    def in_input(self, given: dict[str, Any], definition: Mapping[str, Any]) -> dict[str, Any]:
        """Return the input of an execution, with the jobs to run anew.

        Args:
            given: The input without them.
            definition: The deployed definition.
        """
        self._jobs = frozenset(cached_states(definition))
        anew = self._anew(definition)
        return {**given, "fresh": anew} if anew else given

    def save_after(self, event: StateEvent) -> None:
        """Save what is new after an event of the execution, so that little is lost if the run is killed."""
        if self._transfer and event.status == "succeeded" and event.state in self._jobs and not event.cached:
            self._transfer.save_soon()

    @contextlib.contextmanager
    def saving(self) -> Iterator[None]:
        """Save what is new after the block, also if the run gives up in it."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except LocalRunError:
            with contextlib.suppress(
                LocalRunError, BotoCoreError, ClientError
            ):  # the first error is the one to be told
                self._save()
            raise
        self._save()

    def _save(self) -> None:
        if self._transfer:
            self._transfer.save()

    def _anew(self, definition: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON
        return fresh_in_input(self._fresh, definition, self._part, warm=self._folder is not None)


class WarmTransfer:
    """Transfers of the results of cached jobs between a folder and the buckets of a run.

    Args:
        folder: The folder.
        s3: A client of the run's S3.
        note: Receives what the user should know.
    """

    def __init__(self, folder: WarmFolder, s3: Any, note: Callable[[str], None]) -> None:  # noqa: ANN401 - boto3 ships no types
        self._folder, self._s3, self._note = folder, s3, note
        self._buckets = {found["Name"] for found in s3.list_buckets()["Buckets"]}
        # The ETags of objects in buckets, with what is known of them.
        self._known: dict[tuple[str, str], tuple[str, KeptObject]] = {}
        self._next = 0.0

    def restore(self) -> int:
        """Put the results of earlier runs into the buckets that they came from.

        Returns:
            The number of results.
        """
        count = 0
        for result in self._folder.results():
            if {kept.bucket for kept in result.all} <= self._buckets:
                count += self._restore(result)
        for file in self._folder.damaged:
            self._note(f"--warm: {file} is damaged, and the result in it is not used")
        return count

    def save_soon(self) -> None:
        """Add the results that are new, unless that was done a moment ago."""
        if time.monotonic() >= self._next:
            self.save()
            self._next = time.monotonic() + _SECONDS

    def save(self) -> None:
        """Add the results that are new to the folder.

        Raises:
            LocalRunError: If they cannot be written.
        """
        for bucket in sorted(self._buckets):
            for key, etag in self._listed(bucket, MARKERS):
                if self._found(bucket, key, etag) is None:
                    self._save(bucket, key)

    def _restore(self, result: Result) -> bool:
        contents = {kept: self._folder.content(kept) for kept in result.all}
        if not all(contents.values()):  # some outputs of several would be a wrong result
            self._note(
                f"--warm: a file of the result {result.marker.key} is damaged or missing, and the result is not used"
            )
            return False
        for kept, file in contents.items():
            if file is not None:
                self._put(kept, file)
        return True

    def _put(self, kept: KeptObject, file: Any) -> None:  # noqa: ANN401 - a path
        with file.open("rb") as body:
            try:
                answer = self._s3.put_object(
                    Bucket=kept.bucket, Key=kept.key, Body=body, ContentType=kept.content_type, IfNoneMatch="*"
                )
            except self._s3.exceptions.ClientError as error:
                if error.response["Error"]["Code"] != "PreconditionFailed":
                    raise
                return  # the user has given the bucket with its objects
        self._known[kept.bucket, kept.key] = answer["ETag"], kept

    def _found(self, bucket: str, key: str, etag: str) -> KeptObject | None:
        """Return what is in the folder of an object, if it is this one."""
        known = self._known.get((bucket, key))
        return known[1] if known and known[0] == etag else None

    def _listed(self, bucket: str, prefix: str) -> Iterator[tuple[str, str]]:
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for entry in page.get("Contents", []):
                yield entry["Key"], entry["ETag"]

    def _save(self, bucket: str, key: str) -> None:
        etag, marker, text = self._taken(bucket, key)
        place = _place(text)
        if place is None or (place != _NOWHERE and place[0] not in self._buckets):
            return  # a marker that no look-up takes
        objects = []
        for name, tag in self._listed(*place) if place != _NOWHERE else ():
            found = self._found(place[0], name, tag)
            if found is None:
                seen, found, _ = self._taken(place[0], name)
                self._known[place[0], name] = seen, found
            objects.append(found)
        if objects or place == _NOWHERE:
            self._folder.put(Result(marker, tuple(objects)))
            self._known[bucket, key] = etag, marker

    def _taken(self, bucket: str, key: str) -> tuple[str, KeptObject, bytes]:
        """Copy an object to the folder; returns its ETag, what is known of it, and the start of its content."""
        answer = self._s3.get_object(Bucket=bucket, Key=key)
        start = answer["Body"].read(_CHUNK)

        def chunks() -> Iterator[bytes]:
            yield start
            yield from answer["Body"].iter_chunks(_CHUNK)

        kept = KeptObject(bucket, key, answer.get("ContentType", ""), self._folder.add(chunks()))
        return answer["ETag"], kept, start


def _place(marker: bytes) -> tuple[str, str] | None:
    """Return the bucket and the prefix of a marker's outputs, ``_NOWHERE`` if there are none; None if it is not usable."""
    try:
        found = parse_json(marker.decode())
    except (UnicodeDecodeError, InvalidTextError):
        return None
    place = found.get("place") if isinstance(found, dict) else None
    if place == "":
        return _NOWHERE
    if not isinstance(place, str) or not place.startswith("s3://"):
        return None
    bucket, _, prefix = place.removeprefix("s3://").partition("/")
    return (bucket, prefix) if bucket and prefix else None
