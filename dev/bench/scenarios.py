"""What is asked of whom. Each scenario says for each peer which requests wrk makes: a piece of Lua that returns one, with
`key()` for a random key of those that are there and `value` for 100 bytes."""

import re
import subprocess
import tempfile

import peers

PRELUDE = """
local keys, value = %d, "%s"
local random = math.random
local encode
do
  local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  local floor = math.floor
  function encode(text)
    local out = {}
    for i = 1, #text, 3 do
      local a, b, c = text:byte(i, i + 2)
      local n = a * 65536 + (b or 0) * 256 + (c or 0)
      local function letter(shift) local at = floor(n / shift) %% 64 + 1 return alphabet:sub(at, at) end
      out[#out + 1] = letter(262144) .. letter(4096) .. (b and letter(64) or "=") .. (c and letter(1) or "=")
    end
    return table.concat(out)
  end
end
local encoded = encode(value)
local function key() return string.format("key-%%08d", random(0, keys - 1)) end
local threads = 0
function setup(thread) threads = threads + 1; thread:set("seed", threads + os.time()) end
function init() math.randomseed(seed) end
local json, text = { ["Content-Type"] = "application/json" }, { ["Content-Type"] = "text/plain" }
function request() %s end
function done(summary, latency)
  local errors = summary.errors
  print(string.format("FIGURES %%d %%d %%f %%f %%d", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""

GET = {
    "kvs": 'return wrk.format("GET", "/v1/kv/" .. key())',
    "reference": 'return wrk.format("GET", "/get/" .. key())',
    "webdis": 'return wrk.format("GET", "/GET/" .. key() .. ".txt")',
    "etcd": """return wrk.format("POST", "/v3/kv/range", json, '{"key":"' .. encode(key()) .. '"}')""",
    "nginx": 'return wrk.format("GET", "/" .. key())',
}
PUT = {
    "kvs": 'return wrk.format("PUT", "/v1/kv/" .. key(), text, value)',
    "reference": """return wrk.format("POST", "/set", json, '{"key":"' .. key() .. '","value":"' .. value .. '"}')""",
    "webdis": 'return wrk.format("PUT", "/SET/" .. key(), text, value)',
    "etcd": """return wrk.format("POST", "/v3/kv/put", json, '{"key":"' .. encode(key()) .. '","value":"' .. encoded .. '"}')""",
}
MIXED = {
    peer: f"if random(10) > 1 then {GET[peer]} else {PUT[peer]} end" for peer in PUT
}
FIRST_GET = {**GET, "kvs": 'return wrk.format("GET", "/get/" .. key())'}
FIRST_SET = {**PUT, "kvs": PUT["reference"]}
SEARCH_PREFIX = {
    "kvs": 'return wrk.format("GET", "/v1/kv?limit=100&prefix=" .. key():sub(1, 9))',
    "etcd": """local k = key():sub(1, 9)
      return wrk.format("POST", "/v3/kv/range", json,
        '{"keys_only":true,"limit":100,"key":"' .. encode(k) .. '","range_end":"' .. encode(k .. "~") .. '"}')""",
}
SEARCH_SUFFIX = {"kvs": 'return wrk.format("GET", "/v1/kv?limit=100&suffix=" .. key():sub(9))'}
TXN = {
    "kvs": """local puts = {} for i = 1, 20 do puts[i] = '{"op":"put","key":"' .. key() .. i .. '","value":"' .. value .. '"}' end
      return wrk.format("POST", "/v1/txn", json, '{"then":[' .. table.concat(puts, ",") .. ']}')""",
    "etcd": """local puts = {} for i = 1, 20 do puts[i] = '{"requestPut":{"key":"' .. encode(key() .. i) .. '","value":"' .. encoded .. '"}}' end
      return wrk.format("POST", "/v3/kv/txn", json, '{"success":[' .. table.concat(puts, ",") .. ']}')""",
}


def with_connections(requests, connections):
    return {peer: (lua, connections) for peer, lua in requests.items()}


ALL = {
    "get": with_connections(GET, 32),
    "first-get": with_connections(FIRST_GET, 32),
    "put-1": with_connections(PUT, 1),
    "put-8": with_connections(PUT, 8),
    "put-64": with_connections(PUT, 64),
    "put-256": with_connections(PUT, 256),
    "first-set": with_connections(FIRST_SET, 64),
    "mixed": with_connections(MIXED, 32),
    "prefix": with_connections(SEARCH_PREFIX, 8),
    "suffix": with_connections(SEARCH_SUFFIX, 8),
    "txn-20": with_connections(TXN, 8),
}


def run(measure, peer, options):
    lua, connections = measure
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(PRELUDE % (options.keys, peers.VALUE, lua))
        script.flush()

        def load(seconds):
            return subprocess.run(
                ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", script.name, f"http://127.0.0.1:{peer.port}"],
                check=True, capture_output=True, text=True).stdout

        load(3)  # what compiles while it runs does so here
        before = peer.cpu_seconds()
        output = load(options.seconds)
        cpu = peer.cpu_seconds() - before
    requests, micros, p50, p99, errors = map(float, re.search(r"FIGURES (.*)", output)[1].split())
    return {
        "rate": requests / micros * 1e6,
        "cpu_us": cpu / max(requests, 1) * 1e6,
        "p50_ms": p50 / 1000,
        "p99_ms": p99 / 1000,
        "errors": int(errors),
    }
