"""Names in script mode, as SageMaker's training toolkit uses them in its framework images.

Source: the README of ``sagemaker-training`` and its ``params`` and ``environment`` modules, version 5.1.4.
"""

from __future__ import annotations

PREFIX = "sagemaker_"
"""Prefix of the hyperparameters that are not the script's."""
PROGRAM = "sagemaker_program"
SUBMIT_DIRECTORY = "sagemaker_submit_directory"

CODE_CHANNEL = "code"
"""The channel with the code, for containers without a network."""
CODE_CHANNEL_FOLDER = f"/opt/ml/input/data/{CODE_CHANNEL}"

REQUIREMENTS = "requirements.txt"
INSTALL = f"python3 -m pip install -q -r {REQUIREMENTS}"
"""The command of a processing job's entry point that installs requirements, in the code's folder, before the script."""
