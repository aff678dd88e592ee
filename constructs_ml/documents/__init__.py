"""Reads the files of others as data: with limits on their size and depth, and one line that says what is wrong.

Every reader of JSON and YAML that a user or a tool of theirs wrote comes here: ``files`` opens them, ``json_text`` parses
them, ``node`` takes their members by the kinds that they must have. It imports nothing of this library but its errors. A
newcomer begins in ``files``.
"""
