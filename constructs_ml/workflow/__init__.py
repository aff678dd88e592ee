"""Workflows: state machines with what a workflow in production needs."""
