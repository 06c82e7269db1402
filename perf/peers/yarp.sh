#!/usr/bin/env bash
# yarp.sh PORT HOST:PORT_OF_UPSTREAM: the YARP peer in the foreground, built when its sources are newer.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/publish.sh"
built_or_published "$here/Yarp/Yarp.csproj" "$here/obj/yarp" "$here/Yarp"
exec dotnet "$built/yarp-peer.dll" "$1" "$2"
