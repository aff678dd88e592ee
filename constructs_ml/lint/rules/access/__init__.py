"""Rules about the permissions of a state machine's role."""
