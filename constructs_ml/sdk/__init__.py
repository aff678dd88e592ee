"""Jobs from objects of the SageMaker Python SDK: what ``ProcessingJob.from_processor`` and its siblings are made of.

The SDK is only imported when one of them is used. It works out its request offline: with a session that has no
credentials and talks to nothing (:mod:`~constructs_ml.sdk.session`), from an object in which the values that are
known later stand as placeholders (:mod:`~constructs_ml.sdk.placeholders`). What it would have uploaded becomes assets
(:mod:`~constructs_ml.sdk.uploads`), and the job is granted what the request names
(:mod:`~constructs_ml.sdk.adapted`).
"""

from __future__ import annotations

from constructs_ml.sdk.session import DERIVED_ROLE, offline_session

__all__ = ["DERIVED_ROLE", "offline_session"]
