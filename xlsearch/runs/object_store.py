"""Object stores by their URLs: which are valid, which errors pass, and what is said of the others.

Credentials come from the environment or the usual files of the store's library. A URL with some in
it is refused, since URLs are written down and printed.
"""

from __future__ import annotations

import errno
import logging
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from xlsearch.errors import UserError

_VALID = "a valid one is a folder, s3://BUCKET/PREFIX or gs://BUCKET/PREFIX"

_EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gcs", "gcs": "gcs"}
"""The extra of this package that brings what a scheme needs."""

_UNSHARED = {"memory", "http", "https", "data", "reference"}
"""Schemes that no other process sees, or that can't be written to."""

_PASSING = {
    *(None, errno.EAGAIN, errno.EBUSY, errno.EIO, errno.EPIPE),
    *(errno.ECONNABORTED, errno.ECONNREFUSED, errno.ECONNRESET),
    *(errno.EHOSTUNREACH, errno.ENETDOWN, errno.ENETUNREACH, errno.ETIMEDOUT),
}
"""What an operating system, or the store's library for it, calls a server that is away."""

_PASSING_CLASSES = {
    "aiohttp.ClientError",
    "botocore.ConnectionError",
    "botocore.HTTPClientError",
    "google.RetryError",
    "google.TransportError",
}
"""The same in the words of libraries that need not be installed: their package and the class."""

_FOR_GOOD = (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError)

_NO_CREDENTIALS = {"NoCredentialsError", "PartialCredentialsError", "DefaultCredentialsError"}


def is_url(location: str) -> bool:
    """Whether a root is a URL and not a folder."""
    return "://" in location


def checked_url(url: str) -> str:
    """The URL without a slash at its end.

    Raises:
        UserError: If it is no URL of a place that machines can share, or holds credentials.
    """
    parts = urlsplit(url)
    if "@" in parts.netloc or parts.query:
        # Not repeated in the message, for what is in it.
        raise UserError(
            f"the {parts.scheme}:// root has credentials or a query in its URL; leave them out, "
            "credentials come from the environment or the usual files"
        )
    import fsspec

    known = parts.scheme in fsspec.available_protocols() and "::" not in url
    if not known or parts.scheme in _UNSHARED:
        raise UserError(f"{url!r} can't be a root: {_VALID}")
    if not (parts.netloc or parts.path.strip("/")):
        raise UserError(f"{url!r} names no bucket: {_VALID}")
    if set("*?[") & set(url):
        raise UserError(f"{url!r} can't be a root: leave out *, ? and [, which stand for patterns")
    return url.rstrip("/")


def open_filesystem(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the path in it. Asks no server.

    Raises:
        UserError: If its library is not installed, or refuses the URL.
    """
    import fsspec

    scheme = urlsplit(url).scheme
    options = {"auto_mkdir": True} if scheme == "file" else {}
    # It logs each failed request with a traceback, and then raises the same.
    logging.getLogger("gcsfs").setLevel(logging.CRITICAL)
    try:
        # Listings are never kept: other machines write to the same place.
        filesystem, path = fsspec.core.url_to_fs(
            url, use_listings_cache=False, skip_instance_cache=True, **options
        )
    except ImportError:
        extra = _EXTRAS.get(scheme)
        how = f"pip install 'xlsearch[{extra}]'" if extra else "install what fsspec needs for it"
        raise UserError(f"{scheme}:// needs a package that is not installed: {how}") from None
    except (OSError, ValueError) as error:
        # Some kinds of store, none of them tested, call their server at once.
        raise UserError(f"{url!r} can't be a root ({error}): {_VALID}") from None
    return filesystem, str(path)


def passes(error: Exception) -> bool:
    """Whether an error is that of a server that is away, and may pass."""
    if isinstance(error, OSError):
        return not isinstance(error, _FOR_GOOD) and error.errno in _PASSING
    names = {f"{each.__module__.split('.')[0]}.{each.__name__}" for each in type(error).__mro__}
    # Google's library has one class for all answers; those of 500 and above are the server's.
    code = getattr(error, "code", None)
    busy = type(error).__name__ == "HttpError" and isinstance(code, int) and code >= 500
    return busy or bool(names & _PASSING_CLASSES)


def refused(url: str, error: Exception) -> UserError | None:
    """The sentence for an error that will not pass; None for one that is no answer of the store."""
    if type(error).__name__ in _NO_CREDENTIALS:
        return UserError(
            f"there are no credentials for {url}; give them in the environment (e.g. "
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY) or in the usual files"
        )
    if isinstance(error, PermissionError) or getattr(error, "code", None) in (401, 403):
        return UserError(
            f"{url} refuses these credentials ({type(error).__name__}); the root needs the right "
            "to list, read, write and delete"
        )
    return None


def modified(entry: dict[str, Any]) -> float:
    """When an object of a listing was written, in seconds by the server's clock."""
    for key in ("LastModified", "mtime", "last_modified", "updated"):
        value = entry.get(key)
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        if isinstance(value, datetime):
            return value.timestamp()
        if value is not None:
            return float(value)
    raise UserError("this kind of store does not say when objects were written; use s3:// or gs://")
