"""``python -m constructs_ml.cli``."""

from constructs_ml.cli import main

if __name__ == "__main__":
    main()
