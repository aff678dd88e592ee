"""A gate that only a model with a good enough metric passes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.asl.expressions import Language, Runtime, braced
from constructs_ml.asl.literals import jsonata_text
from constructs_ml.core.prop_checks import check_fields
from constructs_ml.core.values import parse_runtime_values
from constructs_ml.errors import Fault, InvalidPropsError

if TYPE_CHECKING:
    from constructs import Construct

    from constructs_ml.core.metric import Metric


@check_fields
@dataclass(frozen=True, slots=True)
class MetricGate:
    """The value that a metric of a training job must have: ``MetricGate("test:accuracy", at_least=0.9)``.

    Attributes:
        metric: The metric's name.
        at_least: The least value that passes, a number or what an execution decides.
        at_most: The greatest value that passes, likewise; pass one of both.
    """

    metric: str
    at_least: float | str | None = None
    at_most: float | str | None = None

    def after(self, scope: Construct, metric: Metric) -> sfn.Chain:
        """Return a Choice that goes on if the metric is good enough, and else leads to a Fail state.

        Args:
            scope: The construct that the states are parts of.
            metric: The metric of the job before.

        Raises:
            InvalidPropsError: If it has no bound, or two.
        """
        if (self.at_least is None) is (self.at_most is None):
            problem = f"must have at_least or at_most, got {'both' if self.at_least is not None else 'neither'}"
            fix = f"pass MetricGate({self.metric!r}, at_least=0.9)"
            raise InvalidPropsError(f"{scope.node.path}", [Fault("gate", problem, fix)])
        # What the bound leaves out fails, so that the state after the gate is the Choice's default.
        if self.at_least is not None:
            failing, words, bound = metric.below(self.at_least), "at least", self.at_least
        else:
            assert self.at_most is not None  # noqa: S101 - one of both is given
            failing, words, bound = metric.above(self.at_most), "at most", self.at_most
        known = parse_runtime_values(bound)
        limit = f"$string({known.jsonata})" if isinstance(known, Runtime) else jsonata_text(str(known))
        said = jsonata_text(f"{self.metric} must be {words} ")
        fail = sfn.Fail(
            scope,
            "NotGoodEnough",
            error="NotGoodEnough",
            cause=braced(f"{said} & {limit} & ', got ' & $string({metric.jsonata})"),
            query_language=sfn.QueryLanguage.JSONATA,
        )
        language = sfn.QueryLanguage.JSONATA if metric.language is Language.JSONATA else None
        choice = sfn.Choice(scope, "GoodEnough?", query_language=language)
        return choice.when(failing, fail).afterwards(include_otherwise=True)
