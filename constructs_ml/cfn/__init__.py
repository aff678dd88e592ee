"""CloudFormation: what resources are called when they are there, and the files of assemblies and templates.

A newcomer begins in ``physical_values``; ``return_values`` has its forms, and
``likely_values`` knows what a name promises.
"""
