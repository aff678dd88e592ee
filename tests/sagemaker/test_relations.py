"""Each relation between members refuses a wrong request and takes a right one, and is silent about what is known only later."""

from __future__ import annotations

from typing import Any

import pytest
from support.each import each
from support.relation_cases import BASES, CASES, request

from constructs_ml.asl.expressions import Format, Merge, Path
from constructs_ml.errors import FindingKind
from constructs_ml.sagemaker import model
from constructs_ml.sagemaker.relations.conditions import Absent, Ends, Given, Is, LocalStorage
from constructs_ml.sagemaker.relations.lists import Distinct, Length
from constructs_ml.sagemaker.relations.presence import Forbidden, Required, Uniform
from constructs_ml.sagemaker.relations.relation import ANY, Relation, named
from constructs_ml.sagemaker.relations.table import RELATIONS
from constructs_ml.sagemaker.relations.values import Compared
from constructs_ml.sagemaker.request import check_request

BY_NAME = {relation.name: relation for relation in RELATIONS}
PRESENCE = (Forbidden, Length, Required, Uniform)
LATER = ("{% $x %}", "${Token[TOKEN.1]}")


def broken(operation: str, asked: Any) -> set[str]:
    return {found.relation for found in check_request(operation, asked) if found.rule is FindingKind.RELATION}


def later(value: Any, text: str) -> Any:
    """A request whose values, but no structures and lists, are known only later."""
    if isinstance(value, dict):
        return {name: later(item, text) for name, item in value.items()}
    return [later(item, text) for item in value] if isinstance(value, list) else text


@pytest.mark.parametrize("name", CASES)
def test_a_wrong_request_breaks_the_relation_alone(name: str) -> None:
    operation, wrong, _ = CASES[name]

    assert broken(operation, request(operation, wrong)) == {name}


@pytest.mark.parametrize("name", CASES)
def test_a_right_request_breaks_none(name: str) -> None:
    """And it is right in all else."""
    operation, _, right = CASES[name]

    assert check_request(operation, request(operation, right)) == []


def needs_values(relation: Relation) -> bool:
    """Return whether a relation is about values, not about members being there or having a default."""
    return not isinstance(relation.must, PRESENCE) and getattr(relation.must, "default", None) in (None, "None")


@pytest.mark.parametrize("text", LATER)
@pytest.mark.parametrize("name", [name for name in CASES if needs_values(BY_NAME[name])])
def test_what_is_known_only_later_is_not_judged(name: str, text: str) -> None:
    """Neither by itself nor beside what is known; that both of two structures are there is known."""
    operation, wrong, _ = CASES[name]
    found = broken(operation, later(request(operation, wrong), text))

    assert found <= {name for name in CASES if BY_NAME[name].about in ("alternatives", "algorithm")}


@pytest.mark.parametrize("operation", BASES)
def test_a_request_of_paths_alone_is_not_judged(operation: str) -> None:
    """Each member as ``Name.$``."""
    paths = {f"{name}.$": f"$.{name}" for name in model.input_shape(operation).members}

    assert broken(operation, paths) == set()


def test_each_relation_has_its_cases() -> None:
    assert list(CASES) == [relation.name for relation in RELATIONS]


def test_how_many_there_are() -> None:
    """The figures that the table is asked for: 60 in all, 25 that compare values, 10 over nested lists."""
    nested = [relation for relation in RELATIONS if relation.each or any("[]" in name for name in names(relation))]

    assert len(RELATIONS) == len(BY_NAME) >= 141
    assert sum(isinstance(relation.must, Compared) for relation in RELATIONS) >= 32
    assert sum(relation.must.topic == "values" for relation in RELATIONS) >= 20
    assert len(nested) >= 35


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda relation: relation.name)
def test_its_members_are_in_the_model(relation: Relation) -> None:
    """A member that is misspelt would never be there."""
    known = set(model.operations())
    start = f"{relation.each}[]." if relation.each else ""
    places = [name.removeprefix("^") if name.startswith("^") else f"{start}{name}" for name in each(names(relation))]
    if relation.of == (ANY,):
        shapes = [shape for shape in map(model.input_shape, known) if leads(shape, places[0])]
    else:
        shapes = [model.input_shape(name) if name in known else model.shape(name) for name in relation.of]
    for shape in each(shapes):
        assert [place for place in places if not leads(shape, place)] == []
    assert relation.source


