# Sourced: built_or_published PROJECT OUTPUT SOURCE... sets $built to the folder of a Release build that is newer than
# all sources: what `dotnet build` or `dotnet run -c Release` left behind, else one published to OUTPUT now.
# Quiet on stdout: what follows belongs to the server.
is_current() {
  local stamp=$1
  shift
  [ -e "$stamp" ] && [ -z "$(find "$@" -type f -not -path '*/obj/*' -not -path '*/bin/*' -newer "$stamp" -print -quit)" ]
}

built_or_published() {
  local project=$1 output=$2 log binary
  shift 2
  binary=$(dirname "$project")/bin/Release/net10.0
  # The newest assembly there: a build touches only those whose sources changed.
  if is_current "$(ls -t "$binary"/*.dll 2>/dev/null | head -n 1)" "$@"; then
    built=$binary
    return
  fi
  built=$output
  mkdir -p "$output"
  (
    # Two harnesses started together would publish over each other.
    flock 9
    is_current "$output/.published" "$@" && exit 0
    log="$output/publish.log"
    # The stamp is taken first: a file saved while the build runs counts as newer.
    touch "$output/.publishing"
    if ! dotnet publish "$project" -c Release -o "$output" -v quiet --nologo >"$log" 2>&1; then
      echo "publishing $(basename "$project") failed:" >&2
      tail -n 20 "$log" >&2
      exit 1
    fi
    mv "$output/.publishing" "$output/.published"
  ) 9>"$output/.lock"
}
