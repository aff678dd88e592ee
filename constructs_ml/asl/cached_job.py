"""The states of a cached job: it runs only if no marker in S3 says that it has run with the same key.

A state machine cannot compare a state's arguments with earlier ones by itself. Here the job is the only branch of a Parallel, so
that it is one state to the states around it. The branch lists the data that decides the result, looks up the marker by the key,
and only if there is none runs the job and records it:

* The look-up is a call of S3 that both asks and reads. Its ``Assign`` raises an error for a marker that cannot be used, and a Catch
  leads on, so that a hit takes no Choice. Not its ``Output``: an engine may evaluate that when the state's catchers are past.
* A listing assumes that there is one page, in the same way. After that each further page takes two transitions.
* The place of the job's outputs has an id of the attempt, so that no two attempts write to one place. Readers find it in the result.
* A marker is written only if there is none, or in the place of the very one that could not be used. Whoever comes second takes what the
  first one has recorded.
* After a redrive the listings may be older than the data, so the marker goes where no look-up goes.

All states in it are in JSONata, which is allowed whatever the query language of their state machine.

Sources: PutObject of the Amazon S3 API reference, ``If-None-Match`` and ``If-Match``; "Handling errors in Step Functions workflows"
of the developer guide, by which ``States.QueryEvaluationError`` is caught; "Quotas", by which a state gets 256 KiB.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.cache_key import NOTHING, PAGE, CacheKey, Listing, asks_fresh, bucket_and_prefix, page_of
from constructs_ml.asl.expressions import Expression, Language, Path, braced, operand, render
from constructs_ml.asl.literals import jsonata_text
from constructs_ml.asl.metric_files import QUERY_ERROR
from constructs_ml.asl.polling import inner_name
from constructs_ml.asl.retry import Retrier

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_ml.asl.expressions import Runtime
    from constructs_ml.asl.polling import Steps

CACHE = "Cache"
"""The member of a job's result that has its key and its place."""
KEY, PLACE, LINEAGE = "Key", "Place", "Lineage"
VERSION = 1
"""The version of markers."""
MARKERS = "cache"
"""The folder of markers in a bucket, and that of cached outputs below a stack's own folder."""
REDRIVEN = "redriven"
"""The folder of markers that no look-up reads."""
LARGEST = 64_000
"""The most characters of a marker, each of at most four bytes: a state may write and read 256 KiB."""
NO_KEY = "S3.NoSuchKeyException"
_S3_RETRIERS = [
    Retrier(errors=("S3.SdkClientException", "S3.SlowDownException"), max_attempts=5, full_jitter=True).to_asl()
]
_JSONATA = {"QueryLanguage": "JSONata"}
# As the registry takes it: at most 256 characters, of these.
_SHOWN = (
    "function($value) {$substring($replace($type($value) = 'object' ? $value.digest : $string($value), "
    "/[^A-Za-z0-9 _.:\\/=+@-]/, '_'), 0, 256)}"
)
_INPUT, _NEW_ID = braced("$states.input"), braced("$uuid()")


def variable_of(part: str) -> str:
    """Return the name of the variable that has a job's key, by the job's part of names."""
    return f"cache{part}"


