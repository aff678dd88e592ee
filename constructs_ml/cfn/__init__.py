"""CloudFormation: what resources are called when they are there.

It imports nothing of this library. A newcomer begins in ``physical_values``; ``return_values`` has its forms, and
``likely_values`` knows what a name promises.
"""
