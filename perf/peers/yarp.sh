#!/usr/bin/env bash
# yarp.sh PORT HOST:PORT_OF_UPSTREAM: the YARP peer in the foreground, built when its sources are newer.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/publish.sh"
publish_if_newer "$here/Yarp/Yarp.csproj" "$here/obj/yarp" "$here/Yarp"
exec dotnet "$here/obj/yarp/yarp-peer.dll" "$1" "$2"
