"""Views of workflows: pictures, pages about runs, and the differences between two versions in words.

::

    import constructs_ml as ml

    ml.insight.draw(workflow).save("workflow.svg")
    assert not ml.insight.diff("before.template.json", "cdk.out/Census.template.json").widened

Pictures need ``pip install 'constructs-ml[insight]'``, and Node.js, which aws-cdk-lib needs too. Any definition in the Amazon States
Language can be drawn and compared: a workflow, a template, or JSON that another tool wrote.

``graph`` has the picture, ``report`` the page about a run, ``changes`` the differences. The package imports the kernel and ``lint``'s
data flow, and nothing of constructs or local runs. A newcomer begins in ``graph.picture``.
"""

from __future__ import annotations

from constructs_ml.insight.changes.compare import diff
from constructs_ml.insight.changes.model import Change, Count, Differences
from constructs_ml.insight.graph.picture import Picture, draw

__all__ = ["Change", "Count", "Differences", "Picture", "diff", "draw"]
