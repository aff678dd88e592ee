"""Rules about events, their patterns and their targets."""
