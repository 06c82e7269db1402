#!/usr/bin/env bash
# dataplane.sh PORT HOST:PORT_OF_UPSTREAM [--tls CERT KEY]: the gateway in the foreground as the peers are measured
# against it, with the features a user has on: 100 routes, each with a rate limit that never refuses, metrics, an access
# log (to /dev/null). Clients on PORT, by TLS with --tls; admin on PORT+1.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
tls=
rest=()
while [ $# -gt 0 ]; do
  if [ "$1" = --tls ] && [ $# -ge 3 ]; then
    # The configuration is elsewhere: its paths would start there.
    tls="tls: { certificates: [ { certificate: \"$(realpath "$2")\", key: \"$(realpath "$3")\" } ] }"
    shift 3
  else
    rest+=("$1")
    shift
  fi
done
if [ ${#rest[@]} -ne 2 ]; then
  echo "usage: dataplane.sh PORT HOST:PORT_OF_UPSTREAM [--tls CERT KEY]" >&2
  exit 2
fi
port=${rest[0]}
upstream=${rest[1]}

# Shapes in turn, as an API has them; none of them matches what is measured, so every request walks past them.
routes() {
  local number
  for number in $(seq 1 95); do
    case $((number % 7)) in
      0) echo "  - match: { path: \"/r$number\" }" ;;
      1) echo "  - match: { path: \"/r$number/{id}\" }" ;;
      2) echo "  - match: { path: \"/r$number/{path+}\" }" ;;
      3) echo "  - match: { path: \"/r$number/{id}/items/{item}\", methods: [GET, POST] }" ;;
      4) echo "  - match: { path: \"/api/r$number/{id}\", methods: [GET] }" ;;
      5) echo "  - match: { path: \"/api/v2/r$number/{id}/{rest+}\" }" ;;
      6) echo "  - match: { hosts: [api$number.example.com], path: \"/{path+}\" }" ;;
    esac
    echo "    policies: [generous]"
    echo "    to: { upstream: measured }"
  done
  echo '  - { match: { path: "/" }, policies: [generous], to: { upstream: measured } }'
  echo '  - { match: { path: "/{path+}" }, policies: [generous], to: { upstream: measured } }'
  echo '  - { match: { path: "/cached" }, policies: [generous, { cache: { ttl: 1h } }], to: { upstream: measured } }'
  echo '  - { match: { path: "/cached/{path+}" }, policies: [generous, { cache: {} }], to: { upstream: measured } }'
  echo '  - { match: { path: "/refused" }, policies: [hourly], to: { upstream: measured } }'
}

. "$here/publish.sh"
built_or_published "$root/src/DataPlane/DataPlane.csproj" "$here/obj/dataplane" \
  "$root/src" "$root/Directory.Build.props" "$root/Directory.Packages.props" "$root/global.json"

mkdir -p "$here/obj"
config=$here/obj/gateway-$port.yaml
{
  cat <<YAML
listeners:
  - name: measured
    address: 127.0.0.1:$port
    $tls
admin: { address: 127.0.0.1:$((port + 1)) }
limits: { connections: 20000, idleTimeout: 10m }
accessLog: { to: file:/dev/null, format: json }
upstreams:
  measured:
    endpoints: [ { url: http://$upstream } ]
    connections: { max: 1024, idle: 512, idleTimeout: 10m }
policies:
  generous: { rateLimit: { key: clientAddress, rate: 100000000/s, burst: 1000000 } }
  hourly: { rateLimit: { key: clientAddress, rate: 1/h } }
routes:
YAML
  routes
} >"$config"

# 10,000 idle connections need more descriptors than the usual 1,024.
ulimit -n "$(ulimit -Hn)" 2>/dev/null || true
exec dotnet "$built/dataplane.dll" run --config "$config"
