"""How fast the pager is: from a commit to the provider's door, many at once, and with many open."""
