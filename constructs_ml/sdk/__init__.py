"""Jobs from objects of the SageMaker Python SDK: the functions behind ``ProcessingJob.from_processor`` and its siblings.

The SDK is only imported when one of them is used. It works out its request offline: ``session`` has no credentials and talks to
nothing, ``placeholders`` stand for the values that are known later, ``capture`` takes the request. ``uploads`` makes assets of what
it would have uploaded, ``adapted`` grants the job what the request names, and ``sdk_call`` makes the job. ``processing``,
``training``, ``transform`` and ``tuning`` have the kinds, ``objects`` the SDK's classes that they take.

It imports the kernel, ``core`` and ``tasks``; ``core`` looks its modules up by name. A newcomer begins in ``processing``.
"""

from __future__ import annotations

from constructs_ml.sdk.session import DERIVED_ROLE, offline_session

__all__ = ["DERIVED_ROLE", "offline_session"]
