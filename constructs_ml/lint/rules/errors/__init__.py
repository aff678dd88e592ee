"""Rules about errors: which are named, retried and caught, and what a retry needs to help."""
