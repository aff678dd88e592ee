"""What is checked: templates, definitions and assemblies, read from files."""
