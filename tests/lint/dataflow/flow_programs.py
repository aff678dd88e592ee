"""Small definitions at random, right and wrong, and whether a shape has a value in it."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from constructs_ml.lint.dataflow.shape import Anything, Array, Object, Presence, Scalar, Shape

NAMES = st.sampled_from(["a", "b", "c"])
WORDS = st.sampled_from(["x", "y"])
JSON = st.recursive(
    st.one_of(st.integers(0, 2), WORDS, st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=5,
)
OBJECTS = st.dictionaries(NAMES, JSON, max_size=3)
VARIABLES = st.sampled_from(["$v", "$v", "$w", "$w", "$p"])
STEPS = st.lists(st.one_of(NAMES.map(".{}".format), st.sampled_from(["[0]", "[1]"])), max_size=2).map("".join)
INPUTS = st.builds("${}{}".format, NAMES.map(".{}".format), STEPS)
PATHS = st.one_of(INPUTS, INPUTS, st.just("$"), st.builds("{}{}".format, VARIABLES, STEPS))
CALLS = st.one_of(
    st.builds("States.Array({}, {})".format, PATHS, PATHS),
    st.builds("States.JsonMerge({}, {}, false)".format, PATHS, PATHS),
    st.builds("States.ArrayGetItem({}, 0)".format, PATHS),
    st.builds("States.Format('{{}}', {})".format, PATHS),
)
PLACES = st.one_of(st.none(), st.builds("$.{}".format, NAMES), st.builds("$.{}.{}".format, NAMES, NAMES))
SHALLOW = st.one_of(st.none(), st.builds("$.{}".format, NAMES))
ROOTS = st.sampled_from(["$states.input", "$states.input", "$v", "$w", "$p"])
READS = st.builds("{}{}".format, ROOTS, st.lists(NAMES.map(".{}".format), max_size=2).map("".join))
EXPRESSIONS = st.one_of(
    READS,
    st.builds("$merge([{}, {{'{}': {}}}])".format, READS, NAMES, READS),
    st.builds("{{'{}': {}, '{}': {}}}".format, NAMES, READS, NAMES, READS),
    st.builds("$exists({0}) ? {0} : {1}".format, READS, READS),
    st.builds("{}[0]".format, READS),
    st.builds("($x := {}; $merge([$x, {{'{}': 1}}]))".format, READS, NAMES),
    st.builds("$string({}) & 'x'".format, READS),
    st.builds("[{}, {}]".format, READS, READS),
)
BRACED = EXPRESSIONS.map("{{% {} %}}".format)

_INNER = {"v": "p", "w": "q"}


@st.composite
def templates(draw: st.DrawFn) -> dict[str, Any]:
    """A payload template of JSONPath; the emulator takes an empty one for none."""
    made = {**draw(OBJECTS), "n": 1}
    for name in draw(st.lists(NAMES, max_size=2)):
        made.pop(name, None)
        made[f"{name}.$"] = draw(st.one_of(PATHS, CALLS))
    return made


def _some(draw: st.DrawFn, **fields: st.SearchStrategy[Any]) -> dict[str, Any]:
    return {name: draw(value) for name, value in fields.items() if draw(st.booleans())}


def _assign(values: st.SearchStrategy[Any], suffix: str = "") -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(["v", "w"]).map(f"{{}}{suffix}".format), values, min_size=1, max_size=2)


@st.composite
def passes(draw: st.DrawFn, places: st.SearchStrategy[str | None] = PLACES) -> dict[str, Any]:
    """A Pass in JSONPath."""
    state = _some(draw, ResultPath=places, Assign=_assign(PATHS, ".$"))
    if draw(st.integers(0, 4)) == 0:
        state |= _some(draw, InputPath=PATHS, OutputPath=INPUTS)
    state |= {"Result": draw(OBJECTS)} if draw(st.booleans()) else _some(draw, Parameters=templates())
    return {"Type": "Pass", **state}


@st.composite
def jsonata_passes(draw: st.DrawFn) -> dict[str, Any]:
    """A Pass in JSONata."""
    state = _some(draw, Assign=_assign(BRACED))
    output = draw(st.one_of(BRACED, st.dictionaries(NAMES, st.one_of(BRACED, JSON), max_size=2)))
    return {"Type": "Pass", "QueryLanguage": "JSONata", "Output": output, **state}


@st.composite
def parallels(draw: st.DrawFn) -> dict[str, Any]:
    """A Parallel in JSONPath whose branches may fail."""
    branches = [draw(scopes(depth=1, fails=draw(st.booleans()))) for _ in range(draw(st.integers(1, 2)))]
    state = {"Type": "Parallel", "Branches": branches, **_some(draw, ResultPath=PLACES, Parameters=templates())}
    if draw(st.booleans()):
        state["Catch"] = [{"ErrorEquals": ["States.ALL"], **_some(draw, ResultPath=PLACES)}]
    return state


@st.composite
def maps(draw: st.DrawFn) -> dict[str, Any]:
    """A Map in JSONPath."""
    item = st.dictionaries(NAMES, st.one_of(PATHS, st.just("$$.Map.Item.Value")), max_size=2)
    selector = item.map(lambda paths: {"n": 1, **{f"{name}.$": path for name, path in paths.items()}})
    state = {"Type": "Map", "ItemProcessor": draw(scopes(depth=1)), "ItemsPath": draw(PATHS)}
    return {**state, **_some(draw, ResultPath=PLACES, ItemSelector=selector)}


@st.composite
def rules(draw: st.DrawFn, depth: int = 1) -> dict[str, Any]:
    """A rule of a Choice in JSONPath."""
    if depth and draw(st.booleans()):
        if draw(st.booleans()):
            return {"Not": draw(rules(depth=0))}
        return {draw(st.sampled_from(["And", "Or"])): draw(st.lists(rules(depth=0), min_size=1, max_size=2))}
    operator = draw(
        st.sampled_from([("IsPresent", True), ("IsPresent", False), ("StringEquals", "x"), ("NumericEquals", 1)])
    )
    return {"Variable": draw(PATHS), operator[0]: operator[1]}


CONDITIONS = st.one_of(
    st.builds("$exists({})".format, READS),
    st.builds("{} = 1".format, READS),
    st.builds("$exists({0}) and {0} = 'x'".format, READS),
    st.builds("$not($exists({}))".format, READS),
)


@st.composite
def choices(draw: st.DrawFn) -> dict[str, Any]:
    """A Choice of one rule, in either language."""
    if draw(st.booleans()):
        return {"Type": "Choice", "Choices": [draw(rules())]}
    condition = f"{{% {draw(CONDITIONS)} %}}"
    return {"Type": "Choice", "QueryLanguage": "JSONata", "Choices": [{"Condition": condition}]}


@st.composite
def scopes(draw: st.DrawFn, *, depth: int = 0, fails: bool = False) -> dict[str, Any]:
    """States one after the other; a Choice may lead past some of them, and so may an error that is caught."""
    kinds: list[st.SearchStrategy[dict[str, Any]]] = [passes(), passes(), jsonata_passes(), choices()]
    kinds += [parallels(), maps()] if not depth else []
    steps = draw(st.lists(st.one_of(kinds), min_size=1, max_size=2 if depth else 5))
    prefix = draw(st.uuids()).hex[:6]
    steps.append({"Type": "Fail", "Error": "Broken"} if fails else {"Type": "Succeed"})
    names = [f"{prefix}{at}" for at in range(len(steps))]
    for step in steps if depth else ():
        if "Assign" in step:
            # What is assigned inside of a state is assigned nowhere around it.
            step["Assign"] = {_INNER[name[0]] + name[1:]: value for name, value in step["Assign"].items()}
    for at, step in enumerate(steps[:-1]):
        onward = st.sampled_from(names[at + 1 :])
        if step["Type"] == "Choice":
            step["Choices"][0]["Next"], step["Default"] = draw(onward), names[at + 1]
        else:
            step["Next"] = names[at + 1]
        for catcher in step.get("Catch", ()):
            catcher["Next"] = draw(onward)
    return {"StartAt": names[0], "States": dict(zip(names, steps, strict=True))}


def fits(shape: Shape, value: Any) -> bool:
    """Whether a value is one of those that a shape tells of."""
    if isinstance(shape, Anything):
        return True
    if isinstance(shape, Scalar):
        kinds = {"string": str, "number": (int, float), "boolean": bool, "null": type(None)}
        known = isinstance(value, kinds.get(shape.type, object)) and (
            shape.type != "number" or value not in (True, False)
        )
        return (
            not isinstance(value, (dict, list))
            and (known or value in (0, 1))
            and (not shape.enum or value in shape.enum)
        )
    if isinstance(shape, Array):
        return isinstance(value, list) and _fits_items(shape, value)
    return isinstance(value, dict) and _fits_members(shape, value)


def _fits_items(shape: Array, value: list[Any]) -> bool:
    if shape.items is None:
        return all(fits(shape.item, item) for item in value)
    return len(value) == len(shape.items) and all(map(fits, shape.items, value))


def _fits_members(shape: Object, value: dict[str, Any]) -> bool:
    for name, member in shape.members.items():
        if name not in value:
            if member.presence is Presence.ALWAYS:
                return False
        elif not member.given and not fits(member.shape, value[name]):
            return False
    return shape.open or value.keys() <= shape.members.keys()
