"""What goes out goes to the public internet and to what the operator allows, whatever a webhook's address says."""

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from receivers import Receiver, status

from flaghoist.jobs.queue import Failed
from flaghoist.outbound.guard import Barred, Guard
from flaghoist.outbound.send import Sender

PRIVATE = [
    "http://127.0.0.1/",
    "http://127.8.9.10:8080/",
    "http://0.0.0.0/",
    "http://10.0.0.1/",
    "http://172.16.5.4/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.100.100.200/",
    "http://192.0.0.192/opc/v2/instance/",
    "http://168.63.129.16/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://240.0.0.1/",
    "http://198.18.0.1/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:a00:1]/",
    "http://[::127.0.0.1]/",
    "http://[fe80::1]/",
    "http://[fe80::1%25eth0]/",
    "http://[fec0::1]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://[ff02::1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b:1::1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:7f00:1::]/",
]
# Other ways to write an address, each of them understood by some resolver or socket.
DISGUISED = [
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://127.0.0.1./",
    "http://0/",
    "http://１２７.0.0.1/",
    "http://①②⑦.0.0.1/",
    "http://%31%32%37.0.0.1/",
]
MALFORMED = [
    "",
    "diary.example.com",
    "//diary.example.com/",
    "ftp://diary.example.com/",
    "file:///etc/passwd",
    "gopher://diary.example.com/",
    "http:///path",
    "http://diary.example.com:99999/",
    "http://diary.example.com:x/",
    "http://diary.example.com\\@127.0.0.1/",
    "http://diary.example.com/a b",
    "http://diary.example.com/\r\nHost: other",
    "http://diary.example.com/" + "x" * 3000,
]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    opened = Receiver()
    yield opened
    opened.close()


def post(guard: Guard, *urls: str, secret: str = "", seconds: float = 5.0) -> list[str]:
    """Send something to each address in turn; gives the reasons for which it failed, and nothing for what arrived."""

    async def send() -> list[str]:
        sender = Sender(guard, timeout_seconds=seconds)
        reasons = []
        for url in urls:
            try:
                await sender.post(url, b'{"a":1}', secret=secret)
                reasons.append("")
            except Failed as reason:
                reasons.append(str(reason))
        await sender.close()
        return reasons

    return asyncio.run(send())


class Names:
    """What names mean here and now: each look-up of a name gives the next of its answers, the last for ever."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **meanings: list[str]) -> None:
        self.asked: list[str] = []
        real = socket.getaddrinfo

        def getaddrinfo(host: Any, port: Any, *arguments: Any, **more: Any) -> Any:
            name = str(host).removesuffix(".example")
            if name not in meanings:
                return real(host, port, *arguments, **more)
            self.asked.append(name)
            answers = meanings[name]
            means = answers.pop(0) if len(answers) > 1 else answers[0]
            return [
                (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (each, port)) for each in means.split()
            ]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize("url", [*PRIVATE, *DISGUISED, *MALFORMED], ids=lambda url: ascii(url)[1:40])
def test_no_address_within_reach_of_this_machine_alone_is_spoken_to(url: str) -> None:
    with pytest.raises(Barred):
        Guard().check(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://diary.example.com/hooks?x=1",
        "http://diary.example.com:8080/",
        "https://user:password@diary.example.com/",
        "http://93.184.216.34/",
        "https://[2606:4700::1111]/",
        "http://bücher.example/",
    ],
    ids=lambda url: ascii(url)[1:40],
)
def test_the_public_internet_is_open(url: str) -> None:
    Guard().check(url)


def test_ports_of_other_services_are_not_spoken_to() -> None:
    for port in (22, 25, 110, 143, 465, 587, 993):
        with pytest.raises(Barred, match=f"port {port}"):
            Guard().check(f"http://diary.example.com:{port}/")
    Guard.allowing("diary.example.com").check("http://diary.example.com:25/")


def test_what_the_operator_allows_is_open_and_nothing_beside_it() -> None:
    guard = Guard.allowing(" 10.1.0.0/16, 192.168.7.7 ,[fd00::7], Diary.Internal. ")
    for url in ("http://10.1.2.3/", "http://192.168.7.7/", "http://[fd00::7]/", "http://diary.internal/"):
        guard.check(url)
    for url in ("http://10.2.0.1/", "http://192.168.7.8/", "http://[fd00::8]/", "http://127.0.0.1/"):
        with pytest.raises(Barred, match="FLAGHOIST_OUTBOUND_ALLOW"):
            guard.check(url)
    with pytest.raises(ValueError, match=r"10\.1"):
        Guard.allowing("10.1/99")


def test_a_name_that_means_a_private_address_is_not_spoken_to(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    Names(monkeypatch, inside=["127.0.0.1"], mixed=["93.184.216.34 127.0.0.1"])
    urls = [f"http://{host}:{receiver.port}/" for host in ("inside.example", "mixed.example", "localhost")]
    for reason in post(Guard(), *urls):
        assert "is not a public address" in reason
    assert receiver.deliveries == []


def test_a_name_that_changes_its_meaning_between_check_and_use_gains_nothing(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard = Guard.allowing("127.0.0.2")  # stands for a public address, so that the test needs none
    names = Names(monkeypatch, rebinding=["127.0.0.2", "127.0.0.1"])
    first, second = post(guard, *[f"http://rebinding.example:{receiver.port}/"] * 2)
    assert "ClientConnectorError" in first, "nobody listens at the address that was checked"
    assert "127.0.0.1 is not a public address" in second
    assert names.asked == ["rebinding", "rebinding"], "one look-up for a connection, and none after the check"
    assert receiver.deliveries == []


def test_an_allowed_host_is_reached_by_its_name(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    Names(monkeypatch, diary=["127.0.0.1"])
    assert post(Guard.allowing("diary.example"), f"http://diary.example:{receiver.port}/hook") == [""]
    (delivery,) = receiver.deliveries
    assert delivery.headers["Host"] == f"diary.example:{receiver.port}"


def test_redirects_are_not_followed(receiver: Receiver) -> None:
    receiver.answer = status(302, Location="http://169.254.169.254/latest/meta-data/")
    (reason,) = post(Guard.allowing("127.0.0.1"), receiver.url)
    assert reason == "the answer was 302; redirects are not followed"
    assert len(receiver.deliveries) == 1


def test_proxies_and_passwords_of_the_machine_play_no_part(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    proxy = Receiver()
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ada password hunter2\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert post(Guard.allowing("127.0.0.1"), receiver.url) == [""]
    proxy.close()
    assert proxy.deliveries == []
    assert "Authorization" not in receiver.deliveries[0].headers
