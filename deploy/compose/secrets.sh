#!/bin/sh
# Make what compose.yaml reads from ./secrets: tokens, passwords, a certificate for `monitor` and
# `localhost` (two years). What is there already stays. Needs openssl.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets/alertmanager
chmod 755 secrets/alertmanager
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
# Alertmanager reads these from /etc/alertmanager-secrets; only their owners can know what is in them.
placeholder() {
  [ -s "secrets/alertmanager/$1" ] || printf '%s' "$2" >"secrets/alertmanager/$1"
  chmod 644 "secrets/alertmanager/$1"
  case "$(cat "secrets/alertmanager/$1")" in
    *REPLACE-ME*) echo "placeholder: put $3 into secrets/alertmanager/$1" ;;
  esac
}
placeholder pagerduty.key REPLACE-ME "PagerDuty's integration key (Events API v2)"
placeholder mail.password REPLACE-ME "the password of the mail account"
placeholder heartbeat.key REPLACE-ME "the key of the service that watches the heartbeat"
placeholder opsgenie.key REPLACE-ME "Opsgenie's API key, if you use it"
placeholder slack.url https://hooks.slack.com/services/REPLACE-ME "Slack's webhook address, if you use it"
placeholder teams.url https://REPLACE-ME.example.com/ "the Teams workflow's address, if you use it"
placeholder webhook.token REPLACE-ME "the bearer token of your own hook, if you use it"
echo "secrets/ is ready; the NOC's token is in secrets/noc.token"
