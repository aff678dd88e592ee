"""Jobs that have people label data."""
