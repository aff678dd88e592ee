"""Reads a definition: its states, their fields and joints, who handles what, and the requests that it sends."""
