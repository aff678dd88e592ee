"""The data that a state uses: members of its input, places in S3 and names of resources, read from its definition.

Values are compared in a form that both query languages share, in which each value of the run is in angle brackets:
``States.Format('s3://b/{}/', $$.Execution.Name)`` and ``{% 's3://b/' & $states.context.Execution.Name & '/' %}`` are both
``s3://b/⟨$$.Execution.Name⟩/``. What cannot be read is left out, so that nothing is found where nothing is certain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from constructs_ml.asl.definition import State, is_distributed, read_definition
from constructs_ml.asl.expressions import Language, is_jsonata
from constructs_ml.asl.integration import cache_steps, integration_of, standing_for_one
from constructs_ml.asl.jsonpath import PathError, Root, read_path

_NOT_OF_INPUT = ("Catch", "Next", "OutputPath", "Resource", "ResultPath", "ResultSelector", "Retry")
"""Fields that read the result or an error, or no data."""
_WRITTEN = ("S3OutputPath", "OutputS3Uri", "S3Output.S3Uri", "CheckpointConfig.S3Uri")
"""The ends of the members by which a job names a place that it writes to."""
_EXECUTION = "⟨$$.Execution."
_OF_ITERATION = re.compile(r"⟨\$(?![$.⟩]).*", re.DOTALL)
"""A variable in a place: in a Map, what tells the iterations apart."""
_INSIDE_OBJECT = r"""(?P<quote>["'])(?P<key>[^"']+)(?P=quote)\s*:"""
_MERGED = re.compile(rf"\{{%\s*\$merge\(\[\s*\$states\.input\s*,\s*\{{\s*{_INSIDE_OBJECT}.*%\}}", re.DOTALL)


@dataclass(slots=True)
class DataUse:
    """The data that a state uses.

    Attributes:
        members: The members of its input that it reads.
        texts: The other values that it is given, in the shared form.
        places: The places in S3 that it writes to, in the shared form, without a slash at the end.
        made: The names of resources that it makes: the member of the API and the name.
        named: The names that it is given.
    """

    members: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)
    places: set[str] = field(default_factory=set)
    made: set[tuple[str, str]] = field(default_factory=set)
    named: set[tuple[str, str]] = field(default_factory=set)

    def reads(self, other: DataUse) -> bool:
        """Return whether it is given a place that another state writes to, or the name of what that makes."""
        return bool(self.named & other.made - self.made) or any(map(self.reads_place, other.places))

    def reads_place(self, place: str) -> bool:
        """Return whether it is given a place, one below it, or one above it of the same execution."""
        if any(re.search(rf"{re.escape(place)}(?![\w.-])", text) for text in self.texts if place in text):
            return True
        return _EXECUTION in place and any(
            _EXECUTION in text and place.startswith(text) for text in self.texts if text.endswith("/")
        )


def use_of(name: str, body: Mapping[str, Any], language: Language) -> DataUse:
    """Return the data that a state uses.

    Args:
        name: Its name.
        body: Its fields.
        language: The query language of the definition that it is in.
    """
    definition = {"StartAt": name, "States": {name: body}, "QueryLanguage": language.value}
    scope = read_definition(definition)
    return _Reader(set(standing_for_one(scope))).of(scope.states[name])


def use_of_request(request: Mapping[str, Any], language: Language) -> DataUse:
    """Return the data that a request names."""
    return use_of("", {"Type": "Pass", "Parameters": request, "Arguments": request}, language)


def key_of_result(body: Mapping[str, Any], language: Language) -> str | None:
    """Return the member under which a state adds its result to its input; empty if it adds nothing.

    Args:
        body: The state's fields.
        language: Its query language.

    Returns:
        The member; None if the state does not pass on its input.
    """
    if language is Language.JSONATA:
        output = body.get("Output")
        if output == "{% $states.input %}" or (output is None and body.get("Type") in ("Pass", "Wait")):
            return ""
        found = _MERGED.fullmatch(output) if isinstance(output, str) else None
        return found["key"] if found else None
    if body.get("OutputPath", "$") != "$":
        return None
    at = body.get("ResultPath", "$")
    if at is None or str(at).startswith("${Token[DISCARD"):
        return ""
    if body.get("Type") == "Wait" or (body.get("Type") == "Pass" and not {"Parameters", "Result"} & set(body)):
        return ""
    steps = read_path(str(at)).steps
    return str(steps[0]) if steps else None


class _Reader:
    """Collects the data that a state and those inside it use."""

    def __init__(self, of_one_call: set[State]) -> None:
        self._use = DataUse()
        self._of_one_call = of_one_call
        self._owns_input = True

    def of(self, state: State) -> DataUse:
        self._state(state, reads_input=True)
        return self._use

    def _state(self, state: State, *, reads_input: bool) -> None:
        body, jsonpath = state.body, state.language is Language.JSONPATH
        self._owns_input = reads_input
        if jsonpath and isinstance(body.get("InputPath"), str) and body["InputPath"] != "$":
            self._value(body["InputPath"], jsonpath=True)
            self._owns_input = reads_input = False
        for name, value in body.items():
            if name not in (*_NOT_OF_INPUT, "Branches", "InputPath", "ItemProcessor", "Iterator") and not (
                jsonpath and name == "Assign"
            ):
                self._fields(name, value, "", jsonpath=jsonpath)
        call = integration_of(state)
        if call is not None and call.is_sagemaker and isinstance(state.payload, Mapping):
            self._made(call.action, state.payload)
        if is_distributed(state):
            return
        # The branches of a Parallel get its input, unless it makes another; an iteration gets an item.
        same = reads_input and state.type == "Parallel" and not {"Parameters", "Arguments"} & set(body)
        cached = set(cache_steps(state))
        for scope in state.inner:
            for inner in scope.states.values():
                # The steps of a cached job read what its job reads, and pass the input on to it.
                if inner in cached:
                    continue
                # Where the library polls, only the first state is given the input: the others have what it made of it.
                first = inner.name == scope.start or cached or state not in self._of_one_call
                self._state(inner, reads_input=same and bool(first))

    def _made(self, action: str, payload: Mapping[str, Any]) -> None:
        member = re.sub("^create|V2$", "", action) + "Name"
        name = payload.get(member)
        if action.startswith("create") and isinstance(name, str) and not is_jsonata(name):
            self._use.made.add((member, name))

    def _fields(self, name: str, value: Any, path: str, *, jsonpath: bool) -> None:  # noqa: ANN401 - JSON
        here = f"{path}.{name.removesuffix('.$')}"
        if isinstance(value, Mapping):
            for key, item in value.items():
                self._fields(str(key), item, here, jsonpath=jsonpath)
        elif isinstance(value, list):
            for item in value:
                self._fields(name, item, path, jsonpath=jsonpath)
        elif isinstance(value, str):
            computed = name.endswith((".$", "Path")) if jsonpath else is_jsonata(value)
            text = self._value(value, jsonpath=jsonpath) if computed else value
            if here.endswith(_WRITTEN):
                place = _OF_ITERATION.sub("", text).rstrip("/")
                if place.startswith(("s3://", _EXECUTION)):
                    self._use.places.add(place)
                return
            self._use.texts.append(text)
            if here.endswith("Name"):
                self._use.named.add((name.removesuffix(".$"), text))

    def _value(self, text: str, *, jsonpath: bool) -> str:
        """A value that is computed, in the shared form; its paths are noted."""
        if not jsonpath:
            return _JSONATA.sub(self._in_jsonata, text[2:-2].strip())
        try:
            return self._path(text) if text.startswith("$") else _Intrinsic(text, self._path).value()
        except (PathError, IndexError):
            return text

    def _in_jsonata(self, found: re.Match[str]) -> str:
        if found["text"] is not None:
            return re.sub(r"\\(.)", r"\1", found["text"][1:-1])
        if found["root"] is None:
            return f"⟨{found['variable']}⟩" if found["variable"] else ""
        steps = [step.strip("`") for step in re.findall(r"`[^`]*`|\w+", found["steps"])]
        return self._shown(Root.CONTEXT if found["root"] == "context" else Root.INPUT, steps)

    def _path(self, text: str) -> str:
        path = read_path(text)
        return self._shown(path.root, [str(step) for step in path.steps])

    def _shown(self, root: Root, steps: list[str]) -> str:
        if root is Root.INPUT and steps and self._owns_input:
            self._use.members.add(steps[0])
        start = {Root.CONTEXT: ["$$"], Root.INPUT: ["$"]}.get(root, [])
        return f"⟨{'.'.join([*start, *steps]) if start else '$' + '.'.join(steps)}⟩"


_JSONATA = re.compile(
    r"""(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    r"""|\$states\.(?P<root>context|input)(?P<steps>(?:\.(?:\w+|`[^`]*`))*)"""
    r"""|(?P<variable>\$\w+)(?![\w(.])|\s*&\s*""",
    re.DOTALL,
)
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)
_PATH = re.compile(r"""\$(?:\[(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\[\]'"]*)\]|[^\s,()\[\]])*""")
_FUNCTION = re.compile(r"[\w.]+")
_HOLE = re.compile(r"\\(.)|\{\}", re.DOTALL)


class _Intrinsic:
    """Reads a call of an intrinsic function."""

    def __init__(self, text: str, path: Any) -> None:  # noqa: ANN401 - a function of a text
        self._text, self._at, self._path = text, 0, path

    def value(self) -> str:
        while self._text[self._at].isspace():
            self._at += 1
        if (quoted := _QUOTED.match(self._text, self._at)) is not None:
            self._at = quoted.end()
            return quoted[1]
        if (path := _PATH.match(self._text, self._at)) is not None:
            self._at = path.end()
            shown: str = self._path(path[0])
            return shown
        function = _FUNCTION.match(self._text, self._at)
        if function is None:
            raise PathError("has no value")
        self._at = function.end()
        if self._text[self._at : self._at + 1] != "(":
            return function[0]
        return self._called(function[0], list(self._arguments()))

    def _arguments(self) -> Iterator[str]:
        while self._text[self._at] != ")":
            self._at += 1
            if self._text[self._at] != ")":
                yield self.value()
            while self._text[self._at].isspace():
                self._at += 1
        self._at += 1

    @staticmethod
    def _called(function: str, arguments: list[str]) -> str:
        if function != "States.Format" or not arguments:
            return "\n".join(re.sub(r"\\(.)", r"\1", argument) for argument in arguments)
        values = iter(arguments[1:])
        return _HOLE.sub(lambda found: found[1] or next(values, ""), arguments[0])