def attempt_of(part: str) -> tuple[Runtime, Runtime]:
    """Return the key and the id of the attempt, for the place that a job writes to.

    The variable is drawn once for a run of the branch. A retry enters the task again, with another count or at another time.
    """
    variable = f"${variable_of(part)}"
    again = "$string($toMillis($states.context.State.EnteredTime)) & '-' & $string($states.context.State.RetryCount)"
    return Path(f"{variable}.key", f"{variable}.key"), Expression(f"{variable}.attempt & '-' & {again}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedJob:
    """The branch of a cached job.

    Attributes:
        name: The name of the job's state.
        part: The job's part of names.
        partition: The partition, for the resources.
        bucket: The bucket of the markers.
        folder: The folder of the job's markers in it, with a slash at its end.
        key: The parts of its key.
        expires: The milliseconds after which a marker is out of date; None for never.
        place: The place of the outputs, in JSONata, of a description in ``$job``; empty if it has none.
        output: The output of the state, in JSONata, of a description in ``$job`` and the key and place in ``$cache``.
        members: The members that every description of such a job has, and that the states after it may read.
        verifies: Whether a hit verifies that there are outputs.
        lineage: The parts of the key that the result has, so that they can be recorded; None for none.
    """

    name: str
    part: str
    partition: str
    bucket: str
    folder: str
    key: CacheKey
    expires: float | None
    place: str
    output: str
    members: tuple[str, ...] = ()
    verifies: bool = True
    lineage: tuple[str, ...] | None = None

    def to_asl(self, run: Mapping[str, Any]) -> dict[str, Any]:
        """Return the branch in ASL.

        Args:
            run: The fields of the state that runs the job, in JSONata: a Task, or a Parallel around one.
        """
        steps: Steps = {}
        for at, listing in enumerate(self.key.listings):
            following = self._list(at + 1) if at + 1 < len(self.key.listings) else "look up"
            steps |= self._listing(at, listing, following)
        steps |= self._looking()
        made = "$states.result[0]" if run.get("Type") == "Parallel" else "$states.result"
        steps["run"] = {**run, "Assign": {self._made: braced(made)}, "Output": _INPUT, "Next": "record"}
        steps |= self._recording()
        return {
            "StartAt": self._named(next(iter(steps))),
            "States": {self._named(name): self._with_names(step) for name, step in steps.items()},
        }

    # The key ----------------------------------------------------------------------------------------------------

    @property
    def _listed(self) -> dict[str, str]:
        """The expressions for the listings, by their parts."""
        return {listing.part: f"${self._variable}_{at}" for at, listing in enumerate(self.key.listings)}

    @property
    def _variable(self) -> str:
        return variable_of(self.part)

    def _list(self, at: int, step: str = "list") -> str:
        return f"{step} {self.key.listings[at].part}"

    def _listing(self, at: int, listing: Listing, following: str) -> Steps:
        """The states that list one input: the first is the only one if there is one page."""
        found, token = f"{self._variable}_{at}", f"{self._variable}_{at}_token"
        more = "$exists($states.result.NextContinuationToken)"
        length, too_many = len(self.key.listings), f"{more} ? $error('has further pages')"
        first = render({"Bucket": listing.bucket, "Prefix": listing.prefix, "MaxKeys": PAGE}, Language.JSONATA)
        bucket, prefix = operand(listing.bucket), operand(listing.prefix)
        request = f"{{'Bucket': {bucket}, 'Prefix': {prefix}, 'MaxKeys': {PAGE}}}"
        a_page = f"$merge([{request}, ${token} = '' ? {{}} : {{'ContinuationToken': ${token}}}])"
        nothing = {found: {"digest": NOTHING, "count": 0, "objects": {}}, token: ""}
        page, last = self._list(at, "page"), self._list(at, "last")
        return {
            self._list(at): {
                **self._call("listObjectsV2", first),
                "Assign": {found: braced(f"{too_many} : {page_of(listing, '', length)}")},
                "Output": _INPUT,
                "Catch": [{"ErrorEquals": [QUERY_ERROR], "Assign": nothing, "Output": _INPUT, "Next": page}],
                "Next": following,
            },
            page: {
                **self._call("listObjectsV2", braced(a_page)),
                "Assign": {
                    found: braced(page_of(listing, f"${found}", length)),
                    token: braced(f"{more} ? $states.result.NextContinuationToken : ''"),
                },
                "Output": _INPUT,
                "Next": last,
            },
            last: {
                **self._call("listObjectsV2", {**first, "ContinuationToken": braced(f"${token}")}),
                "Assign": {found: braced(f"{too_many} : {page_of(listing, f'${found}', length)}")},
                "Output": _INPUT,
                "Catch": [{"ErrorEquals": [QUERY_ERROR], "Output": _INPUT, "Next": page}],
                "Next": following,
            },
        }

    # The look-up ------------------------------------------------------------------------------------------------

    def _looking(self) -> Steps:
        digest, marker, etag = self.key.digest(self._listed), f"{self._variable}_marker", f"{self._variable}_etag"
        where = f"{jsonata_text(self.folder)} & {digest} & '.json'"
        good = self._good("$states.result.Body", digest)
        miss = {
            self._variable: {"key": braced(digest), "parts": braced(self.key.parts(self._listed)), "attempt": _NEW_ID}
        }
        look = {
            **self._call("getObject", {"Bucket": self.bucket, "Key": braced(where)}),
            # Not States.ALL: a look-up that is refused would make every run a miss, in silence.
            "Catch": [
                {"ErrorEquals": [NO_KEY], "Assign": {**miss, etag: ""}, "Output": _INPUT, "Next": "run"},
                {"ErrorEquals": [QUERY_ERROR], "Assign": miss, "Output": _INPUT, "Next": "again"},
            ],
        }
        again = {
            **self._call("getObject", {"Bucket": self.bucket, "Key": braced(self._key)}),
            "Assign": {etag: braced("$states.result.ETag")},
            "Output": _INPUT,
            "Catch": [{"ErrorEquals": [NO_KEY], "Assign": {etag: ""}, "Output": _INPUT, "Next": "run"}],
            "Next": "run",
        }
        look = {**look, "Assign": {marker: braced(good)}}
        if not self.place or not self.verifies:
            read = self._recorded("$parse($states.result.Body)")
            return {"look up": {**look, "Output": braced(read), "End": True}, "again": again}
        bucket, prefix = bucket_and_prefix(f"${marker}.place")
        empty = f"$error('the outputs of ' & ${marker}.execution & ' are gone')"
        recorded = {
            self._variable: {
                "key": braced(f"${marker}.key"),
                "parts": braced(f"${marker}.parts"),
                "attempt": _NEW_ID,
            }
        }
        outputs = {
            **self._call("listObjectsV2", render({"Bucket": bucket, "Prefix": prefix, "MaxKeys": 1}, Language.JSONATA)),
            "Assign": {f"{self._variable}_there": braced(f"$exists($states.result.Contents) ? true : {empty}")},
            "Output": braced(self._recorded(f"${marker}")),
            "Catch": [{"ErrorEquals": [QUERY_ERROR], "Assign": recorded, "Output": _INPUT, "Next": "again"}],
            "End": True,
        }
        return {"look up": {**look, "Output": _INPUT, "Next": "outputs"}, "outputs": outputs, "again": again}

    def _good(self, body: str, digest: str) -> str:
        """The marker in the body of an object, if it is good; an error otherwise, and if the job is to run anew."""
        complete = "".join(f" and $exists($marker.result.{member})" for member in self.members)
        is_new = "" if self.expires is None else f" and $marker.created > $millis() - {self.expires:.0f}"
        return (
            f"({asks_fresh(self.name)} ? $error('is to run anew') : ($marker := $parse({body}); "
            f"$marker.version = {VERSION} and $marker.key = {digest} and $type($marker.result) = 'object' "
            f"and $type($marker.place) = 'string' and $type($marker.parts) = 'object' "
            f"and $type($marker.created) = 'number'{complete}{is_new} "
            "? $marker : $error('the marker is expired or unreadable')))"
        )

    @property
    def _key(self) -> str:
        """The key of the marker's object, once the job's key is in the variable."""
        kept = f"($states.context.Execution.RedriveCount > 0 ? '{REDRIVEN}/' : '')"
        key = f"${self._variable}.key"
        known = f"($exists({key}) ? {key} : $error('the key of {self.part} is not known'))"
        return f"{jsonata_text(self.folder)} & {kept} & {known} & '.json'"

    def _recorded(self, marker: str) -> str:
        """The output of the state, of what a marker has recorded."""
        cache = self._cache("$marker.key", "$marker.place", "$marker.execution", "$marker.parts")
        return f"($marker := {marker}; $job := $marker.result; $cache := {cache}; {self.output})"

    def _cache(self, key: str, place: str, execution: str, parts: str) -> str:
        """The member of the result about the cache."""
        known = f"'{KEY}': {key}, '{PLACE}': {place}"
        if self.lineage is None:
            return f"{{{known}}}"
        names = [f"{jsonata_text(name)}: $shown($lookup($parts, {jsonata_text(name)}))" for name in self.lineage]
        recorded = ", ".join([f"'execution': $shown({execution})", f"'key': {key}", *names])
        return f"($shown := {_SHOWN}; $parts := {parts}; {{{known}, '{LINEAGE}': {{{recorded}}}}})"

    # The record -------------------------------------------------------------------------------------------------

    @property
    def _made(self) -> str:
        """The variable that has the job's description once it has run."""
        return f"{self._variable}_made"

    def _recording(self) -> Steps:
        variable = f"${self._variable}"
        job, place = f"$job := ${self._made}; ", self.place or "''"
        marker = (
            f"{{'version': {VERSION}, 'job': {jsonata_text(self.name)}, 'key': {variable}.key, 'created': $millis(), "
            "'execution': $states.context.Execution.Name, 'executionId': $states.context.Execution.Id, "
            f"'place': {place}, 'parts': $merge([{self.key.known_parts()}, {variable}.parts]), 'result': $job}}"
        )
        only_if = f"{variable}_etag = '' ? {{'IfNoneMatch': '*'}} : {{'IfMatch': {variable}_etag}}"
        written = (
            # An object: a string would be written in quotes.
            f"({job}$marker := {marker}; $length($string($marker)) > {LARGEST} ? $error('the marker is too large') : "
            f"$merge([{{'Bucket': {jsonata_text(self.bucket)}, 'Key': {self._key}, 'Body': $marker, "
            f"'ContentType': 'application/json'}}, {only_if}]))"
        )
        parts = f"$merge([{self.key.known_parts()}, {variable}.parts])"
        cache = self._cache(f"{variable}.key", place, "$states.context.Execution.Name", parts)
        own = f"({job}$cache := {cache}; {self.output})"
        good = (
            f"($found := $parse($states.result.Body); $found.key = {variable}.key and $type($found.result) = 'object' "
            "? $found : $error('is no marker'))"
        )
        return {
            "record": {
                **self._call("putObject", braced(written)),
                "Output": braced(own),
                # The job has run: whatever is wrong with its marker must not fail it.
                "Catch": [{"ErrorEquals": ["States.ALL"], "Output": _INPUT, "Next": "winner"}],
                "End": True,
            },
            "winner": {
                **self._call("getObject", {"Bucket": self.bucket, "Key": braced(self._key)}),
                "Assign": {f"{self._variable}_marker": braced(good)},
                "Output": braced(self._recorded("$parse($states.result.Body)")),
                "Catch": [{"ErrorEquals": ["States.ALL"], "Output": _INPUT, "Next": "unrecorded"}],
                "End": True,
            },
            "unrecorded": {"Type": "Pass", **_JSONATA, "Output": braced(own), "End": True},
        }

    # Inside -----------------------------------------------------------------------------------------------------

    def _call(self, action: str, arguments: Mapping[str, Any] | str) -> dict[str, Any]:
        return {
            "Type": "Task",
            **_JSONATA,
            "Resource": f"arn:{self.partition}:states:::aws-sdk:s3:{action}",
            "Arguments": arguments,
            "Retry": _S3_RETRIERS,
        }

    def _named(self, step: str) -> str:
        return inner_name(self.name, step)

    def _with_names(self, step: Mapping[str, Any]) -> dict[str, Any]:
        """A state with the names of those that follow it."""
        following = {"Next": self._named(step["Next"])} if "Next" in step else {}
        catches = [{**entry, "Next": self._named(entry["Next"])} for entry in step.get("Catch", ())]
        return {**step, **following, **({"Catch": catches} if catches else {})}
