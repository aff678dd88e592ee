"""The checks as plugins of aws-cdk-lib's ``Validations``: what they find fails ``cdk synth``, or is acknowledged."""
