"""Rules about events and whom they reach."""
