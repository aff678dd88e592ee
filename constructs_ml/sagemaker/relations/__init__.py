"""Constraints of SageMaker on several members of a request together: one table of data and a small engine.

botocore's model constrains single values. That spot training needs a time to wait, or that a range must not start above its
end, is only in the API's documentation. ``table`` has these relations, each with its source, from ``rows``; ``presence``,
``values``, ``lists`` and ``conditions`` are the vocabulary that they are written in; ``members`` reads the members that they
name. :func:`constructs_ml.sagemaker.request.check_request` evaluates them on its walk over a request, so that constructs, rules,
the local API and simulations all refuse the same requests.
"""
