"""The real specifications and corpora are read whole."""

import asyncio
import json
from pathlib import Path

import pytest
from jsonschema.validators import Draft202012Validator

from tdscaling.catalog import CatalogReport, Limits, build
from tdscaling.catalog.validity import published_problem

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"
pytestmark = [
    pytest.mark.corpora,
    pytest.mark.slow,
    pytest.mark.skipif(not CORPORA.is_dir(), reason="../shared/corpora is absent"),
]


@pytest.fixture(scope="module")
def specs() -> CatalogReport:
    return asyncio.run(build([CORPORA / "openapi-small"]))


@pytest.mark.requirement("catalog.real", "catalog.openapi")
def test_every_operation_of_74_specifications_is_one_tool_of_74_servers(specs: CatalogReport) -> None:
    assert len(specs.tools) == 6_678
    assert specs.servers == 74
    assert specs.problems == ()
    assert sum("x-links" in tool.annotations for tool in specs.tools) == 21
    assert specs.with_output > 5_600


@pytest.mark.requirement("catalog.real", "catalog.finite")
def test_every_schema_of_the_specifications_is_valid_finite_and_without_references(specs: CatalogReport) -> None:
    for number, tool in enumerate(specs.tools):
        for schema in (tool.input_schema, tool.output_schema or {}):
            assert published_problem(schema) == "", tool.key
            assert '"$ref": "' not in json.dumps(schema)
            assert _nodes(schema) <= Limits().nodes
            if number % 40 == 0:
                Draft202012Validator.check_schema(dict(schema))


@pytest.mark.requirement("catalog.real", "catalog.request")
def test_every_property_of_a_request_says_where_it_goes(specs: CatalogReport) -> None:
    places = {"path", "query", "header", "cookie", "body", "form", "whole-body"}
    for tool in specs.tools:
        properties = tool.input_schema["properties"]
        assert isinstance(properties, dict)
        assert all(entry["x-in"] in places for entry in properties.values()), tool.key


@pytest.mark.requirement("catalog.real", "catalog.corpus")
async def test_the_corpus_gives_all_its_tools_but_the_19_whose_schema_is_not_json_schema() -> None:
    report = await build([CORPORA / "mcp-tools.jsonl.gz"])
    assert len(report.tools) == 26_939
    assert len(report.problems) == 19
    assert all("input_schema is not valid" in problem.reason for problem in report.problems)


def _nodes(schema: object) -> int:
    if not isinstance(schema, dict):
        return 0
    children = [*schema.get("properties", {}).values(), *schema.get("anyOf", []), *schema.get("prefixItems", [])]
    children += [*schema.get("patternProperties", {}).values(), schema.get("items"), schema.get("additionalProperties")]
    return 1 + sum(map(_nodes, children))
