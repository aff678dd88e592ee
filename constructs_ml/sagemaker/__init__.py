"""What SageMaker takes and gives, as plain data: requests, results and images. Imports neither aws_cdk nor botocore."""
