"""Shared parts of the embedded AWS: clients, credentials, ARNs, Describe responses, permissions of jobs, faults.

The lowest folder: it imports the kernel only, and all others of the local run may import it. A newcomer begins in ``clients``:
every call of a run is made by one of them, as the run itself or as a role (``RoleSession``).
"""
