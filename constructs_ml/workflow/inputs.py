"""The first states of a workflow with typed inputs: they check the execution's input and fill in its defaults."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, cast

import jsii
from aws_cdk import Stack, Stage
from aws_cdk import aws_stepfunctions as sfn
from constructs import IValidation

from constructs_ml.asl.expressions import Language
from constructs_ml.asl.inputs import METADATA, VARIABLE, assigned_in_jsonata, faults_in_jsonata
from constructs_ml.core.context import context_of
from constructs_ml.core.execution_inputs import class_faults, names_read
from constructs_ml.core.query_language import language_of
from constructs_ml.errors import Fault, InvalidPropsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from constructs import Construct

    from constructs_ml.asl.inputs import InputShape
    from constructs_ml.core.execution_inputs import ExecutionInput
    from constructs_ml.core.map_scope import EnclosingMap


def check_inputs(scope: Construct, construct_id: str, given: Any) -> None:  # noqa: ANN401 - whatever a user passes
    """Raise if what is passed as ``inputs`` is no class with fields.

    Raises:
        InvalidPropsError: If so.
    """
    if faults := class_faults(given):
        raise InvalidPropsError(f"{scope.node.path}/{construct_id}".lstrip("/"), faults)


def checked(
    scope: Construct, construct_id: str, inputs: type[ExecutionInput], definition: sfn.IChainable
) -> sfn.IChainable:
    """Put the check of a workflow's input before its first state.

    A valid input costs one state transition more, an invalid one two.

    Args:
        scope: The construct that the workflow is a part of.
        construct_id: The workflow's id.
        inputs: Its inputs.
        definition: Its first state, with what follows.
    """
    faults = faults_in_jsonata(shape_at(scope, inputs))
    refused = sfn.Fail.jsonata(
        scope,
        f"{construct_id}InvalidInput",
        state_name="Invalid input",
        error="InvalidInput",
        cause=f"{{% {faults} %}}",
    )
    first = sfn.Choice.jsonata(scope, f"{construct_id}Inputs", state_name="Inputs")
    valid = sfn.Condition.jsonata(f"{{% {faults} = '' %}}")
    return first.when(valid, definition, assign={VARIABLE: assigned_in_jsonata(inputs.shape)}).otherwise(refused)


def shape_at(scope: Construct, inputs: type[ExecutionInput]) -> InputShape:
    """Return the members of the input of a workflow: with the one that has cached jobs run anew, if its stack has such jobs."""
    has_cache = "markers" in context_of(scope).of_stack.shared
    return replace(inputs.shape, takes_fresh=True) if has_cache else inputs.shape


def publish_schema(machine: sfn.StateMachine, inputs: type[ExecutionInput]) -> None:
    """Put the JSON Schema of a workflow's input into its template's metadata, and into a file beside the template."""
    schema = shape_at(machine, inputs).json_schema()
    resource = cast("sfn.CfnStateMachine", machine.node.default_child)
    resource.add_metadata(METADATA, schema)
    machine.node.add_validation(cast("IValidation", _SchemaFile(machine, schema)))


@jsii.implements(IValidation)
class _SchemaFile:
    """Writes the schema when the app is synthesized: aws-cdk-lib asks for validations then."""

    # No dataclass: jsii would take it for data, and copy it.
    def __init__(self, machine: sfn.StateMachine, schema: Mapping[str, Any]) -> None:
        self._machine = machine
        self._schema = schema

    @jsii.member(jsii_name="validate")
    def validate(self) -> list[str]:
        """Write the file; it has no faults."""
        stack, stage = Stack.of(self._machine), Stage.of(self._machine)
        if stage is not None:
            logical_id = stack.get_logical_id(cast("sfn.CfnStateMachine", self._machine.node.default_child))
            file = FilePath(stage.outdir, f"{stack.artifact_id}.{logical_id}.input.schema.json")
            file.write_text(json.dumps(self._schema, indent=1), encoding="utf-8")
        return []


# Distributed Maps, whose iterations do not see the variables around them ----------------------------------------------

_ITEM = "item"


@dataclass(frozen=True, slots=True)
class HandIn:
    """Ways of the inputs into the iterations of a distributed Map.

    Attributes:
        props: The Map's props, with the inputs beside the item or in the input of each batch.
        variable: The value of the inputs' variable in an iteration's first state, in JSONata.
        item: The iteration's item there, in JSONata.
    """

    props: dict[str, Any]
    variable: str
    item: str


def handed_in(props: Mapping[str, Any]) -> HandIn:
    """Add the inputs to what a distributed Map hands to its iterations.

    Args:
        props: Its props, as ``sfn.DistributedMap`` takes them.
    """
    jsonata = language_of(props.get("query_language")) is Language.JSONATA
    batcher = props.get("item_batcher")
    if batcher is not None:
        # aws-cdk-lib writes the input of batches as it is, without a place for tokens of paths.
        more = {VARIABLE: f"{{% ${VARIABLE} %}}"} if jsonata else {f"{VARIABLE}.$": f"${VARIABLE}"}
        changed = {**props, "item_batcher": _batcher_with(batcher.render(), more)}
        return HandIn(changed, f"$states.input.BatchInput.{VARIABLE}", "$states.input")
    changed = {name: prop for name, prop in props.items() if name != "jsonata_item_selector"}
    item = props.get("jsonata_item_selector") or props.get("item_selector")
    if item is None:
        item = "{% $states.context.Map.Item.Value %}" if jsonata else sfn.JsonPath.object_at("$$.Map.Item.Value")
    value = f"{{% ${VARIABLE} %}}" if jsonata else sfn.JsonPath.object_at(f"${VARIABLE}")
    changed["item_selector"] = {VARIABLE: value, _ITEM: item}
    return HandIn(changed, f"$states.input.{VARIABLE}", f"$states.input.{_ITEM}")


def _batcher_with(written: Mapping[str, Any], more: Mapping[str, Any]) -> sfn.ItemBatcher:
    """A batcher with more in the input of each batch: aws-cdk-lib's own says what it was made of only when it is written."""
    return sfn.ItemBatcher(
        batch_input={**written.get("BatchInput", {}), **more},
        max_input_bytes_per_batch=written.get("MaxInputBytesPerBatch"),
        max_input_bytes_per_batch_path=written.get("MaxInputBytesPerBatchPath"),
        max_items_per_batch=written.get("MaxItemsPerBatch"),
        max_items_per_batch_path=written.get("MaxItemsPerBatchPath"),
    )


