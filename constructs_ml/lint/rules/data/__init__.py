"""Rules about the data flow: what states read, and whether anything gives it."""
