"""The Amazon States Language, in plain Python: expressions, names, retries and checks."""