def map_faults(
    around: EnclosingMap, outer: Sequence[EnclosingMap], inputs: type[ExecutionInput] | None, language: Language | None
) -> Iterator[Fault]:
    """Yield the faults of a Map that hands in inputs.

    Args:
        around: The Map.
        outer: The Maps around it, the outermost first.
        inputs: The fields that the workflow declares, if any.
        language: The query language of the workflow; None for JSONPath.
    """
    if around.inputs is None:
        return
    name = around.inputs.__name__
    if inputs is None or not issubclass(inputs, around.inputs):
        declared = "none" if inputs is None else inputs.__name__
        yield Fault("inputs", f"must be what the workflow declares, got {name}; it declares {declared}")
    if language is Language.JSONATA and around.language is not Language.JSONATA:
        fix = "pass query_language=sfn.QueryLanguage.JSONATA to the Map"
        yield Fault("inputs", "are handed in in JSONPath, and the state machine is in JSONata", fix)
    for each in outer:
        if each.distributed and each.inputs is None:
            yield Fault("inputs", f"are not seen in {each.name}, which this Map is in", _fix(each, name))


def read_faults(request: Mapping[str, Any], maps: Sequence[EnclosingMap], inputs: str) -> Iterator[Fault]:
    """Yield the faults of a request that reads inputs inside distributed Maps which do not hand them in.

    Args:
        request: The request.
        maps: The Maps around it, the outermost first.
        inputs: The name of the workflow's inputs.
    """
    unseen = [around for around in maps if around.distributed and around.inputs is None]
    if not unseen:
        return
    for member, value in request.items():
        for name in names_read(value):
            yield Fault(
                member,
                f"reads the input {name}, which the iterations of {unseen[0].name} do not see",
                _fix(unseen[0], inputs),
            )


def _fix(around: EnclosingMap, inputs: str) -> str:
    passed = f"pass inputs={inputs} to {around.name}"
    return passed if around.variable is not None else f"make {around.name} an ml.DistributedMap, and {passed}"
