"""Hyperparameter tuning: trials that are chosen here and run as training jobs."""
