"""Every kernel's CUDA file has a test file of its name, in tests/engines or in its family's folder, that runs on every engine.

    check_kernels_tested.py ROOT | --self-test
"""
import pathlib
import re
import sys
import tempfile

ON_ENGINES = re.compile(r"^CRISP_TEST_(ENGINES|DEVICES)\(\w+\);", re.MULTILINE)


def untested(root):
    """(kernel, test file that it lacks)."""
    for kernel in sorted((root / "kernels").glob("*/*.cu")):
        names = [pathlib.Path("tests") / folder / f"{kernel.stem}_test.cc" for folder in ("engines", f"kernels_{kernel.parent.name}")]
        if not any((root / name).exists() and ON_ENGINES.search((root / name).read_text()) for name in names):
            yield str(kernel.relative_to(root)), str(names[0])


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        tests = {"engines/here": "CRISP_TEST_ENGINES(Here);\n", "kernels_family/there": "CRISP_TEST_DEVICES(There);\n",
                 "kernels_other/elsewhere": "CRISP_TEST_ENGINES(Elsewhere);\n", "engines/host": "// CRISP_TEST_ENGINES(Host);\nTEST(Host, Only) {}\n"}
        for name, text in tests.items():
            path = root / "tests" / f"{name}_test.cc"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (root / "kernels/family").mkdir(parents=True)
        for name in ("here", "there", "elsewhere", "host", "none"):
            (root / "kernels/family" / f"{name}.cu").write_text("")
        lacking = [f"kernels/family/{name}.cu" for name in ("elsewhere", "host", "none")]
        assert [kernel for kernel, _ in untested(root)] == lacking, list(untested(root))


if __name__ == "__main__":
    if sys.argv[1] == "--self-test":
        self_test()
        sys.exit()
    missing = list(untested(pathlib.Path(sys.argv[1])))
    for kernel, test in missing:
        print(f"{kernel}: no test of its name runs on every engine; write {test} with CRISP_TEST_ENGINES()")
    sys.exit(1 if missing else 0)
