"""chaostoolkit-toxiproxy: its actions and probes against the control port, unmodified."""
import logging
import os
import time

from backends import Backend, connect, echo, exchange
from harness import Server, Skip, case, check, equal, main


@case("every action and probe of chaostoolkit-toxiproxy")
def actions():
    try:
        import logzero
        from chaostoxi.proxy import actions as proxies
        from chaostoxi.proxy import probes
        from chaostoxi.toxic import actions as toxics
    except ImportError:
        raise Skip("the Python package chaostoolkit-toxiproxy is not installed") from None
    logzero.loglevel(logging.ERROR)
    with Server("-q") as server, Backend(echo) as backend:
        url = f"http://127.0.0.1:{server.ports['control']}"
        for configuration in ({"toxiproxy_url": url}, {
                "toxiproxy_host": "127.0.0.1", "toxiproxy_port": server.ports["control"]}):
            use_proxy(proxies, probes, configuration, backend)
            use_toxics(toxics, configuration)
            proxies.reset(configuration=configuration)
            proxies.delete_proxy("ct", configuration=configuration)
            check(not probes.proxy_exist("ct", configuration=configuration), "after deletion")


def use_proxy(proxies, probes, configuration, backend):
    check(not probes.proxy_exist("ct", configuration=configuration), "before creation")
    os.environ["CT_PORT"] = str(backend.port)
    check(proxies.create_proxy("ct", "127.0.0.1", "env:CT_PORT", listen_host="127.0.0.1",
                               configuration=configuration), "create_proxy")
    port = int(configuration["ct_PORT"])
    with connect(port) as stream:
        exchange(stream, b"through")
    check(probes.proxy_exist("ct", configuration=configuration), "proxy_exist")
    equal(probes.get_proxy_attribute("ct", "upstream", configuration=configuration),
          backend.address, "get_proxy_attribute")
    proxies.disable_proxy("ct", configuration=configuration)
    try:
        connect(port).close()
        raise AssertionError("a disabled proxy accepts")
    except ConnectionRefusedError:
        pass
    proxies.enable_proxy("ct", configuration=configuration)
    proxies.modify_proxy("ct", upstream_address=backend.address, configuration=configuration)


def use_toxics(toxics, configuration):
    port = int(configuration["ct_PORT"])
    more = {"configuration": configuration}
    check(toxics.create_latency_toxic("ct", "late", 200, 0, **more), "latency")
    with connect(port) as stream:
        start = time.monotonic()
        exchange(stream, b"late")
        check(time.monotonic() - start >= 0.2, "an early answer")
    check(toxics.create_bandwith_degradation_toxic("ct", "narrow", 1000, **more), "bandwidth")
    check(toxics.create_slow_connection_close_toxic("ct", "slow", 100, **more), "slow_close")
    check(toxics.create_timeout_toxic("ct", "silence", 1000, **more), "timeout")
    check(toxics.create_slicer_toxic("ct", "slices", 10, 5, 100, **more), "slicer")
    check(toxics.create_limiter_toxic("ct", "limit", 1000, **more), "limit_data")
    check(toxics.create_toxic("ct", "reset", "reset_peer", attributes=None, **more), "reset_peer")
    for name in ("late", "narrow", "slow", "silence", "slices", "limit", "reset"):
        check(toxics.delete_toxic("ct", name, **more), f"delete_toxic {name}")
    with connect(port) as stream:
        exchange(stream, b"whole again")


main()
