"""The Amazon States Language, in plain Python: reading definitions, and writing parts of them.

Read: ``definition`` (states and transitions), ``machine`` (what rules are asked of), ``schema`` and ``walk`` (fields), ``jsonpath``
(paths), ``handlers``. Written: ``expressions`` (runtime values in both query languages), ``names``, ``retry``, ``polling``.

It imports nothing but ``spelling``. A newcomer begins in ``definition``.
"""
