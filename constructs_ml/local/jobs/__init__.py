"""The jobs of SageMaker on this machine."""
