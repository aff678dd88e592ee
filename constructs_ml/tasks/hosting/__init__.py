"""Models, endpoint configurations and endpoints, and deployments that wait until an endpoint serves.

``model``, ``endpoint_config`` and ``endpoint`` are the calls of the API, each a state; ``deploy`` makes one state of several calls.
``container``, ``variant``, ``scaling``, ``capture``, ``explainer`` and ``deployment`` are parts of their requests. Begin in ``model``.
"""
