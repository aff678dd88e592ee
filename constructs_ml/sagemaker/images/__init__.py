"""The container images that AWS publishes for SageMaker, with their account in each region."""

from constructs_ml.sagemaker.images.image import Image, UnknownImageError
from constructs_ml.sagemaker.images.lookup import find_image, frameworks

__all__ = ["Image", "UnknownImageError", "find_image", "frameworks"]
