"""The security pack: rules about SageMaker requests and the resources around a workflow, one rule a file."""
