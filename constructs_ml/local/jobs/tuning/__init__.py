"""Hyperparameter tuning: trials whose values are chosen here and that run as training jobs."""
