"""Searches as jobs of a Ray cluster that this machine reaches by its jobs API alone."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from xlsearch.errors import RunFailed, UserError, unknown_name

_ROOT, _STORAGE, _DIGEST = "xlsearch_root", "xlsearch_storage", "xlsearch_files"
"""Keys of a job's metadata: where its study is, and what was sent along."""

_STOP_SECONDS = 60
"""A search that is asked to stop gets so long before it is killed. Ray's default is 3 s."""

_LOOK_EVERY = 1.0
"""Seconds between two looks at a job."""


@dataclass(frozen=True)
class Submitted:
    """What became of a submission.

    Attributes:
        new: Whether it began; else the study's job was running already.
        said_before: Characters of the log that earlier attempts left.
    """

    new: bool
    said_before: int


@dataclass(frozen=True)
class Ended:
    """How a job ended: Ray's word for it, Ray's message, and the command's exit code."""

    status: str
    message: str
    code: int


class ClusterJobs:
    """The jobs API of a cluster. A study's name is the id of its job, so it has one at most.

    Args:
        url: Of the head's dashboard, ``http://HOST:8265``.

    Raises:
        UserError: If no cluster answers there, or it does not take the token.
    """

    def __init__(self, url: str) -> None:
        if not url.startswith(("http://", "https://")):
            raise UserError(f"{url!r} is no address of a dashboard; valid: http://HOST:8265")
        if "ray" not in sys.modules:
            os.environ.setdefault("RAY_AUTH_MODE", "token")
        from ray.job_submission import JobSubmissionClient

        logging.getLogger("ray").setLevel(logging.ERROR)
        self.url = url
        with self._asking():
            self._client: Any = JobSubmissionClient(url)

    def submit(
        self,
        study: str,
        arguments: Sequence[str],
        files: Mapping[str, Path],
        root: str,
        storage: str | None,
    ) -> Submitted:
        """Begins a study's job, or a new attempt where the last one ended.

        Args:
            study: The study's name.
            arguments: Of the ``xlsearch`` command.
            files: To be sent along, by their paths below the job's working directory.
            root: The root folder on the cluster.
            storage: The database of the record, if it is not a journal.

        Raises:
            UserError: If a job of the study is running that was asked for something else.
        """
        command = shlex.join(["python", "-m", "xlsearch", *arguments])
        metadata = {_ROOT: root, _STORAGE: storage or "", _DIGEST: _digest(files)}
        before = self._find(study)
        said_before = 0
        if before is not None:
            if not before.status.is_terminal():
                return _attached(study, before, command, metadata)
            with self._asking():
                said_before = len(self._client.get_job_logs(study))
                self._client.delete_job(study)
        try:
            with self._asking(), _uploads(files) as folder:
                self._client.submit_job(
                    entrypoint=command,
                    submission_id=study,
                    metadata=metadata,
                    runtime_env={
                        "env_vars": {"RAY_JOB_STOP_WAIT_TIME_S": str(_STOP_SECONDS)},
                        **({"working_dir": str(folder)} if files else {}),
                    },
                )
        except RunFailed:
            # Another submission may have come first.
            running = self._find(study)
            if running is None or running.status.is_terminal():
                raise
            return _attached(study, running, command, metadata)
        return Submitted(True, said_before)

    def follow(self, study: str, write: Callable[[str], None], skip: int = 0) -> Ended:
        """Writes a job's log as it grows, until the job ends.

        Args:
            study: The study's name.
            write: Is given each new part.
            skip: Characters to leave out at the beginning.
        """
        while True:
            job = self._job(study)
            text = self.log(study)
            write(text[skip:])
            skip = len(text)
            if job.status.is_terminal():
                return _ended(job)
            time.sleep(_LOOK_EVERY)

    def log(self, study: str) -> str:
        """All that a study's job has written so far."""
        self._job(study)
        with self._asking():
            return str(self._client.get_job_logs(study))

    def status(self, study: str, root: str | None, options: Sequence[str]) -> tuple[str, int]:
        """What ``xlsearch status`` says on the cluster, where the study's files are.

        Args:
            study: The study's name.
            root: The root folder; None for that of the study's job.
            options: Further ones of the command.

        Returns:
            What it printed, and its exit code.
        """
        arguments = ["python", "-m", "xlsearch", "status", study, *options]
        metadata = {} if root else (self._job(study).metadata or {})
        arguments += ["--root", root or metadata[_ROOT]]
        if metadata.get(_STORAGE):
            arguments += ["--storage", metadata[_STORAGE]]
        name = f"{study}-status-{uuid4().hex[:8]}"
        with self._asking():
            self._client.submit_job(entrypoint=shlex.join(arguments), submission_id=name)
            while not self._client.get_job_status(name).is_terminal():
                time.sleep(_LOOK_EVERY / 4)
            ended, text = _ended(self._client.get_job_info(name)), self._client.get_job_logs(name)
            self._client.delete_job(name)
        return _printed(str(text)), ended.code

    def stop(self, study: str) -> bool:
        """Asks a study's search to stop, and waits until it has.

        Returns:
            Whether it was running.
        """
        if self._job(study).status.is_terminal():
            return False
        with self._asking():
            self._client.stop_job(study)
        while not self._job(study).status.is_terminal():
            time.sleep(_LOOK_EVERY)
        return True

    def _find(self, study: str) -> Any:
        """The study's job; None if there is none."""
        with self._asking():
            jobs = self._client.list_jobs()
        return next((job for job in jobs if job.submission_id == study), None)

    def _job(self, study: str) -> Any:
        """The study's job.

        Raises:
            UserError: If there is none.
        """
        with self._asking():
            jobs = self._client.list_jobs()
        found = {job.submission_id: job for job in jobs if _ROOT in (job.metadata or {})}
        if study in found:
            return found[study]
        if not found:
            raise UserError(f"no search was submitted to {self.url}; xlsearch launch --submit does")
        raise unknown_name("job", study, found, self.url)

    @contextlib.contextmanager
    def _asking(self) -> Iterator[None]:
        """Turns the client's errors into sentences.

        Raises:
            UserError: If nobody answers, or the token is refused.
            RunFailed: If the cluster refuses what it was asked for.
        """
        import requests
        from ray.exceptions import AuthenticationError

        try:
            yield
        except AuthenticationError:
            raise UserError(
                f"the cluster at {self.url} asks for its token; put it into RAY_AUTH_TOKEN or "
                "~/.ray/auth_token"
            ) from None
        except (ConnectionError, requests.exceptions.RequestException):
            raise UserError(
                f"no Ray dashboard answers at {self.url}; valid: http://HOST:8265 of a head that "
                "is up (docs/clusters.md shows the ssh tunnel)"
            ) from None
        except RuntimeError as error:
            # The cluster's traceback; its last line but for dots says what is wrong.
            lines = [line for line in str(error).splitlines() if line.strip(" .")]
            raise RunFailed(f"the cluster at {self.url} refused: {lines[-1].strip()}") from None


