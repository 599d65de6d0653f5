"""The official server-side SDK, set to our doors, sees what the operator does."""

import logging

import pytest
from ldclient import Context
from ldclient.config import Config
from ldclient.datasystem import default
from ldclient.impl.datasource.feature_requester import FeatureRequesterImpl
from ldclient.interfaces import DataSourceState
from ldclient.versioned_data_kind import FEATURES

ANN = Context.create("ann")


def test_change_reaches_open_stream_without_another_load(make_world, make_flag, until):
    world = make_world(flags=[make_flag("checkout")])
    assert not world.hub.holds(world.environment_id)
    sdk = world.sdk()
    assert sdk.is_initialized()
    assert sdk.variation("checkout", ANN, None) is True
    assert world.hub.holds(world.environment_id)
    world.change("flags", make_flag("checkout", on=False))
    until(lambda: sdk.variation("checkout", ANN, None) is False)
    assert world.source.loads == 1


def test_deleted_flag_is_gone_and_comes_back_with_higher_version(make_world, make_flag, until):
    world = make_world(flags=[make_flag("checkout"), make_flag("other")])
    sdk = world.sdk()
    world.delete("flags", "checkout")
    until(lambda: sdk.variation("checkout", ANN, "default") == "default")
    world.change("flags", make_flag("checkout", on=False))
    until(lambda: sdk.variation("checkout", ANN, "default") is False)
    assert sdk.variation("other", ANN, "default") is True


def test_changes_told_twice_or_late_make_no_difference(make_world, make_flag, until):
    world = make_world(flags=[make_flag("checkout"), make_flag("marker", on=False)])
    sdk = world.sdk()
    first = world.change("flags", make_flag("checkout", on=False))
    world.delete("flags", "checkout")
    world.hub.publish(world.environment_id, [first])
    world.change("flags", make_flag("marker"))
    until(lambda: sdk.variation("marker", ANN, None) is True)
    assert sdk.variation("checkout", ANN, "default") == "default"
    # Neither does a client that connects afterwards see what is past.
    assert sorted(world.sdk().all_flags_state(ANN).to_values_map()) == ["marker"]


def test_segment_change_turns_flag_that_asks_for_it(make_world, make_flag, make_segment, asks_for_segment, until):
    beta = make_flag("beta", fallthrough={"variation": 1}, rules=[asks_for_segment("testers")])
    world = make_world(flags=[beta])
    sdk = world.sdk()
    assert sdk.variation("beta", ANN, None) is False
    world.change("segments", make_segment("testers", included=["ann"]))
    until(lambda: sdk.variation("beta", ANN, None) is True)
    world.delete("segments", "testers")
    until(lambda: sdk.variation("beta", ANN, None) is False)


def test_several_changes_of_one_commit_arrive_together(make_world, make_flag, until):
    world = make_world()
    sdk = world.sdk()
    updates = [world.store("flags", make_flag(f"flag-{number}")) for number in range(20)]
    world.hub.publish(world.environment_id, updates)
    until(lambda: len(sdk.all_flags_state(ANN).to_values_map()) == 20)


def test_invalidated_environment_is_sent_whole_again(make_world, make_flag, until):
    world = make_world(flags=[make_flag("old")])
    sdk = world.sdk()
    del world.source.items[world.environment_id]["flags"]["old"]
    world.store("flags", make_flag("new"))
    world.hub.invalidate(world.environment_id)
    until(lambda: sdk.all_flags_state(ANN).to_values_map() == {"new": True})


def test_values_that_json_has_but_lines_have_not_survive_the_stream(make_world, make_flag):
    odd = ["a\nb\rc\u2028d\x85e\u0000f", {"é": [1.0, 1e22, None]}, ""]
    world = make_world(flags=[make_flag("odd", variations=odd)])
    sdk = world.sdk()
    assert sdk.variation("odd", ANN, None) == odd[0]


def test_polling_sdk_initialises_and_is_told_when_nothing_changed(make_world, make_flag, caplog):
    world = make_world(flags=[make_flag("checkout")])
    sdk = world.sdk(stream=False)
    assert sdk.is_initialized()
    assert sdk.variation("checkout", ANN, None) is True

    requester = FeatureRequesterImpl(Config(world.sdk_key, base_uri=world.url, send_events=False))
    with caplog.at_level(logging.DEBUG, "ldclient.util"):
        first = requester.get_all_data()
        again = requester.get_all_data()
        world.change("flags", make_flag("checkout", on=False))
        changed = requester.get_all_data()
    statuses = [message.split("status:[")[1][:3] for message in caplog.messages if "status:[" in message]
    assert statuses == ["200", "304", "200"]
    assert again == first
    assert (first[FEATURES]["checkout"]["on"], changed[FEATURES]["checkout"]["on"]) == (True, False)


def test_sdk_that_prefers_the_second_protocol_falls_back_to_the_first(make_world, make_flag):
    world = make_world(flags=[make_flag("checkout")])
    sdk = world.sdk(datasystem_config=default().build())
    assert sdk.is_initialized()
    assert sdk.variation("checkout", ANN, None) is True


def test_revoked_key_closes_its_stream_and_lets_nobody_in(make_world, make_flag, until):
    world = make_world(flags=[make_flag("checkout")])
    sdk = world.sdk()
    status = sdk.data_source_status_provider
    until(lambda: status.status.state == DataSourceState.VALID)
    del world.source.credentials["sdk", world.sdk_key]
    world.hub.revoke(world.environment_id)
    until(lambda: status.status.state == DataSourceState.INTERRUPTED)
    until(lambda: status.status.error is not None and status.status.error.status_code == 401)


@pytest.fixture(autouse=True)
def _quiet_sdk(caplog):
    caplog.set_level(logging.CRITICAL, "ldclient.util")
