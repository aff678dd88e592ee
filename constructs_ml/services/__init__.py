"""Requests that Step Functions sends to services other than SageMaker: their models, names and types.

botocore's models say what members an operation has; Step Functions writes their names in its own way (``naming``), and its
optimized integrations take some members otherwise (``optimized``). Nothing is read before a state calls a service.

It imports ``asl`` and ``sagemaker``. A newcomer begins in ``request``.
"""
