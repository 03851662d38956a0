# Sourced by quickstart and test: puts the pinned cmake and ninja, and nvcc, on the path.
export PATH="$PWD/.venv/bin:$PATH"
if ! command -v nvcc >/dev/null; then
  for folder in /usr/local/cuda/bin "$PWD"/.venv/lib/python3*/site-packages/nvidia/cu13/bin; do
    [ -x "$folder/nvcc" ] && { export PATH="$folder:$PATH"; break; }
  done
fi
export CUDACXX="${CUDACXX:-$(command -v nvcc)}"
export CCACHE_DIR="${CCACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/ccache}"
# Paths below the checkout count as relative: another checkout of the same sources finds what this one compiled.
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1
