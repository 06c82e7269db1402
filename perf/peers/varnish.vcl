vcl 4.1;
# Varnish as a proxy with a cache: /cached for an hour, everything else passes through it.
backend measured {
  .host = "127.0.0.1";
  .port = "{{upstream_port}}";
}
sub vcl_recv {
  if (req.url == "/cached") {
    unset req.http.Cookie;
    return (hash);
  }
  return (pass);
}
sub vcl_backend_response {
  if (bereq.url == "/cached") {
    set beresp.ttl = 1h;
  }
}
