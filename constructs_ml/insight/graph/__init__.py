"""A state machine as a picture.

``model`` reads a definition as nested regions of nodes and edges, with ``words`` (conditions, retries), ``captions`` (facts about a
state) and ``data`` (who reads whose data). ``boxes`` measures their text, ``layout`` places them, and ``svg``, ``page`` and
``mermaid`` write them, by the templates in ``templates``. A newcomer begins in ``picture``.
"""
