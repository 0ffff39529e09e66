"""Business rules that can be checked: a sentence for people and a predicate on the record and the arguments."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tdscaling.config.simulation import RuleSettings
from tdscaling.environments.simulated.texts import START
from tdscaling.types import JsonObject, JsonValue


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule on some tools. Not `enforced`: the service lets it pass, it is the assistant who has to heed it."""

    text: str
    tools: frozenset[str]
    settings: RuleSettings
    enforced: bool

    def allows(self, record: Mapping[str, JsonValue], arguments: JsonObject) -> bool:
        """Whether a call on a record keeps the rule; a value that is missing breaks it."""
        wanted = self.settings
        value = arguments.get(wanted.argument) if wanted.argument else record.get(wanted.field)
        if value is None:
            return wanted.argument != ""
        if wanted.equals is not None and value != wanted.equals:
            return False
        if wanted.one_of and value not in wanted.one_of:
            return False
        if wanted.within_days is not None and not _within(value, wanted.within_days):
            return False
        return _bounded(value, wanted.at_least, wanted.at_most)


def rule(settings: RuleSettings) -> Rule:
    return Rule(settings.text, frozenset(settings.tools), settings, settings.enforced_by == "service")


def _within(value: JsonValue, days: int) -> bool:
    try:
        moment = datetime.fromisoformat(str(value).replace("Z", ""))
    except ValueError:
        return False
    return (START - moment.replace(tzinfo=None)).days <= days


def _bounded(value: JsonValue, low: float | None, high: float | None) -> bool:
    if low is None and high is None:
        return True
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return (low is None or value >= low) and (high is None or value <= high)
