"""The page in headless Chromium."""

import re
import shutil
import subprocess
import zlib
from pathlib import Path

import pytest
from tests.report.samples import hostile_set, run_folder

from tdscaling.report import write_report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium: apt-get install chromium"),
    pytest.mark.requirement("report.browser"),
]


def browse(page: Path, profile: Path, *options: str) -> str:
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={profile}")
    done = subprocess.run(
        [str(CHROMIUM), *flags, *options, page.as_uri()], capture_output=True, text=True, check=True, timeout=50
    )
    return done.stdout


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    write_report([run_folder(folder / "run"), hostile_set(folder / "hostile.jsonl")], folder / "report.html")
    return folder / "report.html"


def first_pixel(png: Path) -> tuple[int, ...]:
    """Red, green and blue of the upper left corner: every filter of PNG leaves the first pixel as it is."""
    data = png.read_bytes()
    packed = b"".join(
        data[place + 4 : place + 4 + int.from_bytes(data[place - 4 : place])]
        for place in (found.start() for found in re.finditer(b"IDAT", data))
    )
    return tuple(zlib.decompressobj().decompress(packed, 4)[1:4])


@pytest.mark.requirement("report.escaped")
def test_the_pages_own_script_runs_and_no_text_of_a_trajectory_does(page: Path, tmp_path: Path) -> None:
    dom = browse(page, tmp_path, "--dump-dom")
    title = re.search(r"<title>(.*?)</title>", dom)
    assert title is not None
    assert title[1].endswith("diversity report")
    assert dom.count('class="walk"') == 4 + 5  # a way to step through each example
    assert "message 2 of 10" in dom


@pytest.mark.requirement("report.escaped")
def test_even_markup_that_came_through_could_run_no_script(page: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.html"
    mark = "<script>document.title = 'broken'</script><img src=x onerror=\"document.title = 'broken'\"></main>"
    broken.write_text(page.read_text(encoding="utf-8").replace("</main>", mark, 1), encoding="utf-8")
    dom = browse(broken, tmp_path / "profile", "--dump-dom")
    assert "<title>broken</title>" not in dom
    assert 'class="walk"' in dom


def test_the_page_is_light_by_day_and_dark_by_night(page: Path, tmp_path: Path) -> None:
    shades: list[int] = []
    for scheme in ("1", "0"):
        png = tmp_path / f"{scheme}.png"
        browse(
            page,
            tmp_path / scheme,
            f"--screenshot={png}",
            "--window-size=900,700",
            f"--blink-settings=preferredColorScheme={scheme}",
        )
        shades.append(sum(first_pixel(png)))
    assert shades[0] > 700
    assert shades[1] < 120


def test_print_shows_every_message_of_every_example(page: Path, tmp_path: Path) -> None:
    pdf, bare = tmp_path / "whole.pdf", tmp_path / "bare.html"
    browse(page, tmp_path / "one", f"--print-to-pdf={pdf}", "--no-pdf-header-footer")
    bare.write_text(re.sub(r"<ol>.*?</ol>", "", page.read_text(encoding="utf-8"), flags=re.DOTALL), encoding="utf-8")
    browse(bare, tmp_path / "two", f"--print-to-pdf={tmp_path / 'bare.pdf'}", "--no-pdf-header-footer")
    assert pages(pdf) > pages(tmp_path / "bare.pdf")


def pages(pdf: Path) -> int:
    counts = re.findall(rb"/Count (\d+)", pdf.read_bytes())
    assert counts
    return max(map(int, counts))
