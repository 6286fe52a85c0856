"""The catalogue: published sizes, folders in place of the hub, and a hub that is out of reach."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from transformers import (
    M2M100Config,
    M2M100ForConditionalGeneration,
    MBartConfig,
    MBartForConditionalGeneration,
    MT5Config,
    MT5ForConditionalGeneration,
)

from xlsearch.config.sources import Sources
from xlsearch.errors import UserError
from xlsearch.models.architecture import Architecture
from xlsearch.models.catalogue import find_model
from xlsearch.models.hub import HUB_MODELS
from xlsearch.models.loading import load_model
from xlsearch.runs.content import ContentStore

# Sizes in the published configuration files.
PUBLISHED = {
    "mt5-base": MT5Config(vocab_size=250112, d_model=768, d_kv=64, d_ff=2048, num_layers=12,
                          num_heads=12, tie_word_embeddings=False),
    "mt5-large": MT5Config(vocab_size=250112, d_model=1024, d_kv=64, d_ff=2816, num_layers=24,
                           num_heads=16, tie_word_embeddings=False),
    "mbart": MBartConfig(vocab_size=250054, d_model=1024, encoder_layers=12, decoder_layers=12,
                         encoder_ffn_dim=4096, decoder_ffn_dim=4096, encoder_attention_heads=16,
                         decoder_attention_heads=16),
    "nllb": M2M100Config(vocab_size=256206, d_model=1024, encoder_layers=12, decoder_layers=12,
                         encoder_ffn_dim=4096, decoder_ffn_dim=4096, encoder_attention_heads=16,
                         decoder_attention_heads=16),
    "nllb-3.3b": M2M100Config(vocab_size=256206, d_model=2048, encoder_layers=24,
                              decoder_layers=24, encoder_ffn_dim=8192, decoder_ffn_dim=8192,
                              encoder_attention_heads=16, decoder_attention_heads=16),
}  # fmt: skip
CLASSES = {
    "mt5": MT5ForConditionalGeneration,
    "mbart": MBartForConditionalGeneration,
    "nllb": M2M100ForConditionalGeneration,
}


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-4])


def change_size(folder: Path, name: str, value: object) -> None:
    file = folder / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), name: value}))


@pytest.mark.parametrize("name", PUBLISHED)
def test_weights_are_counted_as_the_real_class_has_them(name: str) -> None:
    entry = HUB_MODELS[name]
    with torch.device("meta"):
        model = CLASSES[entry.family](PUBLISHED[name])
    count = sum(parameter.numel() for parameter in model.parameters())
    if entry.family == "mt5" and model.lm_head.weight is model.shared.weight:
        count += model.lm_head.weight.numel()  # published mT5 models have an output layer
    assert entry.parameters == pytest.approx(count, rel=0.01)


def test_the_catalogue_is_the_papers_table() -> None:
    assert {model.name: (model.hub_id, model.input_limit) for model in HUB_MODELS.values()} == {
        "mt5-base": ("google/mt5-base", 512),
        "mt5-large": ("google/mt5-large", 512),
        "mbart": ("facebook/mbart-large-50", 1024),
        "mbart-tr": ("facebook/mbart-large-50-many-to-many-mmt", 1024),
        "nllb": ("facebook/nllb-200-distilled-600M", 512),
        "nllb-3.3b": ("facebook/nllb-200-3.3B", 512),
    }
    assert find_model("mt5", "paper").name == "mt5-base"


@pytest.mark.parametrize("family", ["mbart", "mt5", "nllb"])
def test_a_folder_takes_the_place_of_the_hub(
    family: str, small_models: dict[str, Path], tmp_path: Path
) -> None:
    folder = small_models[family]
    entry = find_model(None, "paper", Sources(model_path=folder))
    assert (entry.name, entry.family, entry.hub_id) == (f"small-{family}", family, None)
    assert entry.obtain(ContentStore(tmp_path), 0) == folder.resolve()
    matrices = [
        parameter.numel()
        for name, parameter in load_model(folder).named_parameters()
        if parameter.ndim == 2 and not ("positions" in name or "relative" in name)
    ]
    assert entry.parameters == sum(matrices)
    limits = {"mbart": 1024, "mt5": 512, "nllb": 512}
    assert entry.input_limit == limits[family]


def test_a_folder_is_named_by_its_content(small_models: dict[str, Path], tmp_path: Path) -> None:
    def name(folder: Path) -> str:
        return find_model(None, "paper", Sources(model_path=folder)).checkpoint_name(0)

    copy = tmp_path / "elsewhere"
    shutil.copytree(small_models["mbart"], copy)
    assert name(copy) == name(small_models["mbart"])
    (copy / "README.md").write_text("notes")
    assert name(copy) == name(small_models["mbart"])
    weights = copy / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert name(copy) != name(small_models["mbart"])


def test_a_name_of_the_catalogue_keeps_its_limit_and_family(
    small_models: dict[str, Path],
) -> None:
    entry = find_model("mbart-tr", "paper", Sources(model_path=small_models["mbart"]))
    assert (entry.name, entry.input_limit) == ("mbart-tr", 1024)
    with pytest.raises(UserError, match="family mt5, but model 'mbart' is of family mbart"):
        find_model("mbart", "paper", Sources(model_path=small_models["mt5"]))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda folder: (folder / "config.json").unlink(), "has no config.json"),
        (lambda folder: (folder / "config.json").write_text("[1]"), "is not a JSON object"),
        (lambda folder: (folder / "config.json").write_text("{"), "is not a JSON object"),
        (
            lambda folder: (folder / "config.json").write_text('{"model_type": "bert"}'),
            "model type 'bert'; valid: mbart, mt5, m2m_100",
        ),
        (
            lambda folder: (folder / "config.json").write_text(json.dumps({"model_type": "mbart"})),
            "wrong or missing size 'd_model'",
        ),
        (lambda folder: (folder / "model.safetensors").unlink(), "has no weights"),
        (lambda folder: cut(folder / "model.safetensors"), r"has no whole model\.safetensors"),
        (
            lambda folder: (folder / "model.safetensors").write_bytes(b"weights"),
            r"has no whole model\.safetensors",
        ),
        (lambda folder: change_size(folder, "d_model", None), "wrong or missing size 'd_model'"),
        (lambda folder: change_size(folder, "encoder_layers", "x"), "size 'encoder_layers'"),
        (
            lambda folder: (folder / "model.safetensors.index.json").write_text(
                '{"weight_map": {"a": "model-00001-of-00002.safetensors"}}'
            ),
            "has no model-00001-of-00002.safetensors, which",
        ),
        (lambda folder: (folder / "sentencepiece.bpe.model").unlink(), "has no tokenizer"),
        (shutil.rmtree, "is not a folder"),
    ],
)
def test_a_folder_that_holds_no_model(
    change: object, said: str, small_models: dict[str, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(small_models["mbart"], folder)
    change(folder)  # type: ignore[operator]
    with pytest.raises(UserError, match=said):
        find_model(None, "paper", Sources(model_path=folder))


def test_a_hub_out_of_reach_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(UserError, match=r"facebook/mbart-large-50 .*--model-path"):
        find_model("mbart", "paper").checkpoint_name(0)


def test_models_of_the_wrong_scale(small_models: dict[str, Path]) -> None:
    with pytest.raises(UserError, match="--model-path is for the paper scale"):
        find_model("mbart", "pocket", Sources(model_path=small_models["mbart"]))
    with pytest.raises(UserError, match=r"valid: .*nllb"):
        find_model("llama", "paper")
    with pytest.raises(UserError, match="give --model"):
        find_model(None, "paper")


@pytest.fixture
def hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the hub's library, on a machine without a network."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    return tmp_path


def cached(cache: Path, model: Path, commit: str) -> Path:
    """Puts a model into the cache as facebook/mbart-large-50, whose main branch is at a commit."""
    repository = cache / "models--facebook--mbart-large-50"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(commit)
    shutil.copytree(model, repository / "snapshots" / commit)
    return repository / "snapshots" / commit


def test_what_was_fetched_once_needs_no_network(
    hub_cache: Path, small_models: dict[str, Path], tmp_path: Path
) -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    folder = cached(hub_cache, small_models["mbart"], commit)
    entry = find_model("mbart", "paper")
    assert entry.checkpoint_name(0) == f"facebook/mbart-large-50@{commit}"
    assert entry.obtain(ContentStore(tmp_path), 0) == folder


@pytest.mark.parametrize("part", ["model.safetensors", "sentencepiece.bpe.model"])
def test_a_download_that_was_cut_off_is_not_taken_for_a_model(
    part: str, hub_cache: Path, small_models: dict[str, Path]
) -> None:
    folder = cached(hub_cache, small_models["mbart"], "0" * 40)
    (folder / part).unlink()
    with pytest.raises(UserError, match="can't fetch facebook/mbart-large-50"):
        find_model("mbart", "paper").checkpoint_name(0)


def test_a_decoder_may_have_layers_of_its_own(
    small_models: dict[str, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "shallow"
    shutil.copytree(small_models["mbart"], folder)
    change_size(folder, "decoder_layers", 1)
    shallow = find_model(None, "paper", Sources(model_path=folder)).architecture
    deep = find_model(None, "paper", Sources(model_path=small_models["mbart"])).architecture
    assert shallow is not None
    assert deep is not None
    assert shallow.encoder == deep.encoder
    assert 2 * shallow.decoder == deep.decoder


def test_operations_are_those_of_the_matrices() -> None:
    """Counted by hand for a batch of one token on each side, in multiply-adds."""
    sizes = Architecture(4, 4, 8, 1, 10, gated=False, tied=True)
    encoder = 4 * 4 * 4 + 2 * 4 * 8
    attended = 2 * 1 * 4  # one query meets one key, and one value
    keys_and_values = 2 * 4 * 4  # of cross-attention, from the source token
    decoder = 4 * 4 * 4 + 2 * 4 * 4 + 2 * 4 * 8  # itself, queries and outputs across, forward
    forward = encoder + attended + keys_and_values + decoder + 4 * 10
    assert sizes.training_operations(1, 1, 1) == 3 * 2 * forward
