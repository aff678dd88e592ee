"""The port of the emulator: everything that this library uses of MiniStack besides its public commands.

``corrections`` corrects its interpreter of the Amazon States Language, ``expressions`` evaluates its JSONata; ``interpreter``
runs a copy of it in simulated time, from ``clock`` and ``timekeeping``; ``pinned`` compares the private names that are used
with their signatures in ``signatures.json``; ``environment`` finds and installs the emulator.

It imports ``errors``, ``asl`` and itself; the local run and the simulation import it. A newcomer begins in ``pinned``.
"""
