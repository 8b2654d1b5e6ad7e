"""A hub on loopback: what `huggingface_hub`, `datasets` and `transformers` ask of the Hugging Face Hub, answered from a folder.

with Hub(folder) as hub:        # folder/datasets/OWNER/NAME/... and folder/models/OWNER/NAME/...
    HF_ENDPOINT=hub.endpoint    # in the environment of the process that is to ask it

Large files (LFS) are redirected to another host name, as the Hub redirects to its storage. `hub.fault(...)` breaks an answer.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from werkzeug.utils import send_file

LFS = {".parquet", ".bin", ".safetensors"}
KINDS = {"api/datasets/": "datasets", "api/models/": "models"}
Answer = Callable[[Request], Response | None]


@cache
def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@cache
def git_blob(path: Path) -> str:
    """The id that git, and so the Hub, gives a file that is not in LFS."""
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


@dataclass
class Repository:
    """A data set or a model: its files, and the one commit that they are at."""

    kind: str
    name: str
    folder: Path
    commit: str
    files: dict[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.files = {path.relative_to(self.folder).as_posix(): path for path in sorted(self.folder.rglob("*")) if path.is_file()}

    def entry(self, name: str) -> dict[str, Any]:
        """One file, as the tree and paths-info list it."""
        path = self.files[name]
        size = path.stat().st_size
        found = {"type": "file", "path": name, "size": size, "oid": git_blob(path)}
        if path.suffix in LFS:
            found["lfs"] = {"oid": sha256(path), "size": size, "pointerSize": 134}
        return found

    def folders(self) -> set[str]:
        return {str(parent) for name in self.files for parent in Path(name).parents if str(parent) != "."}


class Hub:
    """The server, its repositories, what it was asked (`requests`: method, path, range), and how it fails (`fault`)."""

    def __init__(self, folder: Path, commits: dict[str, str] | None = None) -> None:
        self.repositories: dict[tuple[str, str], Repository] = {}
        for kind in ("datasets", "models"):
            for path in sorted((folder / kind).glob("*/*")):
                name = path.relative_to(folder / kind).as_posix()
                commit = (commits or {}).get(name) or hashlib.sha1(name.encode()).hexdigest()
                self.repositories[kind, name] = Repository(kind, name, path, commit)
        self.requests: list[str] = []
        self.over = threading.Event()  # ends what is stalled
        self._faults: list[Answer] = []
        self._pinned = set(commits or {})
        self._server = HTTPServer(threaded=True)
        self._server.expect_request(re.compile(".*")).respond_with_handler(self._answer)

    def __enter__(self) -> Hub:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.stop()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.port}"

    @contextmanager
    def fault(self, answer: Answer) -> Iterator[None]:
        """Within the block each request goes to `answer` first; where it returns None, the hub answers as usual."""
        self._faults.append(answer)
        try:
            yield
        finally:
            self._faults.remove(answer)

    @contextmanager
    def replaced(self, kind: str, name: str, file: str, path: Path) -> Iterator[None]:
        """Within the block the repository holds another file under this name; where it is not pinned, at another commit."""
        repository = self.repositories[kind, name]
        before = repository.files, repository.commit
        repository.files = repository.files | {file: path}
        if name not in self._pinned:
            repository.commit = git_blob(path)
        try:
            yield
        finally:
            repository.files, repository.commit = before

    # ---------------------------------------------------------------------------------------------- answering

    def _answer(self, request: Request) -> Response:
        self.requests.append(" ".join(filter(None, [request.method, request.path, request.headers.get("Range")])))
        for fault in self._faults:
            if (broken := fault(request)) is not None:
                return broken
        return self.usual(request)

    def usual(self, request: Request) -> Response:
        """The answer to a request where nothing is broken."""
        path = request.path.lstrip("/")
        if path.startswith("storage/"):
            return self._stored(request, path.removeprefix("storage/"))
        for prefix, kind in KINDS.items():
            if path.startswith(prefix):
                return self._api(request, kind, path.removeprefix(prefix))
        kind = "datasets" if path.startswith("datasets/") else "models"
        if found := re.fullmatch(r"([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path.removeprefix("datasets/")):
            return self._resolve(request, kind, *found.groups())
        return error(404, "", f"nothing at {request.path}")

    def _find(self, kind: str, name: str, revision: str | None) -> Repository | Response:
        repository = self.repositories.get((kind, name))
        if repository is None:
            return error(401, "RepoNotFound", "Repository not found")  # the Hub does not tell a private one from none
        if revision not in (None, "main", repository.commit):
            return error(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return repository

    def _api(self, request: Request, kind: str, path: str) -> Response:
        found = re.fullmatch(r"([^/]+/[^/]+)(?:/(revision|tree|paths-info|refs)(?:/([^/]+))?(?:/(.*))?)?", path)
        if not found:
            return error(404, "", f"nothing at {request.path}")
        name, what, revision, below = found.groups()
        repository = self._find(kind, name, revision)
        if isinstance(repository, Response):
            return repository
        if what in (None, "revision"):
            return json_response(
                {
                    "_id": repository.commit[:24],
                    "id": name,
                    "sha": repository.commit,
                    "private": False,
                    "gated": False,
                    "disabled": False,
                    "tags": [],
                    "downloads": 0,
                    "likes": 0,
                    "lastModified": "2022-03-01T00:00:00.000Z",
                    "createdAt": "2022-03-01T00:00:00.000Z",
                    "siblings": [
                        {
                            "rfilename": file,
                            **(
                                {"size": entry["size"], "blobId": entry["oid"], "lfs": _lfs(entry)}
                                if request.args.get("blobs", "").lower() in {"1", "true"}
                                else {}
                            ),
                        }
                        for file in repository.files
                        for entry in [repository.entry(file)]
                    ],
                }
            )
        if what == "refs":
            main = {"name": "main", "ref": "refs/heads/main", "targetCommit": repository.commit}
            return json_response({"branches": [main], "tags": [], "converts": []})
        if what == "tree":
            return self._tree(repository, below or "", request.args.get("recursive", "").lower() in {"1", "true"})
        wanted = request.form.getlist("paths") or (request.get_json(silent=True) or {}).get("paths", [])
        listed = [repository.entry(file) for file in wanted if file in repository.files]
        listed += [_folder(file) for file in wanted if file in repository.folders()]
        return json_response(listed)

    def _tree(self, repository: Repository, below: str, recursive: bool) -> Response:
        if below and below not in repository.folders():
            return error(404, "EntryNotFound", f"{below} does not exist")
        prefix = f"{below}/" if below else ""
        files = [repository.entry(file) for file in repository.files if file.startswith(prefix)]
        entries = [_folder(folder) for folder in sorted(repository.folders()) if folder.startswith(prefix)] + files
        if not recursive:
            entries = [entry for entry in entries if "/" not in entry["path"].removeprefix(prefix)]
        return json_response(entries)

    def _resolve(self, request: Request, kind: str, name: str, revision: str, file: str) -> Response:
        repository = self._find(kind, name, revision)
        if isinstance(repository, Response):
            return repository
        path = repository.files.get(file)
        if path is None:
            missing = error(404, "EntryNotFound", "Entry not found")
            missing.headers["X-Repo-Commit"] = repository.commit
            return missing
        if path.suffix not in LFS:
            answer = send_file(path, request.environ, conditional=True, etag=git_blob(path), mimetype="text/plain")
            answer.headers["X-Repo-Commit"] = repository.commit
            return answer
        answer = Response(status=302)
        answer.headers["Location"] = f"http://localhost:{self._server.port}/storage/{kind}/{name}/{file}"
        answer.headers["X-Repo-Commit"] = repository.commit
        answer.headers["X-Linked-ETag"] = f'"{sha256(path)}"'
        answer.headers["X-Linked-Size"] = str(path.stat().st_size)
        return answer

    def _stored(self, request: Request, path: str) -> Response:
        kind, owner, name, file = path.split("/", 3)
        stored = self.repositories[kind, f"{owner}/{name}"].files[file]
        return send_file(stored, request.environ, conditional=True, etag=sha256(stored), mimetype="application/octet-stream")


def json_response(content: Any) -> Response:
    return Response(json.dumps(content), content_type="application/json")


def error(status: int, code: str, message: str) -> Response:
    answer = json_response({"error": message})
    answer.status_code = status
    answer.headers["X-Error-Message"] = message
    if code:
        answer.headers["X-Error-Code"] = code
    return answer


def _lfs(entry: dict[str, Any]) -> dict[str, Any] | None:
    lfs = entry.get("lfs")
    return lfs and {"sha256": lfs["oid"], "size": lfs["size"], "pointerSize": lfs["pointerSize"]}


def _folder(path: str) -> dict[str, Any]:
    return {"type": "directory", "path": path, "oid": hashlib.sha1(path.encode()).hexdigest(), "size": 0}
