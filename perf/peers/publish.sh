# Sourced: publish_if_newer PROJECT OUTPUT SOURCE... publishes Release once, again only when a source is newer.
# Quiet on stdout: what follows belongs to the server.
publish_if_newer() {
  local project=$1 output=$2 newer log
  shift 2
  mkdir -p "$output"
  (
    # Two harnesses started together would publish over each other.
    flock 9
    if [ -e "$output/.published" ]; then
      newer=$(find "$@" -type f -not -path '*/obj/*' -not -path '*/bin/*' -newer "$output/.published" -print -quit)
      [ -n "$newer" ] || exit 0
    fi
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
