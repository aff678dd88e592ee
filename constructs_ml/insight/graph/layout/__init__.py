"""The places of boxes and the ways of edges.

``place.js`` runs dagre, which is shipped in ``dagre.min.js`` with its licence, in the Node that aws-cdk-lib needs too (``node``);
``placing`` gives it a graph and takes the places; ``routes`` leads the edges around boxes. A newcomer begins in ``placing``.
"""
