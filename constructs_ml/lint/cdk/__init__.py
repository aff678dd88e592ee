"""The checks as plugins of aws-cdk-lib's ``Validations``: an error fails ``cdk synth`` unless it is acknowledged."""
