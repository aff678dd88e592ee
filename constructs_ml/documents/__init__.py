"""Reads other people's files as data: with limits on size and depth, and one-line errors.

Every reader of JSON and YAML that a user or a tool of theirs wrote comes here: ``files`` opens them, ``json_text`` parses
them, ``node`` takes their members by the kinds that they must have. It imports nothing of this library but its errors. A
newcomer begins in ``files``.
"""
