"""S3 object bodies and CloudWatch Logs events in files, because they would fill the emulator's memory.

``content`` has bytes that lie in files; ``objects`` makes the emulator's S3 keep and send them; ``log_events`` does the same
for its log streams. A newcomer begins in ``content``, which imports nothing of this library.
"""
