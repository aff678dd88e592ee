"""Training jobs, and what the trials of a tuning job share with them.

``job`` is the state and ``request`` what it sends; ``channel``, ``file_systems``, ``resources``, ``services`` and ``debugging`` are parts
of it, ``props`` what few jobs need. Begin in ``job``, and then in ``request``.
"""
