"""Views of workflows: the differences between two versions, in words.

::

    import constructs_ml as ml

    assert not ml.insight.diff("before.template.json", "cdk.out/Census.template.json").widened

The package imports the kernel, and nothing of constructs or local runs: the definitions and templates of any author do. A newcomer
begins in ``changes``.
"""

from __future__ import annotations

from constructs_ml.insight.changes.compare import diff
from constructs_ml.insight.changes.model import Change, Count, Differences

__all__ = ["Change", "Count", "Differences", "diff"]
