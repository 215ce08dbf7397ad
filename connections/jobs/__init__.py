"""Work in the background: what is due is in rows, and whoever does it holds a lease on them."""
