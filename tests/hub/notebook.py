"""What a learner does with the source `hub`, as it happens to him: cells that run in a kernel whose hub is the loopback one."""

from __future__ import annotations

import shutil
from pathlib import Path

from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager

from helpers import lessons


def hub_environment(endpoint: str, home: Path, **more: str) -> dict[str, str]:
    """The environment of a process whose hub is at `endpoint`, and whose downloads go to `home`."""
    settled = lessons.environment("hub")
    env = {name: value for name, value in settled.items() if not name.startswith(("HF_", "XDG_")) or name.endswith("_BARS")}
    env |= {"HF_ENDPOINT": endpoint, "HF_HOME": str(home), "COURSE_SOURCE": "hub", "HF_HUB_DISABLE_TELEMETRY": "1"}
    return env | {"HF_HUB_ETAG_TIMEOUT": "3", "HF_HUB_DOWNLOAD_TIMEOUT": "3"} | more


class Notebook:
    """A kernel of its own in which cells are run: `run(cell)` gives what was printed, or the error as a learner sees it."""

    def __init__(self, env: dict[str, str], home: Path) -> None:
        self.home = home
        self._manager = KernelManager(kernel_name=lessons.KERNELSPEC["name"])
        self._manager.start_kernel(env=env, extra_arguments=["--log-level=CRITICAL"])
        self._client: BlockingKernelClient = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)

    def run(self, cell: str) -> str:
        said: list[str] = []

        def show(message: dict) -> None:
            content = message["content"]
            if message["msg_type"] == "stream" and content["name"] == "stdout":
                said.append(content["text"])
            elif message["msg_type"] == "error":
                said.append(f"{content['ename']}: " + "\n".join(content["traceback"]))

        self._client.execute_interactive(cell, output_hook=show, timeout=120)
        return "".join(said)

    def forget_downloads(self) -> None:
        shutil.rmtree(self.home, ignore_errors=True)
        self.run("from huggingface_hub import HfFileSystem\nHfFileSystem.clear_instance_cache()")

    def close(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


# What a cell or a process runs first. Waiting between two tries is huggingface_hub's business and not what is tested here.
IMPATIENT = """
import time, types
import huggingface_hub.file_download, huggingface_hub.utils._http
from helpers import downloads, hub

hurried = types.SimpleNamespace(**{name: getattr(time, name) for name in dir(time)})
hurried.sleep = lambda seconds: time.sleep(0.01)
for module in (downloads, hub, huggingface_hub.file_download, huggingface_hub.utils._http):
    module.time = hurried
hub.STALL_SECONDS = 3
"""
