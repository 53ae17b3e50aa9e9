"""The parameters of the stack that the environment sets."""

from pathlib import Path

import pytest

from infra.local.settings.parameters import stack_parameters
from infra.names import PARAMETERS


def test_each_variable_sets_its_parameter() -> None:
    environ = {
        "LOG_LEVEL": "debug", "TELEGRAM_RATE_LIMIT": "0.5", "ENABLE_PROMETHEUS": "False",
        "AI_ENABLED": "TRUE", "AI_MODEL_PATH": "/m/model.json",
        "OLLAMA_BASE_URL": "http://localhost:11434", "OLLAMA_MODEL": "tiny",
    }  # fmt: skip
    found = stack_parameters(environ)
    assert found == {
        "LogLevel": "DEBUG", "TelegramRateLimit": "0.5", "EnablePrometheus": "false",
        "AiEnabled": "true", "AiModelPath": "/m/model.json",
        "OllamaBaseUrl": "http://localhost:11434", "OllamaModel": "tiny",
    }  # fmt: skip
    assert found.keys() <= set(PARAMETERS)


@pytest.mark.parametrize("environ", [{}, {"LOG_LEVEL": " "}, {"AI_MODEL_PATH": "model.json"}])
def test_what_is_not_set_keeps_the_default(environ: dict[str, str]) -> None:
    assert stack_parameters(environ) == {}


def test_a_path_is_of_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = stack_parameters({"AI_ENABLED": "1", "AI_MODEL_PATH": "model.json"})
    assert found == {"AiEnabled": "true", "AiModelPath": str(tmp_path / "model.json")}
