"""AutoML jobs, which try algorithms by themselves: Step Functions cannot wait for them, so the state polls.

``job`` is the state, ``spec`` what it collects, ``problem`` what a model is to be found for. Begin in ``job``.
"""
