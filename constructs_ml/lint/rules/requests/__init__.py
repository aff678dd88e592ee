"""Rules about the requests that states send to SageMaker."""
