"""Keys that come again and again are known by the objects they are; nobody may notice."""

import concurrent.futures
import sys

import hogwire
from conftest import answering

EVENTS = 40
KEYS = ["plan", "clé", 'with "quotes"', "a key of thirty bytes and more", "\ud800", *(f"key {n}" for n in range(300))]


def sent_properties(offline, properties):
    client, sent = offline
    assert client.create_event(distinct_id="user-1", event_name="bought", properties=properties).ok
    return sent[-1]["properties"]


def test_the_same_keys_are_stored_every_time(offline):
    properties = {key: number for number, key in enumerate(KEYS)}
    expected = {key.replace("\ud800", "\ufffd"): value for key, value in properties.items()}
    for _ in range(EVENTS):
        stored = sent_properties(offline, properties)
        assert {key: stored.get(key) for key in expected} == expected


def test_equal_keys_that_are_other_objects_are_the_same_keys(offline):
    first, second = "".join(["pl", "an"]), "".join(["pl", "an"])
    assert first is not second
    for number in range(EVENTS):
        stored = sent_properties(offline, {(first, second)[number % 2]: number})
        assert stored["plan"] == number


def references(objects):
    return [sys.getrefcount(each) for each in objects]


def test_few_keys_stay_alive():
    keys = [f"only once {number}" for number in range(5_000)]
    before = references(keys)
    with hogwire.Client("phc_test", transport=answering()) as client:
        assert all(client.create_event(distinct_id="u", event_name="e", properties={key: 1}).ok for key in keys)
    kept = sum(map(int.__gt__, references(keys), before))
    assert 0 < kept <= 128


def test_threads_know_the_same_keys(offline):
    client, sent = offline
    properties = dict.fromkeys(KEYS[5:100], 1)

    def send(number):
        return client.create_event(distinct_id=f"user-{number}", event_name="bought", properties=properties).ok

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert all(pool.map(send, range(400)))
    assert len(sent) == 400
    assert all(properties.items() <= event["properties"].items() for event in sent)
