"""Jobs that try algorithms by themselves."""
