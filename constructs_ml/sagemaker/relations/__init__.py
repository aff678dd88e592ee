"""What SageMaker asks of several members of a request together, as one table of data and a small engine.

botocore's model says what a single value must be; that spot training needs a time to wait, or that a range must not start above
its end, stands only in the API's documentation. ``table`` has these relations, each with its source, from ``rows``;
``presence``, ``values``, ``lists`` and ``conditions`` are the vocabulary that they are written in; ``members`` reads the members
that they name. :func:`constructs_ml.sagemaker.request.check_request` asks them on its way through a request, so that constructs,
rules, the local API and simulations all refuse the same.
"""
