#!/usr/bin/env bash
# Claim: the layout of every C file is clang-format's.
set -euo pipefail
command -v clang-format >/dev/null || { echo "skipped: clang-format is not installed"; exit 0; }
cd "$GKT_ROOT"
find . \( -path './build*' -o -path './.git' \) -prune -o -name '*.[ch]' -print0 | xargs -0 clang-format --dry-run -Werror
