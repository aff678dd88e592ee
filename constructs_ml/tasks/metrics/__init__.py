"""Reading of metrics that a job wrote: ``read`` has the state, ``place`` the object that it reads and the permissions."""