def _attached(study: str, job: Any, command: str, metadata: Mapping[str, str]) -> Submitted:
    """A second submission of a study whose job is running.

    Raises:
        UserError: If the two are not the same.
    """
    if job.entrypoint != command or job.metadata != metadata:
        raise UserError(
            f"study {study!r} is running there with other options or files ({job.entrypoint}); "
            "give this one another name with --study, or stop that one first"
        )
    return Submitted(False, 0)


def _ended(job: Any) -> Ended:
    code = 0 if job.status.value == "SUCCEEDED" else job.driver_exit_code or 1
    return Ended(job.status.value, " ".join((job.message or "").split()), code)


def _printed(log: str) -> str:
    """A job's log without the lines in which Ray says that it begins."""
    said = ("Running entrypoint for job ", "Runtime env is setting up.")
    return "".join(
        line for line in log.splitlines(keepends=True) if not any(part in line for part in said)
    )


def _digest(files: Mapping[str, Path]) -> str:
    """A name for the content of these files."""
    digest = hashlib.sha256()
    for name, path in sorted(files.items()):
        digest.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:16]


@contextlib.contextmanager
def _uploads(files: Mapping[str, Path]) -> Iterator[Path]:
    """A folder with nothing but these files."""
    with tempfile.TemporaryDirectory() as made:
        for name, path in files.items():
            place = Path(made) / name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)
        yield Path(made)
