"""What roles of each kind of state are asked for."""
