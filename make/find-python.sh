#!/usr/bin/env bash
# Print a Python 3.13 from which the environments are made; with `pip`, one that can also install the installer, uv.
# If there is none, say in one line how to get it. It runs before anything is installed.
set -euo pipefail

WANTED=3.13

is_wanted() {
  # Run it: a shim of pyenv is on the PATH even if its Python is not chosen.
  [ "$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" = "$WANTED" ]
}

candidates() {
  if [ -n "${PYTHON:-}" ]; then
    echo "$PYTHON"
    return
  fi
  # All of them: the first may be that of an environment in this folder, whose own Python was removed.
  type -aP "python$WANTED" python3 python || true
  # What pyenv and uv have installed without putting it on the PATH.
  local folder
  for folder in "${PYENV_ROOT:-$HOME/.pyenv}/versions/$WANTED".* \
    "${UV_PYTHON_INSTALL_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/uv/python}/cpython-$WANTED".*; do
    echo "$folder/bin/python$WANTED"
  done
}

find_wanted() {
  local candidate
  while read -r candidate; do
    if is_wanted "$candidate"; then
      echo "$candidate"
      return
    fi
  done < <(candidates)
  if [ "${UV_PYTHON_DOWNLOADS:-never}" != never ]; then
    # uv downloads it when it makes the first environment.
    echo "$WANTED"
    return
  fi
  local get="Get it by one of: 'UV_PYTHON_DOWNLOADS=automatic make install' (uv downloads it)"
  get+=" | pyenv install $WANTED | docker run --rm -it -v \"\$PWD:/cafe\" -w /cafe python:$WANTED bash"
  echo "Python $WANTED is missing, so nothing was installed. $get" >&2
  return 1
}

find_pip() {
  local candidate
  while read -r candidate; do
    if "$candidate" -m pip --version >/dev/null 2>&1; then
      echo "$candidate"
      return
    fi
  done < <(echo "$1"; type -aP python3 python || true)
  echo "No Python has pip, so nothing was installed. Get it by one of: sudo apt install python3-pip | $1 -m ensurepip" >&2
  return 1
}

wanted=$(find_wanted)
if [ "${1:-}" = pip ]; then
  find_pip "$wanted"
else
  echo "$wanted"
fi
