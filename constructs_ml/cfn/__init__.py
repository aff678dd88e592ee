"""CloudFormation: what resources are called when they are there.

It imports nothing of this library. A newcomer begins in ``physical_values``.
"""
