"""A state of the model registry before it is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.core.spec import Draft

if TYPE_CHECKING:
    from constructs_ml.core.image import BoundImage, ContainerImage


class RegistryDraft(Draft):
    """Collects the request of a state of the model registry."""

    def image(self, image: ContainerImage) -> BoundImage | None:
        """An image for inference. The role of the model that is made of the package pulls it, so no role is granted it here."""
        return image.bind(self.home, scope="inference", instance_type=None, faults=self.faults)
