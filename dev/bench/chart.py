"""Draws the medians as a picture: a row for each scenario, a bar for each peer, the rate in proportion to ours."""

from html import escape

COLOURS = {"kvs": "#1668b8", "reference": "#8a8f98", "webdis": "#c0563e", "etcd": "#5a9e8f", "nginx": "#c9a227"}
WIDTH, LEFT, BAR, GAP = 720, 110, 14, 12


def write(medians, file):
    rows = {}
    for m in medians:
        rows.setdefault(m["scenario"], []).append(m)
    top = 46
    parts = []
    for scenario, group in rows.items():
        largest = max(m["rate"] for m in group)
        parts.append(f'<text x="{LEFT - 10}" y="{top + 12}" text-anchor="end" font-weight="600">{escape(scenario)}</text>')
        ours = next((m["rate"] for m in group if m["peer"] == "kvs"), None)
        for m in sorted(group, key=lambda m: -m["rate"]):
            width = (WIDTH - LEFT - 210) * m["rate"] / largest
            label = f"{m['peer']}" + (f"  {m['rate'] / ours:.2f}" if ours else "") + f"   {m['cpu_us']:.0f} µs CPU"
            parts.append(f'<rect x="{LEFT}" y="{top}" width="{width:.1f}" height="{BAR}" rx="2" fill="{COLOURS[m["peer"]]}"/>')
            parts.append(f'<text x="{LEFT + width + 6:.1f}" y="{top + 11}">{escape(label)}</text>')
            top += BAR + 2
        top += GAP
    file.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" font-family="system-ui, sans-serif" font-size="11" fill="#222">'
        f'<rect width="{WIDTH}" height="{top}" fill="#fff"/>'
        '<text x="10" y="20" font-size="13" font-weight="600">Requests per second, in proportion to kvs, and CPU time of the server per request</text>'
        + "".join(parts) + "</svg>\n")
