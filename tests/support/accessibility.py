"""What stands in the way of people who see little or use no mouse, as far as axe-core finds it."""

import toolchains
from people import Person

_AXE = toolchains.ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"


def check_accessibility(person: Person, *, within: str = "body") -> None:
    """Fail with every violation that axe finds on the page as it stands, by rule and element."""
    page = person.page
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_AXE.read_text())
    # Tooltips and the like are outside of landmarks by their nature, and gone in a moment.
    found = page.evaluate("within => axe.run(within, { resultTypes: ['violations'] })", within)
    told = [
        f"{each['id']} ({each['impact']}): {each['help']}\n    {node['target']}: {node['html'][:160]}\n"
        f"      {' '.join(node['failureSummary'].split())}"
        for each in found["violations"]
        for node in each["nodes"][:5]
    ]
    assert not told, f"{page.url}:\n" + "\n".join(told)
