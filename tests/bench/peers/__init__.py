"""The servers that Dido is measured beside, each written by us on its public package. For `make bench` alone."""
