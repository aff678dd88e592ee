"""An abstract interpreter of state machines: computes what each state's input can be, without running anything.

The lattice is in ``shape``: an object with the known facts about its members, a list, a scalar, and ``ANYTHING``, its
top. Where paths meet, values are joined (``shape.join``, ``abstract_state``); each member records on which paths it may
be missing. A state's transfer function is in ``jsonpath_states`` or ``jsonata_states``; ``worklist`` visits states
until nothing changes, and widens to ``ANYTHING`` what keeps changing. A Choice and a condition refine (``choices``,
``guards``, ``change``): past them, paths are known to lead to a value. ``reads`` keeps the facts that rules query,
``lookup`` evaluates a path, and ``explanations`` says why one leads nowhere.

It may import the kernel (``asl``, ``sagemaker``, ``errors``, ``spelling``) and nothing else of ``lint``. A newcomer
begins in ``analysis.flow_of``.
"""
