"""The user's side of a run: synthesize, check, deploy and execute an app, and report.

``run`` does all of it. ``app``, ``given`` and ``outside`` read what the user gives; ``synth`` runs the app and ``assembly``
reads what it made; ``aws`` is the embedded AWS in a ``with`` statement, ``deploy`` and ``deployment`` a stack in it,
``execution`` an execution there; ``event_log`` hears the emulator's process, ``progress`` and ``report`` inform the
user: ``view`` is the tree of an execution's states, ``rows`` the part of it that fits a screen, ``tree`` draws them, and
``json_lines`` writes for programs. ``findings`` is the one door to ``lint``.

It imports the kernel, ``interpreter`` and all of ``local``; only ``cli`` and tests import it. A newcomer begins in ``run``.
"""
