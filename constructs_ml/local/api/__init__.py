"""The SageMaker API of the embedded AWS: jobs that run, and the rest in memory."""
