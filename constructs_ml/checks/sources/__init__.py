"""Reads what is checked: an app's assembly, a template, a file, and which line of it something stands on."""
