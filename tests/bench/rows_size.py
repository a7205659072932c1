# SPDX-License-Identifier: MIT
"""What is installed: `cmake --install` into a folder of its own, stripped as a package is."""
import os
import pathlib
import subprocess
import tempfile

import rig as desk

ELF = b"\x7fELF"
KB = 1000  # as file managers and contract count: 2 MB are 2,000,000 bytes
# For whoever builds programs on libmcu (the packages libmcu1 and libmcu-dev): not of the suite.
LIBRARY = ("/include/", "/libmcu.", "/pkgconfig/")


def size(stage):
    print("\nInstalled size, stripped", flush=True)
    with tempfile.TemporaryDirectory(prefix="nasmcu-") as folder:
        install(stage.options.build, folder)
        programs, others = installed(folder)
    peer = stage.peer.size() if stage.peer else None
    total = sum(programs.values())
    stage.add("size.programs", "installed programs, stripped", [total / KB / 1000], "MB", goal=2,
              peer=[peer / KB / 1000] if peer else None)
    for names, size_ in sorted(programs.items(), key=lambda one: -one[1]):
        stage.add(f"size.{names.split(', ')[0]}", f"   {names}", [size_ / KB], "kB")
    stage.add("size.all", "   with units, boards, manual pages; without libmcu-dev",
              [(total + others) / KB / 1000], "MB")


def install(build, folder):
    run(["cmake", "--install", str(build)], {**os.environ, "DESTDIR": folder})
    # Its own --strip leaves out what is installed as a mere file. A stripped file is a new one: it
    # takes the place of the old by all its names, hard links included, when written into it.
    stripped = pathlib.Path(folder) / "stripped"
    for program in {node(one): one for one in files(folder) if is_program(one)}.values():
        run(["strip", "-o", str(stripped), str(program)], None)
        program.write_bytes(stripped.read_bytes())
    stripped.unlink(missing_ok=True)


def run(words, environment):
    done = subprocess.run(words, capture_output=True, text=True, env=environment, check=False)
    if done.returncode != 0:
        raise desk.RigError(f"{' '.join(words)}: {done.stderr}")


def files(folder):
    return [one for one in sorted(pathlib.Path(folder).rglob("*"))
            if one.is_file() and not one.is_symlink()]


def node(file):
    status = file.stat()
    return status.st_dev, status.st_ino


def installed(folder):
    """({"NAME, OTHER NAME": bytes} of the programs, bytes of the rest). A file with several names,
    hard links or symbolic ones, is one file; those of symbolic links come last."""
    nodes, names, others = {}, {}, 0  # by inode
    for file in sorted(pathlib.Path(folder).rglob("*")):
        where = str(file)[len(str(folder)):]
        if file.is_dir() or any(part in where for part in LIBRARY):
            continue
        real = inside(file, folder)
        if not real.is_file():
            continue
        inode, fresh = node(real), node(real) not in nodes
        nodes[inode] = real.stat().st_size
        if is_program(real):
            known = names.setdefault(inode, [])
            known.insert(len(known) if file.is_symlink() else 0, program_name(file))
        elif fresh:
            others += nodes[inode]
    return {", ".join(dict.fromkeys(of)): nodes[inode] for inode, of in names.items()}, others


def program_name(file):
    """systemd's folder has the shutdown hook under the suite's name."""
    return "nasmcu-shutdown" if file.parent.name == "system-shutdown" else file.name


def inside(file, folder):
    """Where a link leads when the folder is the root."""
    for _ in range(8):
        if not file.is_symlink():
            break
        target = pathlib.Path(os.readlink(file))
        file = pathlib.Path(str(folder) + str(target)) if target.is_absolute() else \
            file.parent / target
    return file


def is_program(file):
    with open(file, "rb") as data:
        return data.read(4) == ELF and ".so" not in file.name
