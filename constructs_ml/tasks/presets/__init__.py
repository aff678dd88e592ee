"""Processing jobs for containers of SageMaker's that have a contract of their own."""
