#!/usr/bin/env bash
# Checks scripts and styles with the versions of package.json, where Node is there.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v npm >/dev/null; then
	echo "skipped: no Node – scripts and styles were not checked"
	exit 0
fi
if [ ! -x node_modules/.bin/eslint ] || [ package.json -nt node_modules/.bin/eslint ]; then
	npm install --no-package-lock --no-audit --no-fund --loglevel=error
	touch -c node_modules/.bin/eslint
fi
status=0
node_modules/.bin/eslint "ouderavond/**/*.js" || status=1
node_modules/.bin/prettier --check "ouderavond/**/*.{js,css,scss}" || status=1
exit $status
