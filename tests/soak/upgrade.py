"""`upkeep upgrade`: keeper and engine are replaced by another image, and nobody notices."""
import os
import shutil
import subprocess

from chronicle import Failed
from harness import BIN
from pair import PATIENCE, wait_until


def is_there():
    """Whether this build has the command."""
    ended = subprocess.run([BIN / "upkeep", "--help"], capture_output=True, text=True, check=False)
    return "\n  upgrade " in ended.stdout + ended.stderr


def make_images(soak):
    """Copies of the binary, so that each upgrade moves to another file."""
    if not is_there():
        return []
    images = []
    for name in ("one", "two"):
        folder = soak.folder / "images" / name
        folder.mkdir(parents=True)
        shutil.copy(os.path.realpath(BIN / "upkeep"), folder / "upkeep")
        images.append(folder / "upkeep")
    return images


def image_of(pid):
    return os.readlink(f"/proc/{pid}/exe")


def upgrade(soak, pair, number):
    if soak.images is None:
        soak.images = make_images(soak)
    if not soak.images:
        return
    image = soak.images[number % len(soak.images)]
    with pair.calm, soak.configuring:
        pair.wait_synced()
        soak.chronicle.note("upgrade", pair.name, image.parent.name)
        pair.before_engine_kill()
        pair.upgrades += 1
        ended = subprocess.run([BIN / "upkeep", "upgrade", "-c", pair.config, "--binary", image], capture_output=True,
                               text=True, timeout=PATIENCE, check=False, cwd=pair.folder)
        if ended.returncode != 0:
            raise Failed(f"upkeep upgrade: {ended.returncode} {ended.stdout}{ended.stderr}")
        pair.wait_synced()
        wait_until(lambda: image_of(pair.keeper) == image_of(pair.engine) == str(image),
                   lambda: f"keeper and engine to be {image}: {image_of(pair.keeper)}, {image_of(pair.engine)}", 60)
