"""A PostgreSQL server of a test's own, with passwords, on loopback."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from pathlib import Path

PASSWORD = "s3cret-Pa55-word"
"""Of the user below; long and odd enough to be looked for in files."""

USER = "searcher"


def programs() -> Path | None:
    """The folder of initdb and pg_ctl; None where PostgreSQL is not installed."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: p.parent.name)
    found = shutil.which("pg_ctl")
    for folder in [*folders[::-1], *([Path(found).parent] if found else [])]:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    return None


class PostgresqlServer:
    """A server with one user and a database of the same name.

    Args:
        folder: Where its files are to be; short, since a socket's path has at most 107 characters.
    """

    def __init__(self, folder: Path) -> None:
        found = programs()
        assert found is not None
        self._programs = found
        self._folder = folder
        self._data = folder / "data"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        password = folder / "password"
        password.write_text(PASSWORD)
        if os.getuid() == 0:  # as whom it refuses to run
            user = pwd.getpwnam("nobody")
            for path in (folder, password):
                os.chown(path, user.pw_uid, user.pw_gid)
        self._run("initdb", f"--pwfile={password}", f"--username={USER}", "--auth=scram-sha-256")
        password.unlink()
        self.start()
        self.ask(f"CREATE DATABASE {USER}", "postgres")

    @property
    def url(self) -> str:
        """Its URL, with the password."""
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{USER}"

    @property
    def url_without_password(self) -> str:
        """Its URL, for a password that comes by the environment."""
        return self.url.replace(f":{PASSWORD}", "")

    def start(self) -> None:
        """Starts it and waits until it answers."""
        settings = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        self._run("pg_ctl", "start", "-w", "-l", f"{self._folder}/log", "-o", settings + "''")

    def stop(self, mode: str = "immediate") -> None:
        """Stops it; ``immediate`` is as good as a crash."""
        self._run("pg_ctl", "stop", "-m", mode)

    def ask(self, query: str, database: str = USER) -> list[tuple[object, ...]]:
        """The rows that a query returns."""
        import psycopg

        place = f"host=127.0.0.1 port={self.port} user={USER} dbname={database}"
        with psycopg.connect(place, password=PASSWORD, autocommit=True) as connection:
            cursor = connection.execute(query)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), "-D", str(self._data), *arguments]
        nobody = {"user": "nobody", "group": "nogroup"} if os.getuid() == 0 else {}
        log = self._folder / f"{program}.txt"
        with log.open("w") as output:
            subprocess.run(
                command,
                check=True,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": "/"},
                **nobody,  # type: ignore[call-overload]
            )
