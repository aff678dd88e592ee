"""Maps whose iterations run jobs side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.asl.expressions import Format
from constructs_ml.core.context import context_of
from constructs_ml.core.map_scope import EnclosingMap, register_map
from constructs_ml.core.prop_checks import check_props_of
from constructs_ml.errors import Fault, InvalidPropsError

if TYPE_CHECKING:
    from constructs import Construct
    from typing_extensions import Self

    from constructs_ml.core.s3_data import S3Data


_AS_OBJECT = "{% $type($states.input) = 'object' ? $states.input : {'Item': $states.input} %}"
"""The object that states put their results into."""

_WRITER_FLAG = "@aws-cdk/aws-stepfunctions:useDistributedMapResultWriterV2"


class Map(sfn.Map):
    """Defines a ``sfn.Map`` whose iterations each have places of their own.

    Define the jobs of an iteration in the scope of the Map: what they write by default then goes to
    ``<stack>/<job>/<output>/<execution>/<iteration>/``, so that iterations side by side share nothing, and the states
    after a job in its iteration find it by ``job.output(...)`` as ever::

        each = ml.Map(self, "EachCountry", items_path="$.countries", max_concurrency=5)
        prepare = ml.ProcessingJob(each, "Prepare", ..., outputs=["train"])
        train = ml.TrainingJob(each, "Train", ..., channels={"train": prepare.output("train")})
        each.item_processor(prepare.next(train))

    Each iteration starts with a state that draws its name, one state transition more, and that makes an item which is no
    object, such as a text, ``{"Item": "..."}``: the results of states are put beside it. ``$$.Map.Item.Value`` is the item
    itself in any case. It takes what ``sfn.Map`` takes.
    """

    def __init__(self, scope: Construct, construct_id: str, **props: Any) -> None:  # noqa: ANN401 - of sfn.MapProps
        super().__init__(scope, construct_id, **props)
        context = context_of(scope)
        name, path = props.get("state_name") or construct_id, context.path_below_stack(construct_id)
        self._around = register_map(context.app, self, name, path, distributed=False)

    def item_processor(self, processor: sfn.IChainable, **config: Any) -> Self:  # noqa: ANN401 - sfn.ProcessorConfig
        """Defines what is done for each item; see ``sfn.Map.item_processor``.

        Raises:
            InvalidPropsError: If it is to be distributed.
        """
        if config.get("mode") is sfn.ProcessorMode.DISTRIBUTED:
            problem = "must be INLINE, got DISTRIBUTED"
            raise InvalidPropsError(self.node.path, [Fault("mode", problem, "make it an ml.DistributedMap")])
        super().item_processor(_drawn(self, self._around, processor), **config)
        return self

    def all_of(self, output: S3Data) -> S3Data:
        """Return the place of an output of all iterations of this Map, for the states after it.

        Args:
            output: Such as ``prepare.output("train")``.

        Returns:
            The place that holds the places of all iterations of the running execution.

        Raises:
            InvalidPropsError: If the output is not of a job in this Map's scope.
        """
        parts = output.location.parts if isinstance(output.location, Format) else ()
        if self._around.variable not in parts:
            fix = "pass the output of a job that is defined in the Map's scope"
            problem = f"needs what its iterations write, got {output.location}"
            raise InvalidPropsError(self.node.path, [Fault("all_of", problem, fix)])
        return replace(output, location=Format(parts[: parts.index(self._around.variable)]))


class DistributedMap(sfn.DistributedMap):
    """Defines a ``sfn.DistributedMap`` whose iterations each have places of their own; see :class:`Map`.

    Its iterations are executions of their own: ``$$.Execution.Name`` and ``ml.execution_input(...)`` in them are the
    iteration's, and what a job outside of the Map wrote is handed in by ``item_selector``::

        each = ml.DistributedMap(
            self, "EachFile", items_path="$.files",
            item_selector={"file": sfn.JsonPath.string_at("$$.Map.Item.Value"), "model": train.model_artifacts.uri},
        )

    What the iterations wrote is known to the states after the Map by the iterations' results only. ``result_writer_v2`` is
    written with and without aws-cdk-lib's feature flag for it.
    """

    def __init__(self, scope: Construct, construct_id: str, **props: Any) -> None:  # noqa: ANN401 - of the props
        super().__init__(scope, construct_id, **props)
        # Of the two results writers aws-cdk-lib writes the one that the flag asks for, and leaves the other out in silence.
        given = [name for name in ("result_writer", "result_writer_v2") if props.get(name) is not None]
        if len(given) > 1:
            fault = Fault("result_writer", "cannot be given beside result_writer_v2", "leave one of them out")
            raise InvalidPropsError(self.node.path, [fault])
        if given:
            self.node.set_context(_WRITER_FLAG, given == ["result_writer_v2"])
        context = context_of(scope)
        name, path = props.get("state_name") or construct_id, context.path_below_stack(construct_id)
        self._around = register_map(context.app, self, name, path, distributed=True)

    def item_processor(self, processor: sfn.IChainable, **config: Any) -> Self:  # noqa: ANN401 - sfn.ProcessorConfig
        """Defines what is done for each item; see ``sfn.DistributedMap.item_processor``."""
        super().item_processor(_drawn(self, self._around, processor), **config)
        return self


check_props_of(Map, like=sfn.Map)
check_props_of(DistributedMap, like=sfn.DistributedMap)


def _drawn(scope: Construct, around: EnclosingMap, processor: sfn.IChainable) -> sfn.IChainable:
    """The states of an iteration, after one that draws its variable."""
    variable = "" if around.variable is None else around.variable.jsonpath[1:]
    first = sfn.Pass(
        scope,
        "Item",
        state_name=f"{around.name} item",
        comment="Draws what tells the places of this iteration from those of the others",
        query_language=sfn.QueryLanguage.JSONATA,
        assign={variable: "{% $uuid() %}"},
        outputs=_AS_OBJECT,
    )
    return first.next(processor)
