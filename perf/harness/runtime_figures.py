"""What a .NET process reports of its own memory on the admin listener."""
import http.client
import re

ALLOCATED = re.compile(r"^dotnet_gc_heap_total_allocated_bytes_total(?:\{\})? (\S+)", re.MULTILINE)
GEN0 = re.compile(r'^dotnet_gc_collections_total\{[^}]*gen0[^}]*\} (\S+)', re.MULTILINE)


def read(admin_port):
    """(bytes allocated, gen0 collections) since the start; None when nobody answers there with these metrics."""
    connection = http.client.HTTPConnection("127.0.0.1", admin_port, timeout=5)
    try:
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    allocated, gen0 = ALLOCATED.search(text), GEN0.search(text)
    if not allocated:
        return None
    return float(allocated[1]), float(gen0[1]) if gen0 else 0.0
