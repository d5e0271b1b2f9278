"""What a check needs beyond AWS's own APIs: an encoder, a viewer and a browser."""

from __future__ import annotations

import http.client
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from tools.local_cloud.processes import Group
from tools.local_cloud.toolchain import path

_SECONDS = 15.0
_REDIRECTS = 3
_SENT_ON = (301, 302, 303, 307, 308)
_HOSTS = ".live-video.net"
"""Where tokens may be sent to."""

# Half a megabit, as small as Amazon IVS takes it, with a key frame every two seconds.
_PICTURE = "testsrc2=size=640x360:rate=30"
_SOUND = "sine=frequency=440:sample_rate=48000"
_CODECS = (
    *("-c:v", "libx264", "-profile:v", "main", "-preset", "veryfast", "-tune", "zerolatency"),
    *("-pix_fmt", "yuv420p", "-b:v", "400k", "-maxrate", "400k", "-bufsize", "800k"),
    *("-g", "60", "-keyint_min", "60", "-sc_threshold", "0", "-bf", "0"),
    *("-c:a", "aac", "-b:a", "64k", "-ar", "48000"),
)

# One audio track that is only sent. Whoever answers this has accepted the token.
_OFFER = """\
v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:Ivs4
a=ice-pwd:ivsConstructsIntegrationTests
a=fingerprint:sha-256 {fingerprint}
a=setup:actpass
a=mid:0
a=sendonly
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=fmtp:111 minptime=10;useinbandfec=1
a=msid:stream audio
a=ssrc:1 cname:ivs-constructs
"""
_FINGERPRINT = ":".join(f"{number:02X}" for number in range(32))


class Outside:
    """The internet.

    Args:
        folder: Where the encoder's log is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @staticmethod
    def lacks_encoder() -> str:
        """Say what is missing for broadcasts; empty if nothing is."""
        return (
            "" if shutil.which("ffmpeg", path=path()) else "ffmpeg, with libx264 and aac, on PATH"
        )

    @contextmanager
    def broadcast(self, url: str, key: str) -> Iterator[None]:
        """Broadcast a test picture meanwhile.

        The key stands in this machine's list of processes for that time; channel and key are
        deleted soon after.

        Raises:
            RuntimeError: The encoder ended by itself.
        """
        log = self._folder / "encoder.log"
        command = ["ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-re"]
        command += ["-f", "lavfi", "-i", _PICTURE, "-f", "lavfi", "-i", _SOUND, *_CODECS]
        target = f"{url.rstrip('/')}/{key}"
        with Group(
            [*command, "-f", "flv", target], cwd=self._folder, env={"PATH": path()}, log=log
        ) as encoder:
            yield
            status = encoder.status
        if status is not None:
            said = log.read_text(encoding="utf-8", errors="replace").replace(key, "(key)")
            raise RuntimeError(f"the encoder ended with status {status}: {said[-500:]}")

    def watch(self, url: str) -> int:
        """Ask for a playlist, as a player does; answers the status."""
        return self._ask("GET", url)

    def publish(self, url: str, token: str) -> int:
        """Offer to publish to a stage by WHIP, as a browser does; answers the status."""
        offer = _OFFER.format(fingerprint=_FINGERPRINT).replace("\n", "\r\n")
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
        return self._ask("POST", url, offer, headers)

    def _ask(
        self, method: str, url: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> int:
        """Send a request, also to where it is sent on; answers the last status."""
        for _ in range(_REDIRECTS):
            parts = urlsplit(url)
            # A token is a secret: it goes to Amazon IVS, and encrypted.
            if parts.scheme != "https" or not (parts.hostname or "").endswith(_HOSTS):
                raise RuntimeError(f"{parts.scheme}://{parts.hostname} is no host of Amazon IVS")
            connection = self._connection(parts.netloc)
            try:
                target = f"{parts.path}?{parts.query}" if parts.query else parts.path
                connection.request(method, target, body, headers or {})
                answer = connection.getresponse()
                answer.read()
            finally:
                connection.close()
            if answer.status not in _SENT_ON:
                return answer.status
            url = urljoin(url, answer.headers["Location"])
        raise RuntimeError(f"{parts.hostname} sent a request on more than {_REDIRECTS} times")

    def _connection(self, host: str) -> http.client.HTTPConnection:
        return http.client.HTTPSConnection(host, timeout=_SECONDS)


def patiently(seconds: float, pause: float) -> Iterator[None]:
    """Try again until it has taken too long."""
    end = time.monotonic() + seconds
    yield
    while time.monotonic() < end:
        time.sleep(pause)
        yield
