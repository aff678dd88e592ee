"""What a state machine's role must be allowed for its states, and whether its policies allow that."""
