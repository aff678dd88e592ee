"""The tasks of SageMaker as states of a workflow, a folder for each kind."""
