"""A configuration of many routes, as the YAML people write."""


def configuration(count, port, admin_port, variant, variant_of_one):
    """Of two numbers every route differs from that of another variant; the one in the middle has its own."""
    head = [
        "listeners:",
        f"  - {{ name: public, address: 127.0.0.1:{port} }}",
        f"admin: {{ address: 127.0.0.1:{admin_port} }}",
        'accessLog: { to: "off" }',
        "upstreams:",
    ]
    for each in range(20):
        head.append(f"  service-{each:02}: {{ endpoints: [ http://127.0.0.1:9 ] }}")
    head.append("routes:")
    head.append("  - match: { path: /ping }")
    head.append("    to: { mock: { status: 200, body: pong } }")
    for index in range(count - 1):
        head.append(route(index, variant_of_one if index == count // 2 else variant))
    return "\n".join(head) + "\n"


def route(index, variant):
    return f"""\
  # Route {index} of team {index % 97}
  - id: route-{index}
    match:
      hosts: [api-{index % 50}.example.com]
      path: /service-{index % 200}/items-{index}/{{id}}
      methods: [GET, POST]
    headers:
      request:
        set: {{ X-Item: "{{id}}-{variant}" }}
    to:
      upstream: service-{index % 20:02}
      rewrite: /v{variant + 1}/items/{index}/{{id}}"""
