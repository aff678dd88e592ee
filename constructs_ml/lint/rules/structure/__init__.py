"""Rules about the fields of a definition and the transitions of its states."""
