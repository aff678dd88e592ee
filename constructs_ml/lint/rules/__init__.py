"""The rules, one a file, by what they are about."""
