"""Check the documents that come with the product, as `make check` and `make build` do; exit code 1 with the fault."""

import sys

from extract.dialects.catalogue import shipped

if __name__ == "__main__":
    try:
        shipped().check()
    except ValueError as error:
        sys.exit(str(error))
