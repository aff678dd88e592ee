"""The key, the place and the permissions of a cached job, derived from its complete request."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aws_cdk import Token

from constructs_ml.asl.cache_key import CacheKey, Listing, bucket_and_prefix, text_of
from constructs_ml.asl.cached_job import CACHE, KEY, MARKERS, PLACE
from constructs_ml.asl.dynamic import is_dynamic, is_number_token, is_object_token
from constructs_ml.asl.expressions import Format, Path, Runtime, join
from constructs_ml.asl.literals import jsonata_text
from constructs_ml.core.s3_data import DIRECTORY_BUCKET, SCHEME, artifacts_bucket, facts_of, objects_of, parts_of_place
from constructs_ml.core.shipped import shipped_files
from constructs_ml.core.values import parse_runtime_values
from constructs_ml.iam.job_role import list_objects
from constructs_ml.iam.statements import Statement
from constructs_ml.sagemaker.deciding import UNDECIDING_PARAMETERS, deciding_leaves, opaque_inputs, outputs_of
from constructs_ml.sagemaker.kinds import JobKind
from constructs_ml.sagemaker.script_mode import SUBMIT_DIRECTORY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.core.cache import Cache
    from constructs_ml.core.context import ScopeContext
    from constructs_ml.core.members import Members
    from constructs_ml.errors import Faults
    from constructs_ml.iam.job_role import Objects
    from constructs_ml.sagemaker.deciding import Leaf

CACHED_KINDS = (JobKind.PROCESSING, JobKind.TRAINING, JobKind.TRANSFORM, JobKind.TUNING)
"""The kinds of jobs that can be cached: those that compute from data alone."""
_LATER = "${Token["
_ALWAYS_NEW = re.compile(
    r"\$uuid\(|\$now\(|\$millis\(|\$random\(|\$shuffle\(|\$states\.context\.(?:Execution\.(?:Name|Id|StartTime)|State\.EnteredTime)"
)
"""Values that differ in every execution."""
_NAMED_BY_JOB = (JobKind.TRAINING, JobKind.TUNING)
"""Kinds of jobs below whose output SageMaker makes a folder for each job, by its name."""
_UNREAD = " names a place in S3, whose content is not in the key of the cache; make it an input of the job, or acknowledge this"
_LISTS = ("ProcessingInputs", "InputDataConfig", "Outputs")
"""The members whose items a key has to tell apart."""
_LAST_FOLDER = r"/[^\/]+\/?$/"


@dataclass(frozen=True, slots=True, kw_only=True)
class CachePlan:
    """The needs of a cached job's state besides its request.

    Attributes:
        cache: The cache.
        bucket: The name of the bucket that the markers are in.
        folder: The folder of the job's markers in it.
        key: The parts of its key.
        place: The place of its outputs, in JSONata, of its description in ``$job``; empty if it has none.
        statements: The permissions of the state machine's role.
        lineage: The parts of the key that say what the result was made of: image, code and data.
    """

    cache: Cache
    bucket: str
    folder: str
    key: CacheKey
    place: str
    statements: tuple[Statement, ...]
    lineage: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CacheNotes:
    """Facts about a job that its request does not have, noted for its cache while the request is made.

    Attributes:
        own_places: The places that the user does not name, with the name of the output in each.
        cached_places: The places that one attempt writes to, with the folder of the output in each.
        places: The objects at the places that the job reads or writes.
        fingerprints: Values that stand for the data of inputs in the key, by the paths of their members.
        pinned_images: The URIs of images whose content does not change.
        models: The requests of models that states create and the job uses: their names are new in every execution.
    """

    own_places: dict[Any, str] = field(default_factory=dict)
    cached_places: dict[Any, str] = field(default_factory=dict)
    places: dict[Any, tuple[Objects, ...]] = field(default_factory=dict)
    fingerprints: list[tuple[str, Any]] = field(default_factory=list)
    pinned_images: set[Any] = field(default_factory=set)
    models: list[Mapping[str, Any]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Planner:
    """Reads the request of a cached job.

    Attributes:
        name: The name of its state.
        part: Its part of names.
        kind: Its kind.
        context: The context of its scope.
        members: The props, by the members that they stand for.
        faults: The collector of faults.
        warnings: The warnings, to which new ones are added.
        notes: The facts that were noted while the request was made.
        request: The complete request.
    """

    name: str
    part: str
    kind: JobKind
    context: ScopeContext
    members: Members
    faults: Faults
    warnings: list[str]
    notes: CacheNotes
    request: Mapping[str, Any]
    _key: CacheKey = field(init=False)
    _lists: list[Objects] = field(default_factory=list)
    _used: set[str] = field(default_factory=set)
    _lineage: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with a key without parts."""
        self._key = CacheKey(self.name)

    def plan(self, cache: Cache) -> CachePlan:
        """Return the plan; what is wrong with the job is added to the faults.

        Args:
            cache: Its cache.
        """
        bucket, arn, key = facts_of(artifacts_bucket(self.context))
        if bucket.endswith(DIRECTORY_BUCKET):
            self.faults.add(
                "cache", f"cannot be in the directory bucket {bucket}", "pass JobDefaults(bucket=) with another one"
            )
        owner = self.context.of_stack.owner
        self._read(self.kind.operation, self.request, self.kind.name_member, "")
        for model in self.notes.models:
            self._read("CreateModel", model, "ModelName", "model.")
        place = self._place()
        markers = f"{MARKERS}/{owner}/"
        self._refuse_writers(arn, markers)
        return CachePlan(
            cache=cache,
            bucket=bucket,
            folder=f"{markers}{self.part}/",
            key=self._key,
            place=place,
            statements=tuple(self._statements(arn, f"{arn}/{markers}*", key)),
            lineage=tuple(self._lineage),
        )

    # The key ----------------------------------------------------------------------------------------------------

    def _read(self, operation: str, request: Mapping[str, Any], name_member: str, prefix: str) -> None:
        """Take the parts of the key from a request.

        Args:
            operation: The operation of the API.
            request: The request.
            name_member: The member that is the name of what it makes.
            prefix: The beginning of the parts' names.
        """
        own = operation == self.kind.operation
        self._refuse_unlistable(request)
        for leaf in deciding_leaves(request, name_member):
            if leaf.path == "ModelName" and own and self.notes.models:
                continue
            part = f"{prefix}{self._part(leaf.path) if own else leaf.path}"
            if leaf.is_input:
                self._input(leaf.value, leaf.path, leaf.input_path, part)
            elif (submitted := _submitted(leaf)) is not None:
                self._input(submitted, leaf.path, leaf.path, part)
            elif leaf.path.rpartition(".")[2] not in UNDECIDING_PARAMETERS:
                self._value(part, leaf.value)
        for path, value in self.notes.fingerprints:
            if path not in self._used and own:
                self._value(f"{self._part(path)}.fingerprint", parse_runtime_values(value))

    def _refuse_unlistable(self, request: Mapping[str, Any]) -> None:
        """Report data and places of which a key cannot tell whether they change."""
        for path, member in opaque_inputs(request):
            if not list(self._fingerprints(path)):
                problem = f"cannot be listed ({member}), so that nothing tells when its data changes"
                self._fault(path, problem, "pass fingerprint= of the input, such as a version, or cache=False")
        for leaf in deciding_leaves(request, ""):
            if leaf.path.endswith("FeatureStoreOutput.FeatureGroupName"):
                self._fault(leaf.path, "goes to a feature group, which a hit would leave out", "pass cache=False")
            if isinstance(leaf.value, Runtime) and leaf.path.endswith(_LISTS):
                problem = "cannot be known only at run time for a cached job"
                self._fault(leaf.path, problem, "name them one by one, or pass cache=False")

    def _part(self, path: str) -> str:
        """The name of a part: the prop, and the path in it."""
        named = re.sub(r"\[([^\]]*)\]", r".\1", self.members.prop_of(path))
        return {"inputs.code": "code", "hyperparameters.sagemaker_submit_directory": "code"}.get(named, named)

    def _value(self, part: str, value: Any) -> None:  # noqa: ANN401 - JSON, or a runtime value
        part = self._key.free(part)
        is_image = part.lower().endswith("image")
        if part == "code" or is_image:
            self._lineage.append(part)
        if isinstance(value, Runtime):
            try:
                expression = text_of(value, part)
            except ValueError as error:
                self.faults.add(part, f"cannot be in the key of a cache: {error}", "pass a JSONata expression")
                return
            if found := _ALWAYS_NEW.search(expression):
                what = found[0].rstrip("(")
                self.warnings.append(
                    f"{part} has {what}, which is new in every execution, so the job is never taken from the cache"
                )
            self._key.values[part] = expression
            if SCHEME in expression and f".{CACHE}.{PLACE}" not in expression:
                self.warnings.append(f"{part}{_UNREAD}")
            return
        text = self._with_contents(_text(value))
        (self._key.deployed if _LATER in text else self._key.fixed)[part] = text
        if SCHEME in text:
            self.warnings.append(f"{part}{_UNREAD}")
        if is_image and text:
            self._warn_of_tag(part, text)

    def _with_contents(self, text: str) -> str:
        """A text with a hash of the content in the place of each file that the stack ships."""
        for uri, content in shipped_files(self.context).items():
            text = text.replace(uri, f"content:{content}")
        return text

    def _warn_of_tag(self, part: str, image: str) -> None:
        told = self.context.of_stack.shared.setdefault("images told by the cache", set())
        if "@sha256:" in image or image in self.notes.pinned_images or image in told:
            return
        told.add(image)
        shown = re.sub(r"\$\{Token\[[^\]]*\]\}", "…", image)
        self.warnings.append(
            f"{part} {shown} has a tag, under which another image may be pushed that the cache does not notice; "
            "pass one by its digest (@sha256:...), or acknowledge this"
        )

    def _input(self, location: Any, path: str, at: str, part: str) -> None:  # noqa: ANN401 - a text or a runtime value
        """Take the data at a place into the key.

        Args:
            location: The place.
            path: The path of its member.
            at: The path of the input that it is the place of.
            part: The part of the key.
        """
        # The place of a channel or an input stands for all of it.
        part = re.sub(r"\.(?:S3Input|DataSource\.S3DataSource)\.S3Uri$|\.S3DataSource\.S3Uri$|\.S3Uri$", "", part)
        part = "code" if part == "inputs.code" else part
        given = list(self._fingerprints(at))
        for value in given:
            self._lineage.append(self._key.free(part))
            self._value(part, parse_runtime_values(value))
        if given:
            return
        part = self._key.free(part)
        self._lineage.append(part)
        if isinstance(location, str) and location in (shipped := shipped_files(self.context)):
            self._key.fixed[part] = f"content:{shipped[location]}"
        elif (known := self._of_cached(location)) is not None:
            self._key.values[part] = text_of(known, part)
        else:
            self._listing(part, location, path)

    def _fingerprints(self, path: str) -> Iterator[Any]:
        for at, value in self.notes.fingerprints:
            if path == at or path.endswith(f".{at}"):
                self._used.add(at)
                yield value

    def _of_cached(self, location: Any) -> Format | None:  # noqa: ANN401 - a text or a runtime value
        """The key of the cached job that wrote a location, and the output in it; None for other places."""
        results = results_of_cached(self.context)
        if location in results:
            return results[location]
        parts = location.parts if isinstance(location, Format) else (location,)
        place = parts[0]
        ending = f".{CACHE}.{PLACE}"
        if not isinstance(place, Path) or not place.jsonpath.endswith(ending):
            return None
        return Format((Path(f"{place.jsonpath.removesuffix(PLACE)}{KEY}"), "/", *parts[1:]))

    def _listing(self, part: str, location: Any, path: str) -> None:  # noqa: ANN401 - a text or a runtime value
        objects = self.notes.places.get(location) or objects_of(location)
        if isinstance(location, str) and location.startswith(SCHEME):
            bucket, _, prefix = parts_of_place(location)
            if bucket.startswith("arn:") or bucket.endswith(DIRECTORY_BUCKET):
                self._fault(
                    path, f"cannot be listed in order: {location}", "pass fingerprint= of the input, or cache=False"
                )
                return
            self._key.listings.append(Listing(part, bucket, prefix))
        else:
            try:
                self._key.listings.append(Listing(part, *bucket_and_prefix(self._key.place(location, part))))
            except ValueError as error:
                self._fault(path, f"cannot be in the key of a cache: {error}", "pass a JSONata expression")
                return
        if not objects:
            problem = "is known only at run time, so no permission to list it can be derived"
            self._fault(path, problem, "pass S3Data.from_uri(..., within=[...]), or fingerprint= of the input")
        self._lists += objects

    # The place --------------------------------------------------------------------------------------------------

    def _place(self) -> str:
        """The place of the outputs, in JSONata, of the description in ``$job``."""
        kind = self.kind
        places = list(outputs_of(self.request))
        own = [path for path, location in places if location in self.notes.cached_places]
        for path, _ in places:
            if path not in own and kind not in _NAMED_BY_JOB:
                problem = "has a place of its own, to which the runs of all keys would write"
                self._fault(path, problem, "leave the place out: the state's result has it; or pass cache=False")
        if not places:
            return ""
        path = own[0] if own else places[0][0]
        described = "$job." + re.sub(r"\[([^\]]*)\]", lambda found: _item(found[1]), path)
        if kind is JobKind.PROCESSING:
            return f"$replace({described}, {_LAST_FOLDER}, '')"
        if own or kind not in _NAMED_BY_JOB:
            return described
        self._lists += self.notes.places.get(dict(places)[path]) or objects_of(dict(places)[path])
        name = "$job.TrainingJobName" if kind is JobKind.TRAINING else "$job.BestTrainingJob.TrainingJobName"
        return f"$replace({described}, /\\/$/, '') & '/' & {name} & '/'"

    # Permissions ------------------------------------------------------------------------------------------------

    def _statements(self, bucket_arn: str, markers_arn: str, key_arn: str | None) -> Iterator[Statement]:
        yield Statement(("s3:GetObject", "s3:PutObject"), (markers_arn,))
        # Without it S3 says of a marker that is not there that access is denied.
        yield Statement(("s3:ListBucket",), (bucket_arn,))
        if key_arn is not None:
            yield Statement(("kms:Decrypt", "kms:GenerateDataKey"), (key_arn,))
        for objects in dict.fromkeys(self._lists):
            if objects.bucket_arn != bucket_arn:
                yield list_objects(objects)

    def _refuse_writers(self, bucket_arn: str, markers: str) -> None:
        """Refuse jobs that may write the markers: what a job can write proves nothing about it."""
        of_stack = self.context.of_stack
        of_stack.shared.setdefault("markers", {})[bucket_arn] = markers
        for path, objects in of_stack.shared.get("writes of jobs", ()):
            if may_write(objects, bucket_arn, markers):
                problem = f"would be in {markers}, which {path} may write to"
                self.faults.add("cache", problem, f"give the output of {path} a prefix")

    def _fault(self, path: str, problem: str, fix: str) -> None:
        self.faults.add(re.sub(r"\[([^\]]*)\]", r"['\1']", self.members.prop_of(path)), problem, fix)


