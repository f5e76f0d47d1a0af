"""Draws the medians as a picture: for each scenario a bar for each peer, on the left the rate and on the right the CPU time per
request, both in proportion to ours."""

from html import escape

import scenarios

COLOURS = {"kvs": "#1668b8", "reference": "#8a8f98", "webdis": "#c0563e", "etcd": "#5a9e8f", "nginx": "#c9a227"}
NAMES = {
    "kvs": "kvs", "reference": "Go, a map in memory", "webdis": "webdis and Redis, synced", "etcd": "etcd, JSON gateway",
    "nginx": "nginx, a constant"}
PANELS = (("rate", "Requests per second, longer is better", 210, 2.0), ("cpu_us", "CPU time per request, shorter is better", 585, 2.0))
WIDTH, UNIT, BAR, ROW_GAP, TOP = 950, 150, 9, 11, 84


def bar(x, y, ratio, largest, colour):
    shown = min(ratio, largest)
    label = f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"
    end = x + shown * UNIT
    broken = f'<path d="M{end - 9:.0f} {y + BAR} l4 -{BAR} h3 l-4 {BAR} z" fill="#fff"/>' if ratio > largest else ""
    return (
        f'<rect x="{x}" y="{y}" width="{max(shown * UNIT, 1):.1f}" height="{BAR}" rx="1.5" fill="{colour}"/>{broken}'
        f'<text x="{end + 4:.1f}" y="{y + 8}" font-size="9" fill="#555">{label}</text>')


def write(medians, file):
    rows = {}
    for m in medians:
        rows.setdefault(m["scenario"], {})[m["peer"]] = m
    rows = {name: peers for name, peers in rows.items() if "kvs" in peers}
    parts, y = [], TOP
    for name, peers in rows.items():
        height = len(peers) * (BAR + 1)
        parts.append(f'<text x="195" y="{y + height / 2 + 3:.0f}" text-anchor="end">{escape(scenarios.ALL[name].title)}</text>')
        for peer in sorted(peers, key=list(COLOURS).index):
            for figure, _, x, largest in PANELS:
                parts.append(bar(x, y, peers[peer][figure] / peers["kvs"][figure], largest, COLOURS[peer]))
            y += BAR + 1
        y += ROW_GAP
    shown = [peer for peer in COLOURS if any(peer in peers for peers in rows.values())]
    legend, at = [], 16
    for peer in shown:
        legend.append(f'<rect x="{at}" y="35" width="10" height="10" rx="2" fill="{COLOURS[peer]}"/><text x="{at + 15}" y="44">{escape(NAMES[peer])}</text>')
        at += 34 + 6.2 * len(NAMES[peer])
    lines = "".join(f'<line x1="{x + UNIT}" x2="{x + UNIT}" y1="{TOP - 6}" y2="{y - 4}" stroke="#bbb" stroke-dasharray="2 3"/>' for _, _, x, _ in PANELS)
    heads = "".join(f'<text x="{x}" y="{TOP - 14}" font-weight="600">{head}</text>' for _, head, x, _ in PANELS)
    file.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 6}" font-family="system-ui, sans-serif" font-size="11" fill="#222">'
        f'<rect width="{WIDTH}" height="{y + 6}" fill="#fff"/>'
        '<text x="16" y="22" font-size="14" font-weight="600">The store beside what people would use instead: in proportion to kvs</text>'
        + "".join(legend) + heads + lines + "".join(parts) + "</svg>\n")
