"""What happens to the gateway under load, one function a step. Each returns a remark for the table, or raises."""
import json
import signal
import time

WATCHED_SECONDS = 15


class Broken(Exception):
    """A step did not come out as it must, losses aside."""


def baseline(_, seconds):
    time.sleep(seconds)
    return ""


def reload_often(world, _):
    """SIGHUP and PUT /config in turn; every twentieth time the file is changed and found by the watch."""
    gateway, count = world.gateway, world.reloads
    before = gateway.figures().values
    for number in range(1, count + 1):
        configuration = gateway.configuration(number)
        generation = gateway.figures().values["dataplane_config_generation"]
        if number % 20 == 0:
            gateway.write(configuration)
        elif number % 2 == 0:
            gateway.write(configuration)
            gateway.send(signal.SIGHUP)
        else:
            status, answer = gateway.ask("PUT", "/config", json.dumps(configuration), {"If-Match": "*"})
            if status != 200:
                raise Broken(f"PUT /config: {status} {answer}")
        _until(lambda: gateway.figures().values["dataplane_config_generation"] > generation, f"reload {number}")
    after = gateway.figures().values
    if not after["dataplane_config_last_reload_success"]:
        raise Broken("a reload was refused")
    applied = after["dataplane_config_generation"] - before["dataplane_config_generation"]
    gateway.write(gateway.configuration())
    gateway.send(signal.SIGHUP)
    return f"{applied:.0f} configurations applied"


def kill_and_restore(world, seconds):
    world.upstreams[1].kill()
    time.sleep(seconds / 2)
    world.upstreams[1].start()
    answered = world.upstreams[1].answered()
    # The first connection may be refused for five seconds more.
    _until(lambda: world.upstreams[1].answered() > answered, "the restored endpoint's return")
    time.sleep(seconds / 2)
    return f"{world.upstreams[1].answered()} answers after its return"


def hang(world, seconds):
    def ejections():
        return world.gateway.figures().values.get("dataplane_upstream_ejections_total", 0)

    before = ejections()
    world.upstreams[2].become("hang")
    try:
        _until(lambda: ejections() > before, "the hanging endpoint's ejection")
        time.sleep(seconds / 2)
    finally:
        world.upstreams[2].become("serve")
    ejected = ejections() - before
    answered = world.upstreams[2].answered()
    _until(lambda: world.upstreams[2].answered() > answered, "the hanging endpoint's return")
    time.sleep(seconds / 2)
    return f"{ejected:.0f} ejections"


def reset_in_the_body(world, seconds):
    world.upstreams[2].become("reset")
    time.sleep(seconds)
    world.upstreams[2].become("serve")
    return ""


def change_the_name(world, seconds):
    time.sleep(seconds / 2)
    former, latter = world.named
    world.names.addresses = [latter.address]
    _until(lambda: latter.answered() > 0, "the new address")
    # Both loops take the new set; what was sent to the old address is answered.
    time.sleep(0.5)
    answered = former.answered()
    time.sleep(seconds / 2)
    if former.answered() != answered:
        raise Broken("the old address still gets requests")
    former.kill()
    time.sleep(seconds / 2)
    return f"{answered} answers of the old address, {latter.answered()} of the new"


def fill_the_disk(world, seconds):
    gateway = world.gateway
    gateway.fill_disk()
    time.sleep(seconds)
    gateway.free_disk()
    dropped = gateway.figures().values.get("dataplane_access_log_dropped_lines_total", 0)
    if dropped == 0:
        raise Broken("no dropped line was counted")
    return f"{dropped:.0f} lines dropped and counted"


def terminate(world, _):
    gateway, load = world.gateway, world.load
    time.sleep(0.5)
    gateway.send(signal.SIGTERM)
    sent = time.monotonic()
    _until(lambda: gateway.ask("GET", "/readyz")[0] == 503, "the failing probe")
    load.no_new_connections()
    code = gateway.process.wait(30)
    if code != 0:
        raise Broken(f"exit code {code}")
    return f"exit code 0 after {time.monotonic() - sent:.1f} s"


def _until(condition, what):
    deadline = time.monotonic() + WATCHED_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise Broken(f"waited in vain for {what}")
        time.sleep(0.02)
