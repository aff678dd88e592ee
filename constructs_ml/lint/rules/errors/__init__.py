"""Rules about errors: their names, retriers and catchers, and the conditions for a retry to help."""
