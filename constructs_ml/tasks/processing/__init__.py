"""Jobs that run a script or a container over data."""
