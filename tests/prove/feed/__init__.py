"""The feed's proofs: real web processes, real sockets, and whatever can go wrong between them and a screen."""