def may_write(objects: Objects, bucket_arn: str, markers: str) -> bool:
    """Return whether a role that may write objects may write markers."""
    return objects.bucket_arn == bucket_arn and markers.startswith(objects.prefix) and not objects.exact


def results_of_cached(context: ScopeContext) -> dict[Runtime, Format]:
    """The places in results of cached jobs, with what stands for each in the keys of the jobs that read it."""
    found: dict[Runtime, Format] = context.of_stack.shared.setdefault("results of cached jobs", {})
    return found


def _submitted(leaf: Leaf) -> str | Runtime | None:
    """The place of the code that a toolkit fetches itself, without the quotes that it has as a hyperparameter."""
    if not leaf.path.endswith(f".{SUBMIT_DIRECTORY}"):
        return None
    pieces = leaf.value.parts if isinstance(leaf.value, Format) else (leaf.value,)
    place = join(*(piece.strip('"') if isinstance(piece, str) else piece for piece in pieces))
    return place if isinstance(place, Runtime) or place.startswith(SCHEME) else None


def _item(label: str) -> str:
    """The step to an item of a list in a description: by its name, or its number."""
    return f"[{label}]" if label.isdecimal() else f"[OutputName = {jsonata_text(label)}]"


def _text(value: Any) -> str:  # noqa: ANN401 - a scalar of a request
    if is_number_token(value) or is_object_token(value) or (is_dynamic(value) and not isinstance(value, str)):
        return str(Token.as_string(value))
    return value if isinstance(value, str) else json.dumps(value, default=str)
