"""Whole pipelines that are meant to be subclassed, and stacks that hold one."""
