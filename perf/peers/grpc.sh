#!/usr/bin/env bash
# grpc.sh PORT HOST:PORT_OF_UPSTREAM: the gateway in the foreground in front of a gRPC upstream, metrics and an access log
# (to /dev/null) on. Clients on PORT, admin on PORT+1.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
if [ $# -ne 2 ]; then
  echo "usage: grpc.sh PORT HOST:PORT_OF_UPSTREAM" >&2
  exit 2
fi
. "$here/publish.sh"
built_or_published "$root/src/DataPlane/DataPlane.csproj" "$here/obj/dataplane" \
  "$root/src" "$root/Directory.Build.props" "$root/Directory.Packages.props" "$root/global.json"
mkdir -p "$here/obj"
config=$here/obj/grpc-$1.yaml
cat >"$config" <<YAML
listeners: [ { name: measured, address: "127.0.0.1:$1" } ]
admin: { address: "127.0.0.1:$(($1 + 1))" }
accessLog: { to: "file:/dev/null", format: json }
upstreams: { measured: { protocol: http2, endpoints: [ "http://$2" ] } }
routes: [ { match: { path: "/test.Calls/{method}" }, to: { upstream: measured } } ]
YAML
exec dotnet "$built/dataplane.dll" run --config "$config"
