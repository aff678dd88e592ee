"""The differences between two versions of workflows, in words: ``constructs-ml diff``.

``compare`` is the way in: it reads both versions (``versions``), names the resources of the old one as the new one does (``resources``),
pairs the states of each state machine by what they do (``pairs``), and collects a ``Change`` (``model``) for each difference:
``positions``, ``choices``, ``handlers`` and ``members`` of states, ``permissions``, and ``events``. A change is data; ``words`` is its
sentence, ``report`` the page of all of them.

What does not change what happens is no difference: the order of keys, generated names, the way a path is written (``canonical``),
or how permissions are spread over statements (``statements``).
"""
