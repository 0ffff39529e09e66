"""Names, words and texts that seeded worlds are made of: drawn once from Faker, chosen from by each world's own
seed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from faker import Faker

_SIZE = 160


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Lists to choose from."""

    people: tuple[str, ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    companies: tuple[str, ...]
    cities: tuple[str, ...]
    streets: tuple[str, ...]
    countries: tuple[str, ...]
    jobs: tuple[str, ...]
    adjectives: tuple[str, ...]
    nouns: tuple[str, ...]
    topics: tuple[str, ...]
    products: tuple[str, ...]
    sentences: tuple[str, ...]


_ADJECTIVES = (
    "annual quarterly northern southern central regional urban digital compact premium basic mobile public internal "
    "spring summer autumn winter early late open rapid silver golden blue green red amber coastal alpine modern classic"
).split()
_NOUNS = (
    "budget report survey rollout audit campaign migration onboarding review training warehouse catalogue contract "
    "launch newsletter forecast roadmap inventory payroll outage upgrade renewal workshop partnership archive handbook "
    "delivery invoice release pilot refit inspection"
).split()
_GOODS = (
    "lamp desk chair kettle backpack notebook headset monitor keyboard bottle jacket helmet tent speaker router mug"
).split()
_STUFF = "oak steel cotton bamboo ceramic leather carbon linen walnut copper canvas glass".split()
_DID = "reviewed approved postponed confirmed updated questioned finished started".split()
_WHO = "The team|Finance|Support|The vendor|Operations|The client|Sales|The supplier".split("|")
_WHEN = "on Monday|this week|after the call|before the audit|last quarter|in the morning|for the second time".split("|")


@cache
def vocabulary() -> Vocabulary:
    """The lists, always the same."""
    fake = Faker("en_US")
    fake.seed_instance(20)

    def some(make: Callable[[], str], size: int = _SIZE) -> tuple[str, ...]:
        return tuple(dict.fromkeys(make() for _ in range(size)))

    return Vocabulary(
        people=some(lambda: f"{fake.first_name()} {fake.last_name()}"),
        first_names=some(fake.first_name),
        last_names=some(fake.last_name),
        companies=some(fake.company),
        cities=some(fake.city),
        streets=some(fake.street_address),
        countries=("US", "GB", "DE", "FR", "ES", "NL", "SE", "JP", "BR", "CA", "AU", "IN"),
        jobs=some(fake.job, 80),
        adjectives=tuple(_ADJECTIVES),
        nouns=tuple(_NOUNS),
        topics=tuple(f"{one.capitalize()} {two}" for one in _ADJECTIVES for two in _NOUNS),
        products=tuple(
            f"{one.capitalize()} {stuff} {two}" for one in _ADJECTIVES[:10] for stuff in _STUFF for two in _GOODS
        ),
        sentences=tuple(
            f"{who} {did} the {noun} {when}." for who in _WHO for did in _DID for noun in _NOUNS[:8] for when in _WHEN
        ),
    )


PEOPLE = frozenset(
    "user customer contact employee member person author patient student teacher owner assignee client guest doctor "
    "agent lead candidate recipient attendee worker player artist subscriber host driver manager participant".split()
)
FIRMS = frozenset(
    "company organization vendor supplier merchant account business team tenant workspace publisher".split()
)
GOODS = frozenset("product item sku variant good article part asset listing".split())
KINDS: Mapping[str, str] = {
    **dict.fromkeys(PEOPLE, "person"), **dict.fromkeys(FIRMS, "firm"), **dict.fromkeys(GOODS, "good"),
}  # fmt: skip
"""By the head noun of an entity: what names of it look like."""
