"""Names that script mode is made of: what SageMaker's training toolkit looks for in its framework images.

Source: the README of ``sagemaker-training`` and its ``params`` and ``environment`` modules, version 5.1.4.
"""

from __future__ import annotations

PREFIX = "sagemaker_"
"""What the names of hyperparameters start with that are not the script's."""
PROGRAM = "sagemaker_program"
SUBMIT_DIRECTORY = "sagemaker_submit_directory"

CODE_CHANNEL = "code"
"""The channel that brings the code where the container has no network to fetch it over."""
CODE_CHANNEL_FOLDER = f"/opt/ml/input/data/{CODE_CHANNEL}"

REQUIREMENTS = "requirements.txt"
INSTALL = f"python3 -m pip install -q -r {REQUIREMENTS}"
"""What our entry point of processing jobs runs in the folder of the code before the script."""
