"""A config file becomes a checked model, or one line that names what is wrong."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from tdscaling.config.load import load, parse
from tdscaling.config.run import RunConfig
from tdscaling.config.sandbox import SandboxSettings
from tdscaling.errors import ConfigError

SMALLEST = "sources: [servers.json]\n"


def wrong(folder: Path, text: str, *overrides: str) -> str:
    """The one line that a config is refused with."""
    path = folder / "run.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path, RunConfig, overrides)
    line = str(caught.value)
    assert "\n" not in line
    return line


def models(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """A model and those inside it."""
    found = {model.__name__: model}
    for field in model.model_fields.values():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            found |= models(field.annotation)
    return found


@pytest.mark.requirement("config.smallest")
def test_one_line_is_a_config(tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text(SMALLEST, encoding="utf-8")
    config = load(tmp_path / "run.yaml", RunConfig)
    assert config.sources == ("servers.json",)
    assert config == RunConfig(sources=("servers.json",))
    assert config.roles.assistant == "procedural"


@pytest.mark.requirement("config.typo")
@pytest.mark.parametrize(
    ("line", "unknown", "nearest"),
    [
        ("trajectorys: 3", "trajectorys", "trajectories"),
        ("source: [a]", "source", "sources"),
        ("sead: 3", "sead", "seed"),
        ("environment: {seed_file: [x]}", "environment.seed_file", "seed_files"),
        ("environment: {call_time_out: 3}", "environment.call_time_out", "call_timeout"),
        ("roles: {planer: procedural}", "roles.planer", "planner"),
        ("exploration: {trys: 3}", "exploration.trys", "tries"),
        ("episodes: {user_turn: 3}", "episodes.user_turn", "user_turns"),
        ("environment: {probes: {kg: [{tool: t, argument: {}}]}}", "environment.probes.kg.0.argument", "arguments"),
        ("environment: {probes: {tool: [{tool: t, args: {}}]}}", "environment.probes.tool.0.args", "arguments"),
    ],
)  # fmt: skip
def test_a_typo_names_the_field_and_the_nearest_valid_one(
    tmp_path: Path, line: str, unknown: str, nearest: str
) -> None:
    found = wrong(tmp_path, f"{SMALLEST}{line}\n")
    assert f"unknown field {unknown!r}; did you mean {nearest!r}?" in found
    assert str(tmp_path / "run.yaml") in found


@pytest.mark.requirement("config.typo")
def test_a_field_like_no_other_is_answered_with_the_fields_there_are(tmp_path: Path) -> None:
    said = wrong(tmp_path, f"{SMALLEST}roles: {{zzz: 1}}")
    assert "fields there: assistant, judge, monitor, planner, simulator, user" in said


@pytest.mark.requirement("config.types")
@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("trajectories: many", "trajectories"),
        ("trajectories: 0", "trajectories"),
        ("seed: -1", "seed"),
        ("seed: 1.5", "seed"),
        ("trajectories: true", "trajectories"),
        ('seed: "7"', "seed"),
        ("seed: 7.0", "seed"),
        ("give_up: true", "give_up"),
        ("seed: 2024-01-01", "seed"),
        ("environment: {worlds: yes}", "environment.worlds"),
        ("sandbox: {limits: {processes: true}}", "sandbox.limits.processes"),
        ("sources: servers.json", "sources"),
        ("sources: []", "sources"),
        ("sources: [1]", "sources.0"),
        ("roles: procedural", "roles"),
        ("roles: {user: [a]}", "roles.user"),
        ("environment:", "environment"),
        ("environment: {worlds: 0}", "environment.worlds"),
        ("environment: {ignore: ['*.pyc', 7]}", "environment.ignore.1"),
        ("environment: {probes: {memory: [{arguments: {}}]}}", "environment.probes.memory.0.tool"),
        ("give_up: .nan", "give_up"),
        ("domains: [a]", "domains"),
        ('domains: {desk: ""}', "domains.desk"),
        ("{}", "sources"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(tmp_path: Path, line: str, place: str) -> None:
    text = line if line.startswith(("sources", "{")) else SMALLEST + line
    assert f"run.yaml: {place}: " in wrong(tmp_path, text)


@pytest.mark.requirement("config.file")
@pytest.mark.parametrize("text", ["", "- a\n- b", "just words", "7", "# a comment"])
def test_a_file_that_holds_no_fields_is_said(tmp_path: Path, text: str) -> None:
    assert "must hold fields" in wrong(tmp_path, text)


@pytest.mark.requirement("config.file")
@pytest.mark.parametrize(
    "text", ["sources: [a", "sources: [a]\n\tseed: 1", "a: b: c", "? [x]\n: 1", "a: " + "[" * 4000]
)
def test_a_file_that_is_no_yaml_is_said(tmp_path: Path, text: str) -> None:
    assert "is no valid YAML" in wrong(tmp_path, text)


@pytest.mark.requirement("config.file")
def test_a_missing_file_a_folder_and_bytes_are_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml does not exist"):
        load(tmp_path / "none.yaml", RunConfig)
    with pytest.raises(ConfigError, match="can't be read"):
        load(tmp_path, RunConfig)
    (tmp_path / "run.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="can't be read"):
        load(tmp_path / "run.yaml", RunConfig)


@pytest.mark.requirement("config.repeated")
@pytest.mark.parametrize(
    ("text", "key", "lines"),
    [
        ("sources: [a]\nseed: 1\nsources: [b]\n", "sources", "lines 1 and 3"),
        ("sources: [a]\nenvironment:\n  worlds: 1\n  slots: 2\n  worlds: 1\n", "worlds", "lines 3 and 5"),
        ("sources: [a]\nroles: {user: procedural, user: procedural}\n", "user", "lines 2 and 2"),
        ("sources: [a]\nenvironment: {probes: {s: [{tool: x, tool: y}]}}\n", "tool", "lines 2 and 2"),
    ],
)
def test_a_key_that_stands_twice_is_named_with_its_lines(tmp_path: Path, text: str, key: str, lines: str) -> None:
    assert f"the key {key!r} stands twice, in {lines}" in wrong(tmp_path, text)


@pytest.mark.requirement("config.repeated")
def test_a_key_twice_in_an_override_is_said_and_an_anchor_used_twice_is_not(tmp_path: Path) -> None:
    assert "--set domains={a: b, a: c}: the key 'a' stands twice" in wrong(tmp_path, SMALLEST, "domains={a: b, a: c}")
    text = "sources: [a]\nenvironment: {read_paths: {x: &p [/a], y: *p}, write_paths: {<<: {x: [/a]}, x: [/b]}}\n"
    (tmp_path / "run.yaml").write_text(text, encoding="utf-8")
    config = load(tmp_path / "run.yaml", RunConfig)
    assert (config.environment.read_paths["y"], config.environment.write_paths["x"]) == (("/a",), ("/b",))


@pytest.mark.requirement("config.types")
def test_a_value_that_holds_itself_is_said(tmp_path: Path) -> None:
    assert "a value holds itself" in wrong(tmp_path, "sources: &a [*a]\n")


@pytest.mark.requirement("config.overrides")
def test_overrides_set_fields_at_any_depth_and_the_last_one_wins(tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text(f"{SMALLEST}seed: 1\n", encoding="utf-8")
    overrides = ("seed=2", "seed=3", "environment.worlds=4", "sources=[b, c]", "domains.git=vcs", "give_up=2.5",
                 "environment.seed_command=[sh, -c, 'a=b']")  # fmt: skip
    config = load(tmp_path / "run.yaml", RunConfig, overrides)
    assert (config.seed, config.sources, config.give_up) == (3, ("b", "c"), 2.5)
    assert config.environment.worlds == 4
    assert config.environment.seed_command == ("sh", "-c", "a=b")
    assert config.domains == {"git": "vcs"}


@pytest.mark.requirement("config.overrides")
@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("seed", "--set takes FIELD=VALUE, not 'seed'"),
        ("=3", "--set takes FIELD=VALUE"),
        ("trajectorie=3", "did you mean 'trajectories'?"),
        ("environment.world=3", "did you mean 'worlds'?"),
        ("sources.x=3", "'sources' holds no fields"),
        ("seed=x", "seed: "),
        ("sources={", "sources: "),
    ],
)
def test_a_wrong_override_is_said(tmp_path: Path, override: str, said: str) -> None:
    assert said in wrong(tmp_path, SMALLEST, override)


@pytest.mark.requirement("config.types")
@given(st.dictionaries(st.sampled_from([*RunConfig.model_fields, "x"]), st.none() | st.lists(st.text()) | st.floats()))
def test_whatever_is_wrong_with_a_mapping_is_said_in_a_line(document: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=r"^here: "):
        parse({**document, "x": 1}, RunConfig, "here")


@pytest.mark.requirement("config.documented")
@pytest.mark.parametrize(
    "model", [*models(RunConfig).values(), *models(SandboxSettings).values()], ids=lambda m: m.__name__
)
def test_every_field_says_what_it_is(model: type[BaseModel]) -> None:
    for name, field in model.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name
        assert "\n" not in field.description, name


@pytest.mark.requirement("config.safe")
def test_a_config_runs_no_code(tmp_path: Path) -> None:
    target = tmp_path / "touched"
    text = f"sources: !!python/object/apply:pathlib.Path.touch [!!python/object/apply:pathlib.Path ['{target}']]"
    assert "is no valid YAML" in wrong(tmp_path, text)
    assert not target.exists()
