"""The raw client and the simulator read the same documents: paths, methods, weights and order counts agree."""

import pytest
from local.venue.parameters import Parameters
from local.venue.rest import ROUTES
from local.venue.routes import Security as VenueSecurity

from undertow.adapters.aster.rest import endpoints
from undertow.adapters.aster.rest.endpoints import Endpoint
from undertow.adapters.aster.signing import Generation, Security

UNDOCUMENTED = "OPEN_INTEREST"
"""Whether the venue has it is asked at run time; the simulator, like the documents, does not."""
ENDPOINTS = {
    name: each for name, each in vars(endpoints).items() if isinstance(each, Endpoint) and name != UNDOCUMENTED
}
SAMPLES = (
    {},
    {"symbol": "BTCUSDT"},
    *({"symbol": "BTCUSDT", "limit": limit} for limit in (5, 50, 99, 100, 499, 500, 1000, 1500)),
)
DEPTH_LIMITS = (5, 10, 20, 50, 100, 500, 1000)
SAME_SECURITY = {
    (Generation.V1, Security.NONE): {VenueSecurity.NONE},
    (Generation.V1, Security.KEY): {VenueSecurity.KEY, VenueSecurity.STREAM},
    (Generation.V1, Security.SIGNED): {VenueSecurity.SIGNED},
    (Generation.V3, Security.NONE): {VenueSecurity.NONE, VenueSecurity.KEY},
    (Generation.V3, Security.SIGNED): {VenueSecurity.SIGNED, VenueSecurity.STREAM},
}
CASES = [(name, generation) for name, each in ENDPOINTS.items() for generation in each.paths]


@pytest.mark.parametrize(("name", "generation"), CASES)
def test_the_venue_serves_what_the_client_asks(name, generation):
    endpoint = ENDPOINTS[name]
    route = ROUTES[endpoint.method, endpoint.paths[generation]]
    assert route.security in SAME_SECURITY[generation, endpoint.security[generation]]
    for sample in SAMPLES:
        if name == "DEPTH" and sample.get("limit", 500) not in DEPTH_LIMITS:
            continue
        asked = Parameters({key: str(value) for key, value in sample.items()})
        assert route.weight(asked) == endpoint.weight(sample), sample


@pytest.mark.parametrize("name", ["NEW_ORDER", "TEST_ORDER", "MODIFY_ORDER", "CANCEL_ORDER", "CHASE"])
def test_client_and_venue_count_the_same_orders(name):
    endpoint = ENDPOINTS[name]
    route = ROUTES[endpoint.method, endpoint.paths[Generation.V3]]
    assert route.orders(Parameters({})) == endpoint.orders({})


def test_batches_count_each_of_their_orders():
    rows = [{"symbol": "BTCUSDT"}] * 3
    venue = ROUTES["POST", "/fapi/v3/batchOrders"].orders(Parameters({"batchOrders": "[1,2,3]"}))
    assert venue == endpoints.BATCH_ORDERS.orders({"batchOrders": rows}) == 3


def test_the_venue_does_not_serve_what_is_not_documented():
    endpoint = endpoints.OPEN_INTEREST
    assert not [path for path in endpoint.paths.values() if (endpoint.method, path) in ROUTES]
