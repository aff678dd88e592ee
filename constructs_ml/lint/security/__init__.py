"""The security pack: what the requests to SageMaker and the resources around a workflow should say, one rule a file."""
