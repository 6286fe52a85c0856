"""The table of methods: checked without torch, and open to plugins."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from xlsearch.adaptation import registry
from xlsearch.adaptation.registry import METHODS, check_method, load_method
from xlsearch.errors import UserError
from xlsearch.plugins import load_plugins

PLUGIN = """
from pydantic import Field
from xlsearch.plugins import AdaptationMethod, register_method

class Last(AdaptationMethod):
    name = "last"
    layers: int = Field(default=1, ge=1)

    def prepare(self, model):
        model.requires_grad_(False)
        model.get_decoder().layers[-self.layers:].requires_grad_(True)
        return model

register_method(Last)
"""


@pytest.mark.parametrize("name", METHODS)
def test_names_agree_and_what_is_trained_on_adds_up(name: str) -> None:
    method = load_method(name)
    assert method.name == name
    shares = method.shares("en", ["fr", "de"])
    assert sum(share.weight for share in shares) == pytest.approx(1)


def test_names_and_numbers_are_checked_without_torch() -> None:
    code = (
        "import sys\n"
        "from xlsearch.adaptation.registry import METHODS, load_method\n"
        "for name in ('full', 'freeze', 'adapters', 'prompt', 'lora'):\n"
        "    load_method(name)\n"
        "print({'torch', 'transformers', 'peft'} & sys.modules.keys())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


@pytest.mark.parametrize(
    ("name", "numbers", "said"),
    [
        ("promt", {}, "unknown method 'promt'"),
        ("prompt", {"length": 0}, "the search space: methods.prompt: length: .*greater than"),
        ("adapters", {"size": 3}, "unknown key 'size': did you mean 'dimension'"),
        ("lora", {"dropout": 1.0}, "methods.lora: dropout: .*less than 1"),
        ("full", {"length": 3}, "methods.full: unknown key 'length'"),
    ],
)
def test_wrong_names_and_numbers(name: str, numbers: dict[str, float], said: str) -> None:
    with pytest.raises(UserError, match=said):
        load_method(name, numbers)


def test_a_method_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "METHODS", dict(METHODS))
    (tmp_path / "own.py").write_text(PLUGIN)
    load_plugins([tmp_path / "own.py"])
    assert check_method("last") == "last"
    assert load_method("last", {"layers": 2}).model_dump() == {"layers": 2}
    (tmp_path / "other.py").write_text(PLUGIN + "# another file\n")
    with pytest.raises(UserError, match="there is a method 'last' already"):
        load_plugins([tmp_path / "other.py"])
