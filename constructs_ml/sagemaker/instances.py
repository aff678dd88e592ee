"""What is known of instance types."""

from __future__ import annotations

_LOCAL_STORAGE = ("g5", "g6", "g7e", "p5", "p6-b200", "trn1", "trn2")


def has_local_storage(instance_type: str) -> bool:
    """Whether instances have disks of their own, so that no volume is made for them and no key is taken for it.

    They are those with a ``d`` in their family (c5d, g4dn, p4d), and some others. Source: VolumeKmsKeyId of
    ProcessingClusterConfig, ResourceConfig and TransformResources in the API; the families are those for which the SageMaker
    SDK leaves the key out.

    Args:
        instance_type: Such as ``ml.g5.xlarge``.
    """
    parts = instance_type.split(".")
    family = parts[1] if len(parts) == 3 and parts[0] == "ml" else ""  # noqa: PLR2004 - ml.FAMILY.SIZE
    return "d" in family or family.startswith(_LOCAL_STORAGE)
