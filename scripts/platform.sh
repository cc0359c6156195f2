#!/usr/bin/env bash
# A new bench with a site for this app: the platform's ordinary installation, for a machine with the internet.
# Before it: the platform's own prerequisites (Python 3.10+, Node 18+ with yarn, MariaDB, Redis).
set -euo pipefail
cd "$(dirname "$0")/.."

app=$PWD
bench=${1:-bench}
site=${SITE:-ouderavond.localhost}

command -v bench >/dev/null || pip install frappe-bench
bench init --frappe-branch version-15 "$bench"
cd "$bench"
bench get-app --branch version-15 erpnext
bench get-app --branch version-15 education
bench get-app "$app"
bench new-site "$site" --mariadb-root-password "${OUDERAVOND_DB_ROOT_PASSWORD:-root}" \
	--admin-password "${ADMIN_PASSWORD:-admin}"
bench --site "$site" install-app erpnext education ouderavond

echo "Now: cd $bench && bench start, and open http://$site:8000"
