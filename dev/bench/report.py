"""The table of ratios, as text and in Markdown."""

import scenarios

BEGIN, END = "<!-- written by dev/bench/run --publish -->", "<!-- end of what it writes -->"
FIGURES = ("rate", "cpu_us", "p50_ms", "p99_ms")


def ratios(outcome):
    """For each scenario and peer, ours divided by theirs."""
    ours = {m["scenario"]: m for m in outcome["scenarios"] if m["peer"] == "kvs"}
    for m in outcome["scenarios"]:
        if m["peer"] != "kvs" and m["scenario"] in ours:
            us = ours[m["scenario"]]
            yield m["scenario"], m["peer"], [us[figure] / m[figure] if m[figure] else float("nan") for figure in FIGURES]


def text(outcome):
    lines = ["", "kvs beside each peer: rate above 1 is better, CPU and latency below 1 are better", ""]
    lines.append(f"{'scenario':10}{'peer':11}{'rate':>9}{'CPU':>8}{'p50':>8}{'p99':>8}")
    for scenario, peer, values in ratios(outcome):
        lines.append(f"{scenario:10}{peer:11}{values[0]:9.2f}" + "".join(f"{value:8.2f}" for value in values[1:]))
    lines += ["", f"{'':11}{'start s':>9}{'CPU s':>8}{'MiB filled':>12}{'MiB after all':>15}"]
    for start in outcome["starts"]:
        memory = outcome["memory_mib"][start["peer"]]
        lines.append(f"{start['peer']:11}{start['start_s']:9.2f}{start['start_cpu_s']:8.2f}{memory['filled']:12.0f}{memory['after']:15.0f}")
    failed = [f"{m['scenario']} of {m['peer']}: {m['errors']}" for m in outcome["scenarios"] if m["errors"]]
    if failed:
        lines += ["", "answers that were errors: " + "; ".join(failed)]
    return "\n".join(lines)


def markdown(outcome):
    lines = ["| what | beside | requests per second | CPU per request | p50 | p99 |", "|---|---|---|---|---|---|"]
    before = None
    for scenario, peer, values in ratios(outcome):
        what = "" if scenario == before else scenarios.ALL[scenario].title
        before = scenario
        lines.append(f"| {what} | {peer} | " + " | ".join(f"{value:.3g}" if value >= 10 else f"{value:.2f}" for value in values) + " |")
    lines += ["", "| | start, s | CPU of it, s | MiB, filled | MiB, after all of it |", "|---|---|---|---|---|"]
    for start in outcome["starts"]:
        memory = outcome["memory_mib"][start["peer"]]
        lines.append(f"| {start['peer']} | {start['start_s']:.2f} | {start['start_cpu_s']:.2f} | {memory['filled']:.0f} | {memory['after']:.0f} |")
    options, processors = outcome["options"], outcome["processors"]
    lines += [
        "",
        f"{options['rounds']} rounds of {options['seconds']} s, {options['keys']:,} keys; "
        + (f"{processors['servers']} processors for the servers, {processors['clients']} for the clients."
           if processors["apart"] else f"servers and clients share {processors['servers']} processors."),
    ]
    return "\n".join(lines)


def insert(outcome, file):
    before, rest = file.read_text().split(BEGIN)
    after = rest.split(END)[1]
    file.write_text(f"{before}{BEGIN}\n\n{markdown(outcome)}\n\n{END}{after}")
