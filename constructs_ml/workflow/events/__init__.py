"""EventBridge rules on state changes of jobs, endpoints and model packages.

``rule`` and ``resource_rules`` are the constructs; ``targets`` says whom they reach, ``delivery`` how surely. It imports the kernel,
``core`` and ``tasks``. Begin in ``rule``.
"""
