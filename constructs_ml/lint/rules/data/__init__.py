"""Rules about the data flow: the values that states read, and whether they exist."""
