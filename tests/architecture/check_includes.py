"""Who may include whom (docs/architecture.md): reads every #include of ours and fails on a wrong arrow.

    check_includes.py ROOT        exit code 1 and one line per wrong arrow
    check_includes.py --self-test plants wrong arrows in a scratch tree and expects each to be found
"""
import pathlib
import re
import sys
import tempfile

STAGES = ["profile", "prepare", "train", "evaluate", "explain", "detect", "export", "import", "run", "serve", "monitor"]
SYSTEM = {"cuda_runtime.h": ["cuda", "kernels"], "cublas_v2.h": ["cuda"], "thrust": ["cuda"], "cub": ["cuda"],
          "arrow": ["src/table", "src/read", "src/prepare", "src/profile"],
          "parquet": ["src/read"], "CLI": ["tools"], "torch": ["src/nn"], "ATen": ["src/nn"], "c10": ["src/nn"], "gloo": ["src/nn"], "toml++": ["src/core"],
          "mbedtls": ["src/core"], "Eigen": ["models/linear"]}
NAMELESS = re.compile(r"(^|[_/])(utils?|common|helpers?|misc|detail)(_|\.|/|$)")
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')


def place_of(path):
    """The part of the house a file belongs to: 'cuda', 'kernels/anomaly', 'src/train', 'models/x', 'tools'..."""
    parts = path.split("/")
    if parts[0] in ("kernels", "src", "models") and len(parts) > 2:
        return "/".join(parts[:2])
    return parts[0]


def allowed(place, target, included):
    if place == target or target == "include":
        return True
    if place == "cuda":
        return False
    if place.startswith("kernels/"):
        return target == "cuda" or (target.startswith("kernels/") and included.endswith(".h"))
    if place == "src/core":
        return target == "cuda"
    if place == "src/report":
        return target == "src/core" or included == "cuda/error.h" or included == "cuda/text.h"
    if place == "src/table":
        return target in ("src/core", "cuda")
    if place == "src/read":
        return target in ("src/core", "cuda", "src/table")
    if place == "src/nn":  # the plug-in: a twin of train, which alone opens it
        return target in ("cuda", "src/core", "src/table", "src/train") or target.startswith("kernels/")
    if place == "src/serve" and included == "models/registry.h":
        return True
    if place.startswith("src/"):
        stage = place.split("/")[1]
        if target in ("cuda", "src/core", "src/report", "src/table", "src/read") or target.startswith("kernels/"):
            return True
        earlier = STAGES[:STAGES.index(stage)] if stage in STAGES else []
        return target.startswith("src/") and target.split("/")[1] in earlier
    if place.startswith("models"):
        return (target in ("cuda", "src/core", "src/table", "src/train", "models/trees", "models")
                or target.startswith("kernels/") or (place == "models" and target.startswith("models/")))
    if place == "tools":
        return target.startswith("src/") or included == "models/registry.h" or target == "cuda"
    return place in ("tests", "perf", "include")


def place_of_include(root, included):
    for base, prefix in ((root, ""), (root / "src", "src/")):
        if (base / included).exists():
            return place_of(prefix + included)
    return None


def check_line(root, path, number, text):
    match = INCLUDE.match(text)
    if not match:
        return None
    place, where = place_of(path), f"{path}:{number}"
    if match.group(2):
        head = match.group(2).split("/")[0]
        owners = SYSTEM.get(head)
        if owners and place not in ("tests", "perf") and not any(place.startswith(owner) for owner in owners):
            return f"{where}: <{match.group(2)}> belongs to {', '.join(owners)} only"
        if head in ("arrow", "parquet") and path.endswith(".h") and "/arrow_" not in path and not path.startswith("tests"):
            return f"{where}: Arrow stays out of headers"
        return None
    target = place_of_include(root, match.group(1))
    if target and not allowed(place, target, match.group(1)):
        return f"{where}: {place} may not include {match.group(1)} ({target})"
    return None


def wrong_arrows(root):
    found = []
    for folder in ("cuda", "kernels", "src", "models", "tools", "include"):
        for file in sorted((root / folder).rglob("*")):
            path = file.relative_to(root).as_posix()
            if file.suffix not in (".h", ".cc", ".cu", ".cuh") and not path.endswith(".inc.h"):
                continue
            if NAMELESS.search(path):
                found.append(f"{path}: a name that says nothing")
            for number, text in enumerate(file.read_text().splitlines(), 1):
                problem = check_line(root, path, number, text)
                if problem:
                    found.append(problem)
    return found


def self_test():
    planted = {"cuda/a.h": '#include "kernels/x/op.h"', "kernels/x/op.h": '#include "core/json.h"',
               "src/core/json.h": '#include "table/table.h"', "src/table/table.h": "#include <arrow/api.h>",
               "src/prepare/step.cc": '#include "run/run.h"', "src/run/run.h": '#include "models/m/m.h"',
               "models/m/m.h": "#include <torch/torch.h>", "src/train/utils.h": ""}
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in planted.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text + "\n")
        found = {line.split(":")[0] for line in wrong_arrows(root)}
    missed = set(planted) - found
    assert not missed, f"not found: {sorted(missed)}"


if __name__ == "__main__":
    if sys.argv[1] == "--self-test":
        self_test()
    else:
        problems = wrong_arrows(pathlib.Path(sys.argv[1]))
        print("\n".join(problems) or "every arrow points the right way")
        sys.exit(1 if problems else 0)
