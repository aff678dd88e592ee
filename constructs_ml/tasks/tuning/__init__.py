"""Jobs that search for hyperparameters."""
