"""The SageMaker API as plain data: its inputs and outputs, by botocore's model, the only truth about requests.

``model`` reads the model, ``request`` checks a request against it and against ``relations`` between members, ``result`` says what
a job's state passes on, ``images`` which images there are, ``kinds`` what each kind of job is called.

It imports ``errors``, ``spelling`` and ``asl``; neither aws_cdk nor botocore. A newcomer begins in ``request``.
"""
