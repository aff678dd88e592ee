"""The port of the emulator: all that this library uses of MiniStack beside its public commands.

``corrections`` puts its interpreter of the Amazon States Language right, ``expressions`` evaluates its JSONata; ``interpreter``
runs a copy of it in simulated time, which ``clock`` and ``timekeeping`` give it; ``pinned`` checks the private names
that are used against their signatures in ``signatures.json``; ``environment`` finds and installs the emulator.

It imports ``errors``, ``asl`` and itself; the local run and the simulation import it. A newcomer begins in ``pinned``.
"""
