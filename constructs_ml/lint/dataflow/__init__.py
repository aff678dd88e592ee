"""The data flow: what each state's input can be, worked out without running anything.

A shape says what values there can be at a place. Shapes flow from state to state along the transitions, into the branches
of Parallel states and the processors of Maps, until nothing changes any more. What a state reads is looked up in them.
Whatever is not modelled is :data:`~constructs_ml.lint.dataflow.shape.ANYTHING`, of which nothing is said.
"""
