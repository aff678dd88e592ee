"""What a job and its state machine may do, derived from what the job declares; plain Python."""
