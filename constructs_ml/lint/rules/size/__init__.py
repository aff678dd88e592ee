"""Rules about the quotas of Step Functions and CloudFormation."""
