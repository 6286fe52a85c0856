"""Files for clusters: valid by the schemas of those who read them, and safe by what they say."""

from __future__ import annotations

import gzip
import json
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import ray
import yaml
from click.testing import CliRunner

from xlsearch.cli.main import cli
from xlsearch.errors import UserError
from xlsearch.service.manifests.render import KINDS, ManifestOptions, render

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT.parent / "shared/data/kuberay/rayjob_v1_openapi_schema.json.gz"
OTHER = ManifestOptions("xquad", "mbart", "all", "qa-1", "s3://bucket/qa", "r.example.org/x:2", 7)

CLOUDS = ("aws", "gcp")


@pytest.mark.parametrize("kind", KINDS)
def test_the_files_in_launch_are_those_that_the_command_prints(kind: str) -> None:
    printed = CliRunner().invoke(cli, ["manifest", kind], catch_exceptions=False).stdout
    assert printed == (ROOT / "launch" / KINDS[kind]).read_text()


def strict(schema: Any) -> Any:
    """The schema, with fields that it does not name refused: Kubernetes would drop them."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: strict(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and "additionalProperties" not in schema:
        closed["additionalProperties"] = False
    return closed


@pytest.fixture(scope="module")
def ray_job() -> jsonschema.Draft202012Validator:
    """The schema of RayJob, which itself is not checked: that takes ten seconds."""
    if not SCHEMA.exists():
        pytest.skip(f"the schema of RayJob is not at {SCHEMA}")
    return jsonschema.Draft202012Validator(strict(json.loads(gzip.decompress(SCHEMA.read_bytes()))))


@pytest.mark.parametrize("options", [ManifestOptions(), OTHER], ids=["default", "other"])
def test_ray_job_is_valid(
    options: ManifestOptions, ray_job: jsonschema.Draft202012Validator
) -> None:
    ray_job.validate(yaml.safe_load(render("kuberay", options)))


def test_an_unknown_field_would_be_seen(ray_job: jsonschema.Draft202012Validator) -> None:
    job = yaml.safe_load(render("kuberay", ManifestOptions()))
    job["spec"]["rayClusterSpec"]["headGroupSpec"]["template"]["spec"]["hostNetwrk"] = True
    with pytest.raises(jsonschema.ValidationError, match="hostNetwrk"):
        ray_job.validate(job)


def test_ray_job_is_what_the_documentation_says() -> None:
    spec = yaml.safe_load(render("kuberay", OTHER))["spec"]
    cluster = spec["rayClusterSpec"]
    assert spec["shutdownAfterJobFinishes"] is True
    assert cluster["authOptions"] == {"mode": "token"}
    assert cluster["rayVersion"] == ray.__version__
    assert cluster["headGroupSpec"]["rayStartParams"]["num-gpus"] == "0"
    assert cluster["headGroupSpec"]["rayStartParams"]["num-cpus"] == "0"
    pods = [cluster["headGroupSpec"], *cluster["workerGroupSpecs"]]
    for pod in (group["template"]["spec"] for group in pods):
        assert pod["securityContext"]["runAsNonRoot"] is True
        for container in pod["containers"]:
            assert container["securityContext"]["allowPrivilegeEscalation"] is False
            assert container["image"] == OTHER.image
            # Secrets are named, never written.
            assert all("value" not in variable for variable in container["env"])
    (head,) = pods[0]["template"]["spec"]["containers"]
    assert "nvidia.com/gpu" not in head["resources"]["limits"]
    for worker in cluster["workerGroupSpecs"]:
        (container,) = worker["template"]["spec"]["containers"]
        assert container["resources"]["limits"]["nvidia.com/gpu"] == 1


@pytest.mark.parametrize("kind", CLOUDS)
def test_cluster_files_are_valid_for_ray(kind: str) -> None:
    from ray.autoscaler._private.util import prepare_config, validate_config

    config = prepare_config(yaml.safe_load(render(kind, OTHER)))
    validate_config(config)
    types = config["available_node_types"]
    head = types[config["head_node_type"]]
    assert head["resources"]["CPU"] == 0
    assert "GPU" not in head["resources"]
    assert types["a100"]["resources"]["GPU"] >= 1
    assert types["a100"]["max_workers"] == config["max_workers"] == OTHER.workers
    assert ray.__version__ in config["docker"]["image"]
    assert any("--constraint constraints.txt" in line for line in config["setup_commands"])
    starts = [*config["head_start_ray_commands"], *config["worker_start_ray_commands"]]
    for line in starts:
        assert "ray start" not in line or "RAY_AUTH_MODE=token" in line
    assert any("--dashboard-host=127.0.0.1" in line for line in starts)
    assert "0.0.0.0" not in json.dumps(config)


@pytest.mark.parametrize("kind", KINDS)
def test_the_command_in_a_file_is_one_that_this_version_has(kind: str) -> None:
    """``launch`` takes every option that the file gives it."""
    text = " ".join(render(kind, OTHER).replace("\\\n#", " ").split())
    begin = text.index("xlsearch launch") + len("xlsearch ")
    words = text[begin:].split(" submissionMode:")[0].split(" # ")[0].split()
    given = {word for word in words if word.startswith("--")}
    launch = cli.get_command(None, "launch")  # type: ignore[arg-type]
    assert launch is not None
    known = {name for parameter in launch.params for name in parameter.opts}
    assert given
    assert given <= known
    assert {OTHER.task, OTHER.model, OTHER.study, OTHER.root} <= set(words)


@pytest.mark.parametrize(
    ("kind", "options", "word"),
    [
        ("kubernetes", ManifestOptions(), "kuberay"),
        ("aws", ManifestOptions(root="/a b"), "root"),
        ("aws", ManifestOptions(study="x; rm -rf /"), "study"),
        ("kuberay", ManifestOptions(image='x"\nhostNetwork: true'), "image"),
        ("kuberay", ManifestOptions(study="XLSum"), "study"),
        ("kuberay", ManifestOptions(study="x" * 60), "study"),
    ],
)
def test_what_would_mean_something_else_is_refused(
    kind: str, options: ManifestOptions, word: str
) -> None:
    with pytest.raises(UserError, match=word):
        render(kind, options)


def test_the_container_has_this_version_of_ray() -> None:
    assert f"rayproject/ray:{ray.__version__}-" in (ROOT / "launch" / "Dockerfile").read_text()


def test_no_file_in_launch_holds_a_secret() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "launch"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    for name in tracked:
        text = (ROOT / name).read_text()
        assert "AKIA" not in text
        assert "hf_" not in text
        assert "RAY_AUTH_TOKEN=" not in text
