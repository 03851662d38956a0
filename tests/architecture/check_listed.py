"""Every source file is named in a CMake file: one that is not is never compiled, and its tests never fail.

    check_listed.py ROOT | --self-test
"""
import pathlib
import re
import sys
import tempfile

FOLDERS = ["cuda", "kernels", "models", "src", "tests", "tools", "perf"]
# Compiled by the script beside it, not by CMake.
APART = {"perf/static/occupancy.cc"}
GLOBBED = "src/nn"  # by cmake/CrispNets.cmake


def unlisted(root):
    """Source files whose name no CMake file of their folder, of one above it, or of cmake/ holds."""
    def text(path):
        return path.read_text() if path.exists() else ""

    modules = "".join(path.read_text() for path in sorted((root / "cmake").glob("*.cmake")))
    emulation = text(root / "tests/emulation/CMakeLists.txt")
    found = []
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            name = path.relative_to(root)
            if path.suffix not in (".cc", ".cu") or str(name) in APART or str(name.parent) == GLOBBED:
                continue
            lists = modules + emulation + "".join(text(root / above / "CMakeLists.txt") for above in name.parents)
            if not re.search(rf"(?<![\w.]){re.escape(path.name)}(?![\w.])", lists):
                found.append(str(name))
    return found


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "tests/one").mkdir(parents=True)
        (root / "tests/one/CMakeLists.txt").write_text("crisp_test(one_tests a_test.cc)\n")
        for name in ("a_test.cc", "b_test.cc", "test.cc"):
            (root / "tests/one" / name).write_text("")
        assert unlisted(root) == ["tests/one/b_test.cc", "tests/one/test.cc"], unlisted(root)


if __name__ == "__main__":
    if sys.argv[1] == "--self-test":
        self_test()
        sys.exit()
    missing = unlisted(pathlib.Path(sys.argv[1]))
    for name in missing:
        print(f"{name}: no CMake file names it, so it is never compiled")
    sys.exit(1 if missing else 0)
