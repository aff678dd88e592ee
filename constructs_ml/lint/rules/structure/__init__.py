"""Rules about what stands in a definition and how its states are joined."""
