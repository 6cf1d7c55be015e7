#!/bin/sh
# Makes the secrets of compose.yaml as files, each once: what is there is never changed.
# Needs openssl. The directory is its owner's alone; a container sees the files that it is given.
#
#     sh deploy/compose/make_secrets.sh [DIRECTORY] [NAME-IN-THE-CERTIFICATE]
set -eu
umask 022
directory=${1:-$(dirname "$0")/secrets}
name=${2:-localhost}
mkdir -p "$directory"
chmod 0700 "$directory"
cd "$directory"

# keep FILE: takes what comes on stdin as its content, unless it is there
keep() {
    if [ -e "$1" ]; then cat >/dev/null; return; fi
    cat >"$1.new"
    mv "$1.new" "$1"
}

openssl rand -hex 24 | keep postgres_password
openssl rand -hex 24 | keep grafana_password
openssl rand -hex 24 | keep nats_password

printf 'postgresql://venue:%s@postgres/venue\n' "$(cat postgres_password)" | keep database_url
printf 'nats://venue:%s@nats:4222\n' "$(cat nats_password)" | keep nats_url
keep nats_config <<END
server_name: venue
listen: 0.0.0.0:4222
http: 127.0.0.1:8222
max_payload: 8388608
jetstream { store_dir: "/var/lib/nats" }
authorization { user: venue, password: "$(cat nats_password)" }
END

if [ ! -e gate_key ] || [ ! -e gate_certificate ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 \
        -subj "/CN=$name" -addext "subjectAltName=DNS:$name,IP:127.0.0.1" \
        -keyout gate_key.new -out gate_certificate.new 2>/dev/null
    chmod 0644 gate_key.new # the container's user reads it; nobody else gets into this directory
    mv gate_key.new gate_key
    mv gate_certificate.new gate_certificate
fi
echo "secrets are in $(pwd)"
