"""The page about a run, made from its record alone.

``page`` fills in the templates; ``states`` has the details of each state, ``timeline`` the rows of bars, ``plots`` the metrics,
``permissions`` their use by role, and ``logs`` the text of logs. ``kept`` reads the record of a run from its
file, or from a page. A newcomer begins in ``page``.
"""
