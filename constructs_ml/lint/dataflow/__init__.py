"""An abstract interpreter of state machines: what each state's input can be, worked out without running anything.

The lattice is that of ``shape``: an object with what is known of its members, a list, a scalar, and ``ANYTHING``, its top. Where
paths meet, values are joined (``shape.join``, ``abstract_state``); each member keeps on which paths it may be missing. A state's
transfer function is in ``jsonpath_states`` or ``jsonata_states``; ``worklist`` visits states until nothing changes, and widens to
``ANYTHING`` what keeps changing. A Choice and a condition refine (``choices``, ``guards``, ``change``): behind them, paths lead to
something. ``reads`` keeps the facts that rules ask for, ``lookup`` finds what a path leads to, and ``telling`` says why it does not.

It may import the kernel (``asl``, ``sagemaker``, ``errors``, ``spelling``) and nothing else of ``lint``. A newcomer begins in
``analysis.flow_of``.
"""
