import gc
import sys

from core.cli import main

if __name__ == "__main__":
    status = main(sys.argv[1:])
    gc.freeze()  # at its end Python would look through pandas once more, for a tenth of a second
    sys.exit(status)
