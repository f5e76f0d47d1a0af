"""What is asked of whom. Each scenario says for each peer which requests wrk makes: a piece of Lua that returns one, with
`key()` for a random key of those that are there and `value` for 100 bytes. They are made before the first is sent, so that
the client costs little."""

import re
import subprocess
import tempfile

import fanout
import peers

PRELUDE = """
local keys, value, count = %d, "%s", %d
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
local json, text = { ["Content-Type"] = "application/json" }, { ["Content-Type"] = "text/plain" }
local function make() %s end
local threads = 0
function setup(thread) threads = threads + 1; thread:set("seed", threads + os.time()) end
local requests, next = {}, 0
function init() math.randomseed(seed); for i = 1, count do requests[i] = make() end end
function request() next = next %% count + 1; return requests[next] end
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
# Without the reference: nothing of it is on disk.
PUT = {
    "kvs": 'return wrk.format("PUT", "/v1/kv/" .. key(), text, value)',
    "webdis": 'return wrk.format("PUT", "/SET/" .. key(), text, value)',
    "etcd": """return wrk.format("POST", "/v3/kv/put", json, '{"key":"' .. encode(key()) .. '","value":"' .. encoded .. '"}')""",
}
MIXED = {peer: f"if random(10) > 1 then {GET[peer]} else {PUT[peer]} end" for peer in PUT}
SEARCH_PREFIX = {
    "kvs": 'return wrk.format("GET", "/v1/kv?limit=100&prefix=" .. key():sub(1, 9))',
    "reference": 'return wrk.format("GET", "/search?prefix=" .. key():sub(1, 9))',
    "etcd": """local k = key():sub(1, 9)
      return wrk.format("POST", "/v3/kv/range", json,
        '{"keys_only":true,"limit":100,"key":"' .. encode(k) .. '","range_end":"' .. encode(k .. "~") .. '"}')""",
}
SEARCH_SUFFIX = {
    "kvs": 'return wrk.format("GET", "/v1/kv?limit=100&suffix=" .. key():sub(9))',
    "reference": 'return wrk.format("GET", "/search?suffix=" .. key():sub(9))',
}
BATCH = {
    "kvs": """local puts = {} for i = 1, 20 do puts[i] = '{"op":"put","key":"' .. key() .. i .. '","value":"' .. value .. '"}' end
      return wrk.format("POST", "/v1/txn", json, '{"then":[' .. table.concat(puts, ",") .. ']}')""",
    "webdis": """local puts = {} for i = 1, 20 do puts[i] = key() .. i .. "/" .. value end
      return wrk.format("GET", "/MSET/" .. table.concat(puts, "/"))""",
    "etcd": """local puts = {} for i = 1, 20 do puts[i] = '{"requestPut":{"key":"' .. encode(key() .. i) .. '","value":"' .. encoded .. '"}}' end
      return wrk.format("POST", "/v3/kv/txn", json, '{"success":[' .. table.concat(puts, ",") .. ']}')""",
}


class Requests:
    """As many as wrk makes by so many connections, of requests that it goes through again and again."""

    def __init__(self, title, requests, connections, count=10_000):
        self.title, self.requests, self.connections, self.count = title, requests, connections, count

    def peers(self):
        return self.requests.keys()

    def run(self, peer, keys, seconds):
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
            script.write(PRELUDE % (keys, peers.VALUE, self.count, self.requests[peer.name]))
            script.flush()
            before = peer.cpu_seconds()
            answer = subprocess.run(
                ["wrk", f"-t{min(len(peers.CLIENTS), self.connections, 2)}", f"-c{self.connections}", f"-d{seconds}s", "--timeout", "10s",
                 "--latency", "-s", script.name, f"http://127.0.0.1:{peer.port}"],
                check=True, capture_output=True, text=True).stdout
            cpu = peer.cpu_seconds() - before
        requests, micros, p50, p99, errors = map(float, re.search(r"FIGURES (.*)", answer)[1].split())
        return {
            "rate": requests / micros * 1e6,
            "cpu_us": cpu / max(requests, 1) * 1e6,
            "p50_ms": p50 / 1000,
            "p99_ms": p99 / 1000,
            "errors": int(errors),
        }


ALL = {
    "get": Requests("GET, 32 connections", GET, 32),
    "put-1": Requests("durable PUT, 1 connection", PUT, 1),
    "put-8": Requests("durable PUT, 8", PUT, 8),
    "put-64": Requests("durable PUT, 64", PUT, 64),
    "put-256": Requests("durable PUT, 256", PUT, 256),
    "mixed": Requests("nine GETs to a PUT, 32", MIXED, 32),
    "batch": Requests("20 PUTs at once, 8", BATCH, 8, 1000),
    "watch": fanout.FanOut("100 watches told of a PUT", 100),
    "prefix": Requests("page of 100 by prefix, 8", SEARCH_PREFIX, 8),
    "suffix": Requests("page of 100 by suffix, 8", SEARCH_SUFFIX, 8),
}
