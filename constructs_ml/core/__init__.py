"""SageMaker jobs as states of a workflow."""
