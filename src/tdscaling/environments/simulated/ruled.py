"""Whether business rules speak of what there is: a name that is wrong is answered with the nearest right one."""

from collections.abc import Mapping, Sequence

from tdscaling.config.simulation import RuleSettings
from tdscaling.environments.simulated.infer import infer
from tdscaling.environments.simulated.overrides import Overrides, corrected, must_be
from tdscaling.errors import ConfigError
from tdscaling.types import Tool

_NO_RECORD = ("create", "link", "list", "count")
"""Kinds of tools that are called on no one record, whose fields a rule could look at."""


def check_rules(rules: Mapping[str, Sequence[RuleSettings]], tools: Sequence[Tool], overrides: Overrides) -> None:
    """Of the servers whose tools are given: each rule's tools must be among them, and its field or argument must be
    known to each of these; a field needs a record that is called on. Raises ConfigError."""
    for server, bound in rules.items():
        offered = {tool.name: tool for tool in tools if tool.server == server}
        if not offered:
            continue
        model = corrected(infer(list(offered.values())), overrides)
        for number, rule in enumerate(bound):
            where = f"simulation.rules.{server}.{number}"
            for name in rule.tools:
                must_be(name, offered, f"{where}.tools")
                operation = model.operations[name]
                if rule.argument:
                    if arguments := _arguments(offered[name]):
                        must_be(rule.argument, arguments, f"{where}.argument ({name})")
                elif rule.field and operation.kind != "none":
                    must_be(rule.field, model.entities[operation.entity].fields, f"{where}.field ({name})")
                    if operation.kind in _NO_RECORD:
                        raise ConfigError(f"{where}.field ({name}): it is called on no record; name an `argument`")


def _arguments(tool: Tool) -> Mapping[str, object]:
    """The arguments of a tool by name; none where its schema names them in another way than by listing them."""
    listed = tool.input_schema.get("properties")
    composed = {"$ref", "allOf", "anyOf", "oneOf"} & tool.input_schema.keys()
    return listed if isinstance(listed, dict) and not composed else {}
