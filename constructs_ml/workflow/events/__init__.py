"""EventBridge rules on what becomes of jobs."""