def names(relation: Relation) -> list[str]:
    """The members that a relation names, wherever."""
    return [name for part in (relation.must, *getattr(relation.must, "when", ())) for name in named(part)]


def leads(shape: model.Shape, path: str) -> bool:
    for step in path.split("."):
        name, in_list = step.removesuffix("[]"), step.endswith("[]")
        if name not in shape.members:
            return False
        shape = shape.members[name].member if in_list else shape.members[name]
    return True


@pytest.mark.parametrize("condition", [Given("A"), Absent("A"), Is("A", ("x",)), Ends("A", "x"), LocalStorage("A")])
def test_a_condition_is_unknown_for_what_is_known_only_later(condition: Any) -> None:
    from constructs_ml.sagemaker.relations.members import Structure

    assert condition.holds(Structure({"A.$": "$.a"})) is None
    assert condition.holds(Structure({}, partial=True)) is None
    assert condition.holds(Structure({})) is (type(condition) is Absent)


@pytest.mark.parametrize(
    ("names", "values", "found"),
    [
        (("A[].N", "B[].N"), {"A": [{"N": "x"}], "B": [{"N": "x"}]}, ["B[0].N"]),
        (("A[].N",), {"A": [{"N": "x"}, {"N.$": "$.n"}, {"N": "x"}]}, ["A[2].N"]),
        (("A[].N",), {"A": [{"N": "x"}, "${Token[a.1]}", 7]}, []),
        (("A[].B[].N",), {"A": [{"B": [{"N": "x"}]}, {"B": [{"N": "y"}, {"N": "x"}]}]}, ["A[1].B[1].N"]),
        (("A[].N",), {"A": ["#{Token[a.1]}"]}, []),
        (("A[].N",), {"A": {"N": "x"}}, []),
        (("A[].N",), {"A": None}, []),
    ],
)
def test_names_are_read_out_of_nested_lists(names: tuple[str, ...], values: Any, found: list[str]) -> None:
    from constructs_ml.sagemaker.relations.members import Structure

    assert [one.path for one in Distinct(names).breaks(Structure(values))] == found


@pytest.mark.parametrize(
    ("place", "told"),
    [("Tags[1].Key", True), ("Tags", True), ("Tags[0]", True), ("TagsOfMine", False), ("RoleArn", False)],
)
def test_a_member_that_is_wrong_by_itself_is_told_once(place: str, *, told: bool) -> None:
    """The relations that are about it are not asked."""
    assert BY_NAME["tags have keys of their own"].names_any([place]) is told


def test_a_wrong_member_does_not_hide_relations_of_others() -> None:
    asked = request("CreateTrainingJob", {"EnableManagedSpotTraining": True, "RoleArn": 7})
    found = check_request("CreateTrainingJob", asked)

    assert [one.rule for one in found] == [FindingKind.TYPE, FindingKind.RELATION]
    assert found[1].relation == "spot training may wait"


@pytest.mark.parametrize("later", [{"Ref": "Most"}, ["a"], Format(("a", Merge(({"a": "b"}, Path("$.a")))))])
def test_values_that_no_cache_knows_are_judged_too(later: Any) -> None:
    """A structure without others in it, whose members are compared: one of them is an intrinsic function."""
    config = {"MemorySizeInMB": 2048, "MaxConcurrency": later, "ProvisionedConcurrency": 5}
    variant = {"VariantName": "A", "ModelName": "churn", "ServerlessConfig": config}
    body = {"EndpointConfigName": "churn", "ProductionVariants": [variant]}

    found = check_request("CreateEndpointConfig", body)

    assert [finding.relation for finding in found if finding.relation] == []
    broken = check_request(
        "CreateEndpointConfig",
        {**body, "ProductionVariants": [{**variant, "ServerlessConfig": {**config, "MaxConcurrency": 2}}]},
    )
    assert any("ProvisionedConcurrency" in str(finding) for finding in broken)
