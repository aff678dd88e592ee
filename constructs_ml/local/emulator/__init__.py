"""The emulator of AWS and what is added to it: one door, services, storage."""
