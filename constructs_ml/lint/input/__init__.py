"""The inputs of the checks: templates, definitions and assemblies, read from files."""
