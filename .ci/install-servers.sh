#!/bin/sh
# Installs the servers that some tests run against. Never fails: tests whose server is missing are skipped and say so.
have() {
  [ -x /usr/lib/postgresql/15/bin/postgres ] && [ -x /usr/sbin/pgbouncer ]
}

have_moto() {
  command -v moto_server >/dev/null 2>&1
}

have && have_moto && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  have || echo "PostgreSQL 15 or PgBouncer is not installed, and cannot be installed without root and apt-get: their tests are skipped."
  have_moto || echo "moto_server (PyPI: moto) is not installed, and cannot be installed without root and apt-get: its tests are skipped."
  exit 0
fi

export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
limited() {
  timeout 120 "$@" </dev/null >>"$log" 2>&1
}

# Only the programs are wanted: no cluster is made, and no service is started.
if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
  mkdir -p /etc/postgresql-common
  echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
fi
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi

# The emulator of AWS, in a folder of its own.
install_moto() {
  folder=/usr/local/lib/tenantry-moto
  limited python3 -m venv "$folder" || { limited apt-get install -y --no-install-recommends python3-venv && limited python3 -m venv "$folder"; } || return
  limited "$folder/bin/pip" install 'moto[s3,secretsmanager,ssm]>=5.2,<6' flask flask-cors && ln -sf "$folder/bin/moto_server" /usr/local/bin/moto_server
}

limited apt-get update
[ -x /usr/lib/postgresql/15/bin/postgres ] || limited apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-confold postgresql-15
[ -x /usr/sbin/pgbouncer ] || limited apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-confold pgbouncer
if ! have; then
  echo "PostgreSQL 15 or PgBouncer could not be installed: their tests are skipped."
  tail -3 "$log"
fi
have_moto || install_moto
if ! have_moto; then
  echo "moto_server (PyPI: moto) could not be installed: its tests are skipped."
  tail -3 "$log"
fi
rm -f "$log"
exit 0
