"""The hard caps: nothing is asked for that could go beyond them."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

from tdscaling.llm.failures import BudgetError
from tdscaling.llm.protocol import Usage


class Reservation:
    """What a request could cost at worst, until it is known what it did cost."""

    def __init__(self, worst: Usage) -> None:
        self.worst = worst
        self.spent = Usage()


class Budget:
    """Tokens and money of a run. `spent` starts with what earlier calls of the run have paid."""

    def __init__(self, tokens: int | None, cost: float | None, spent: Usage) -> None:
        self._tokens = tokens
        self._cost = cost
        self.spent = spent
        self._at_work = 0
        self._reserved_tokens = 0
        self._reserved_cost = 0.0
        self._settled = asyncio.Event()

    async def reserve(self, worst: Usage) -> Reservation:
        """Room for a request that takes `worst` at most; waits for requests at work to show what they took where
        that decides it. Raises BudgetError when there is no room.
        """
        while not self._fits(worst):
            if not self._at_work:
                raise BudgetError(
                    f"the budget is reached: {self._said(worst)}; raise it and run the same command again"
                )
            self._settled.clear()
            await self._settled.wait()
        self._at_work += 1
        self._reserved_tokens += worst.tokens
        self._reserved_cost += worst.cost
        return Reservation(worst)

    @contextmanager
    def using(self, reservation: Reservation) -> Generator[None]:
        """Settles a reservation when the request is over, however it ends."""
        try:
            yield
        finally:
            self._at_work -= 1
            self._reserved_tokens -= reservation.worst.tokens
            self._reserved_cost = self._reserved_cost - reservation.worst.cost if self._at_work else 0.0
            self.spent += reservation.spent
            self._settled.set()

    def _fits(self, worst: Usage) -> bool:
        tokens = self.spent.tokens + self._reserved_tokens + worst.tokens
        cost = self.spent.cost + self._reserved_cost + worst.cost
        return (self._tokens is None or tokens <= self._tokens) and (self._cost is None or cost <= self._cost)

    def _said(self, worst: Usage) -> str:
        parts: list[str] = []
        if self._tokens is not None:
            parts.append(f"{self.spent.tokens:,} of {self._tokens:,} tokens")
        if self._cost is not None:
            parts.append(f"{self.spent.cost:.4g} of {self._cost:g} in money")
        return f"{' and '.join(parts)} are spent, the next request may take {worst.tokens:,} tokens more"
