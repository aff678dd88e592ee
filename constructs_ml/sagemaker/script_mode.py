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

# Where packages are installed from.

REPOSITORY = "CA_REPOSITORY_ARN"
"""The variable with the ARN of a CodeArtifact repository, which the toolkits for training and inference sign in to."""
INDEX_URL = "PIP_INDEX_URL"
NO_INDEX = "PIP_NO_INDEX"
SIGN_IN = 'i=$(python3 -c "$1$2") && shift 2 && PIP_INDEX_URL=$i '
"""The part of a processing job's entry point that signs in to a repository, by a program in its first two arguments."""
SIGN_IN_PROGRAM = (
    (
        f'import os,boto3;p,d,n=os.environ["{REPOSITORY}"].split("/");_,_,_,r,o,_=p.split(":");'
        'c=boto3.client("codeartifact",region_name=r);k=dict(domain=d,domainOwner=o);'
    ),
    (
        'u=c.get_repository_endpoint(repository=n,format="pypi",**k)["repositoryEndpoint"].rstrip("/");'
        't=c.get_authorization_token(**k)["authorizationToken"];print(u.replace("//",f"//aws:{t}@",1)+"/simple/")'
    ),
)
"""A program that prints the URL of the index with a token in it, as the toolkits make it; in two parts, as the API takes at most 256
characters in one."""
