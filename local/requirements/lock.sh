#!/usr/bin/env bash
# Resolves every lock file. One file per virtual environment: ministack and sam-cli pin botocore versions of their own.
set -euo pipefail
uv=$1
cd "$(dirname "$0")/../.."
compile() {
  "$uv" pip compile -q --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-emit-find-links --no-header --no-annotate "$@"
}
for name in uv ministack sam ccxt node; do
  compile "local/requirements/$name.in" -o "local/requirements/$name.txt"
done
package=layers/undertow/pyproject.toml
compile "$package" --extra api -o layers/vendor/requirements.txt
compile "$package" --extra stream -c layers/vendor/requirements.txt -o stream_worker/requirements.txt
compile "$package" --extra stream --extra api --group dev \
  -c layers/vendor/requirements.txt -c stream_worker/requirements.txt -o local/requirements/dev.txt
compile "$package" local/requirements/mutation.in --extra stream --extra api --group dev \
  -c local/requirements/dev.txt -o local/requirements/mutation.txt
