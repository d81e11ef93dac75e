"""What a build says of itself, and its files held against that: a damaged one is told, not answered from.

The manifest lists each file's checksum, and a build's folder is named by the manifest's own. Whoever reads a
file to its end checks it on the way; what only answers reads a store that has checksums of its own.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from milia.errors import BadSource, MissingPart

__all__ = ["MANIFEST", "MEND", "checksum", "content_name", "hold", "is_whole_manifest", "read_manifest"]

MANIFEST: Final = "manifest.json"
MEND: Final = "run 'milia build'"
_NAME_LENGTH: Final = 20  # hexadecimal digits


def content_name(manifest: bytes) -> str:
    """Return the name of the folder of a build that has this manifest."""
    return hashlib.sha256(manifest).hexdigest()[:_NAME_LENGTH]


def is_whole_manifest(folder: Path, manifest: bytes) -> bool:
    """Say whether a manifest is the one that names its folder; any is, in a folder with another name."""
    name = folder.resolve().name
    return not re.fullmatch(rf"[0-9a-f]{{{_NAME_LENGTH}}}", name) or name == content_name(manifest)


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of the build in a folder.

    Raises:
        MissingPart: there is no build.
        BadSource: the manifest is missing or damaged.
    """
    path = folder / MANIFEST
    try:
        content = path.read_bytes()
        manifest: dict[str, Any] = json.loads(content)
        manifest["files"]["graph.nq"]["sha256"]  # every reader needs it
    except OSError as error:
        if not folder.is_dir():
            msg = f"there is no built graph in {folder}; {MEND} first"
            raise MissingPart(msg) from error
        raise BadSource(path, None, "is missing", MEND) from error
    except (ValueError, KeyError, TypeError) as error:
        raise BadSource(path, None, "is damaged", MEND) from error
    if not is_whole_manifest(folder, content):
        raise BadSource(path, None, "is damaged", MEND)
    return manifest


def checksum(manifest: Mapping[str, Any], name: str) -> str | None:
    """Return the checksum that a manifest lists for a file, or None where it lists no such file.

    >>> checksum({"files": {"graph.nq": {"sha256": "00ff"}}}, "graph.nq")
    '00ff'
    """
    about = manifest.get("files", {}).get(name, {})
    return about.get("sha256") or None


def hold(path: Path, sha256: str | None) -> Path:
    """Return the path of a build's file that has this checksum; where none is given, of any file.

    Raises:
        BadSource: the file is missing, or has another checksum.
    """
    try:
        with path.open("rb") as content:
            found = hashlib.file_digest(content, "sha256").hexdigest() if sha256 else None
    except FileNotFoundError as error:
        raise BadSource(path, None, "is missing", MEND) from error
    if found != sha256:
        raise BadSource(path, None, "is damaged: its checksum is not the one in the manifest", MEND)
    return path
