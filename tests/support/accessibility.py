"""What stands in the way of people who see little or use no mouse, as far as axe-core finds it."""

import toolchains
from people import Person

_AXE = toolchains.ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"

# Menus and the like stand outside of landmarks by their nature, and are gone in a moment.
_RUN = """async within => {
    const { violations } = await axe.run(within, { resultTypes: ['violations'] });
    const isPassing = ({ target }) => document.querySelector(target[0])?.closest('[data-portal]');
    return violations
        .map(each => each.id === 'region' ? { ...each, nodes: each.nodes.filter(node => !isPassing(node)) } : each)
        .filter(({ nodes }) => nodes.length > 0);
}"""


def check_accessibility(person: Person, *, within: str = "body") -> None:
    """Fail with every violation that axe finds on the page as it stands, by rule and element."""
    page = person.page
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_AXE.read_text())
    found = page.evaluate(_RUN, within)
    told = [
        f"{each['id']} ({each['impact']}): {each['help']}\n    {node['target']}: {node['html'][:160]}\n"
        f"      {' '.join(node['failureSummary'].split())}"
        for each in found
        for node in each["nodes"][:5]
    ]
    assert not told, f"{page.url}:\n" + "\n".join(told)
