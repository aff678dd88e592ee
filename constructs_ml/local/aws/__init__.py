"""What a run knows of AWS: clients, sessions, the shapes of its answers."""
