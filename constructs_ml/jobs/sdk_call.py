"""A state that calls an operation through the AWS SDK integration, for operations that Step Functions has no other for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.jobs.call import SageMakerCall
from constructs_ml.jobs.draft import Draft
from constructs_ml.jobs.permissions import policies_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from constructs import Construct
    from typing_extensions import Unpack

    from constructs_ml.access.statements import Statement
    from constructs_ml.jobs.props import CallProps

SDK = "aws-sdk:sagemaker"


class SdkCall(SageMakerCall):
    """Defines a state that calls any operation of SageMaker's API, with a checked request.

    For operations that have no state of their own here; what it may do is up to the caller.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        operation: str,
        request: Mapping[str, Any],
        *,
        statements: Iterable[Statement],
        **props: Unpack[CallProps],
    ) -> None:
        """Defines the call.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            operation: Such as ``DescribeEndpoint``.
            request: The request, as the API names its members.
            statements: What the state machine must be allowed.
            props: What all states take.
        """
        draft = Draft(operation, scope, construct_id, props, service=SDK)
        super().__init__(draft, request)
        self._policies = policies_of(draft.home, statements)
