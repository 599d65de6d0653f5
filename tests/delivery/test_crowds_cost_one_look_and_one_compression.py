"""However many come at once, a payload is joined and compressed once, and the store is asked what it can bear."""

import asyncio
import threading

import aiohttp

from flaghoist.base.kept import made
from flaghoist.delivery import credentials

CROWD = 200


def test_everybody_who_polls_at_once_gets_the_one_payload_that_was_joined_and_compressed(make_world, make_flag):
    world = make_world(flags=[make_flag(f"flag-{number:03}") for number in range(200)])
    headers = {"Authorization": world.sdk_key, "Accept-Encoding": "gzip"}

    def crowd():
        before = made.count("joined"), made.count("compressed")
        bodies = asyncio.run(_asked([(f"{world.url}/sdk/latest-all", headers)] * CROWD))
        assert {status for status, _, _ in bodies} == {200}
        assert {told.get("Content-Encoding") for _, told, _ in bodies} == {"gzip"}
        assert len({body for _, _, body in bodies}) == 1
        return made.count("joined") - before[0], made.count("compressed") - before[1]

    assert crowd() == (1, 1)
    assert crowd() == (0, 0), "nothing has changed"
    world.change("flags", make_flag("flag-007", on=False))
    assert crowd() == (1, 1)
    assert world.source.loads == 1


def test_everybody_with_the_same_unknown_key_waits_for_one_look(make_world, make_flag, monkeypatch):
    monkeypatch.setattr(credentials, "ANSWER_WITHIN_SECONDS", 30)
    world = make_world(flags=[make_flag("checkout")])
    looks = _Looks(world)
    with looks:
        unknown = [(f"{world.url}/sdk/latest-all", {"Authorization": "sdk-unknown"})] * CROWD
        # Each has a connection and a request at work.
        answers = asyncio.run(
            _asked(unknown, once=lambda _answered: world.requests_at_work >= 2 * CROWD, then=looks.let_on)
        )
    assert {status for status, _, _ in answers} == {401}
    assert len(looks.made) == 1


def test_crowd_of_different_unknown_keys_is_told_to_come_again_and_who_is_known_is_served(
    make_world, make_flag, monkeypatch
):
    monkeypatch.setattr(credentials, "UNDER_WAY_MAX", 10)
    monkeypatch.setattr(credentials, "ANSWER_WITHIN_SECONDS", 30)
    world = make_world(flags=[make_flag("checkout")])
    known = (f"{world.url}/sdk/latest-all", {"Authorization": world.sdk_key})
    assert asyncio.run(_asked([known]))[0][0] == 200
    monkeypatch.setattr(credentials, "TRUST_MS", 0)  # even where it is time to look again
    looks = _Looks(world)
    with looks:
        unknown = [(f"{world.url}/all", {"Authorization": f"sdk-{number}"}) for number in range(CROWD)]
        all_but_ten = CROWD - 10
        answers = asyncio.run(
            _asked([*unknown, known], once=lambda answered: answered > all_but_ten, then=looks.let_on)
        )
    *refused, served = answers
    assert served[0] == 200
    told = [status for status, _, _ in refused]
    assert told.count(401) == 10
    assert told.count(503) == CROWD - 10
    assert {headers.get("Retry-After") for status, headers, _ in refused if status == 503} == {"1"}
    assert len(looks.made) <= 11
    assert asyncio.run(_asked(unknown[-1:]))[0][0] == 401, "the next one is looked up"


class _Looks:
    """The looks at the store, held up for a while."""

    def __init__(self, world):
        self.made = []
        self._on = threading.Event()
        self._source = world.source
        self._resolve = world.source.resolve

    def __enter__(self):
        self._source.resolve = self._look

    def __exit__(self, *_):
        self._source.resolve = self._resolve

    def let_on(self):
        self._on.set()

    def _look(self, kind, credential):
        self.made.append(credential)
        self._on.wait(5)
        return self._resolve(kind, credential)


async def _asked(questions, once=lambda answered: True, then=lambda: None):
    """All asked at once: status, headers and raw body of each; ``then`` is done ``once`` so many have answers."""
    answered = 0
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:

        async def ask(url, headers):
            nonlocal answered
            async with session.get(url, headers=headers) as answer:
                told = answer.status, answer.headers, await answer.read()
            answered += 1
            return told

        asking = asyncio.gather(*(ask(*question) for question in questions))
        async with asyncio.timeout(20):
            while not once(answered):
                await asyncio.sleep(0.01)
        then()
        return await asking
