"""What would fill the emulator's memory, kept in files: bodies of S3's objects, and events of CloudWatch Logs.

``content`` has bytes that lie in files; ``bodies`` reads requests into them; ``objects`` makes the emulator's S3 keep and
send them; ``log_events`` does the same for its log streams. A newcomer begins in ``content``.
"""
