"""The example: a classifier for penguins."""
