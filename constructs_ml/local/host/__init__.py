"""What a run needs of this machine: processes, folders, environments, limits."""
