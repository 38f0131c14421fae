"""Measures Dido beside a peer in one run; `make bench`. Ratios, never assertions: machines are shared and noisy."""
