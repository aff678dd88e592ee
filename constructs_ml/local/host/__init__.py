"""This machine: processes, sandboxes, folders, the container contract, S3 objects as files.

Of a process: ``container`` (one, in its ``sandbox``), ``cluster`` (those of a job), ``processes`` (ended with all their
children). Of its files: ``contract`` (what is below /opt/ml), ``storage`` (to and from S3), ``output_files``. Of a run:
``run_folders``, ``settings``, ``channel``. ``supervisor`` and ``removal`` are programs, with the standard library alone.

It imports the kernel and ``aws``, and knows no API and no emulator. A newcomer begins in ``container``.
"""
