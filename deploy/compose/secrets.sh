#!/bin/sh
# Make what compose.yaml reads from ./secrets: tokens, passwords, a certificate for `monitor` and
# `localhost` (two years). What is there already stays. Needs openssl.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets/alertmanager
# The containers run under numbers of their own and must be able to read the files; the folder keeps
# other users of this machine out.
for name in prometheus.token noc.token influxdb.token influxdb.password grafana.password; do
  [ -s "secrets/$name" ] || openssl rand -hex 32 | tr -d '\n' >"secrets/$name"
  chmod 644 "secrets/$name"
done
if [ ! -s secrets/cubemon.key ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 730 \
    -subj /CN=monitor -addext subjectAltName=DNS:monitor,DNS:localhost,IP:127.0.0.1 \
    -keyout secrets/cubemon.key -out secrets/cubemon.crt 2>/dev/null
fi
chmod 644 secrets/cubemon.key secrets/cubemon.crt
echo "secrets/ is ready; the NOC's token is in secrets/noc.token"
