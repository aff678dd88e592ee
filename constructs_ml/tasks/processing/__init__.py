"""Processing jobs, which run a script or a container over data.

``job`` is the state, ``data`` its inputs and outputs, ``datasets`` the results of queries among them. Begin in ``job``.
"""
