"""What Winnow costs and finds, beside its peers: see `benchmarks.__main__`."""

import core  # noqa: F401  before numpy and Arrow, as wherever Winnow runs: it chooses how they work
