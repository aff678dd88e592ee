"""Pictures of workflows: a state machine as a graph, in SVG, HTML and Mermaid.

::

    import constructs_ml as ml

    ml.insight.draw(workflow).save("workflow.svg")

It needs ``pip install 'constructs-ml[insight]'``, and Node.js, which aws-cdk-lib needs too. Any definition in the Amazon States
Language can be drawn: a workflow, a template, or JSON that another tool wrote.

``graph`` has the picture. The package imports the kernel and ``lint``'s data flow, and nothing of constructs or local runs. A
newcomer begins in ``graph.picture``.
"""

from __future__ import annotations

from constructs_ml.insight.graph.picture import Picture, draw

__all__ = ["Picture", "draw"]
