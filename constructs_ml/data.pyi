from .core.enums import Compression as Compression
from .core.enums import Distribution as Distribution
from .core.enums import InputMode as InputMode
from .core.enums import UploadMode as UploadMode
from .core.model_data import ModelData as ModelData
from .core.s3_data import S3Data as S3Data
from .core.s3_data import S3DataType as S3DataType
