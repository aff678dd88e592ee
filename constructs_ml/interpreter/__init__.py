"""The port of the emulator: all that this library uses of MiniStack beside its public commands.

``corrections`` puts its interpreter of the Amazon States Language right, ``expressions`` evaluates its JSONata; ``clock`` and
``turns`` run a copy of it in simulated time; ``pinned`` checks the private names that are used against their signatures in
``signatures.json``. It imports ``errors`` and itself; the local run and the simulation import it. A newcomer begins in ``pinned``.
"""
