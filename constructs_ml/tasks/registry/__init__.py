"""Model packages: their groups, their registration, their approval."""
