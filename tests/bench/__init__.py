"""The benchmark: what a request costs, beside an ordinary stack. Not collected by pytest."""
