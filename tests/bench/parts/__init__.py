"""The parts of the benchmark, each a module with `measure(house, effort)`; `make bench ARGS=PART` picks one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """How long it may take: rounds of each comparison, and whether it is a quick try with a crowd of a tenth."""

    rounds: int
    quick: bool

    def boards(self, full: int) -> int:
        """The size of a crowd."""
        return full // 10 if self.quick else full

    def times(self, full: int) -> int:
        """How often something is done in one round."""
        return max(3, full // 5) if self.quick else full
