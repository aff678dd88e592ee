"""Rules about what the role of a state machine is allowed."""
