// Asks a store for everything at the same time, and prints a line of JSON each second: how many requests of each kind
// were answered, refused (429, 503) or failed, and their latency.
//
//	load -url http://localhost:8000 -fill 1000000
//	load -url http://localhost:8000 -keys 1000000 -seconds 60 -rate 2000 put=16 get=32 large=4 page=4 export=1 watch=10
//
// Each argument is a kind of request and the number of connections that make it. With -rate the requests of all
// together are that many a second; exports and watches last, and do not count.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	largeBytes   = 1 << 20
	largeKeys    = 64
	linesAtATime = 100_000
)

var (
	url     = flag.String("url", "http://localhost:8000", "of the store")
	fill    = flag.Int("fill", 0, "import so many keys, and end")
	keys    = flag.Int("keys", 1_000_000, "keys that are there")
	seconds = flag.Int("seconds", 60, "until the end")
	rate    = flag.Int("rate", 0, "requests a second of all kinds together; 0 is as many as there can be")
)

var (
	value = bytes.Repeat([]byte("v"), 100)
	large = bytes.Repeat([]byte("l"), largeBytes)
)

// What there is to ask for. Each asks once; exports and watches last until they end.
var kinds = map[string]func(*client) (int, error){
	"get": func(c *client) (int, error) { return c.ask("GET", "/v1/kv/"+c.key(), nil) },
	"put": func(c *client) (int, error) { return c.ask("PUT", "/v1/kv/"+c.key(), value) },
	"txn": func(c *client) (int, error) {
		first := c.random.IntN(*keys)
		puts := make([]string, 20)
		for i := range puts {
			puts[i] = fmt.Sprintf(`{"op":"put","key":%q,"value":%q}`, keyOf((first+i)%*keys), value)
		}
		return c.ask("POST", "/v1/txn", []byte(`{"then":[`+strings.Join(puts, ",")+`]}`))
	},
	"prefix": func(c *client) (int, error) { return c.ask("GET", "/v1/kv?limit=100&prefix="+c.key()[:9], nil) },
	"suffix": func(c *client) (int, error) { return c.ask("GET", "/v1/kv?limit=100&suffix="+c.key()[8:], nil) },
	"page": func(c *client) (int, error) {
		return c.ask("GET", "/v1/kv?limit=1000&values=true&prefix="+c.key()[:7], nil)
	},
	"large-put": func(c *client) (int, error) { return c.ask("PUT", "/v1/kv/"+c.largeKey(), large) },
	"large-get": func(c *client) (int, error) { return c.ask("GET", "/v1/kv/"+c.largeKey(), nil) },
	// As many large values as the store puts on a page.
	"large-page": func(c *client) (int, error) { return c.ask("GET", "/v1/kv?limit=1000&values=true&prefix=large", nil) },
	"export":     func(c *client) (int, error) { return c.ask("GET", "/v1/export", nil) },
	"import":     func(c *client) (int, error) { return c.ask("POST", "/v1/import", lines(c.random.IntN(*keys), 1000)) },
	"metrics":    func(c *client) (int, error) { return c.ask("GET", "/metrics", nil) },
	"watch":      func(c *client) (int, error) { return c.ask("GET", "/v1/watch", nil) },
}

func keyOf(i int) string { return fmt.Sprintf("key-%08d", i) }

// A client has one connection.
type client struct {
	http   *http.Client
	random *rand.Rand
	end    context.Context
}

func newClient(end context.Context, seed int) *client {
	return &client{
		http:   &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1, DisableCompression: true}},
		random: rand.New(rand.NewPCG(uint64(seed), 1)),
		end:    end,
	}
}

func (c *client) key() string      { return keyOf(c.random.IntN(*keys)) }
func (c *client) largeKey() string { return fmt.Sprintf("large-%02d", c.random.IntN(largeKeys)) }

func (c *client) ask(method, path string, body []byte) (int, error) {
	request, err := http.NewRequestWithContext(c.end, method, *url+path, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}

func lines(from, count int) []byte {
	var out bytes.Buffer
	for i := from; i < min(from+count, max(*keys, *fill)); i++ {
		fmt.Fprintf(&out, "{\"key\":%q,\"contentType\":\"text/plain\",\"value\":%q}\n", keyOf(i), value)
	}
	return out.Bytes()
}

// Figures of one kind in one second.
type figures struct {
	Answered, Refused, Failed int
	P50Millis, P99Millis      float64
	latencies                 []time.Duration
}

type report struct {
	sync.Mutex
	kinds map[string]*figures
}

func (r *report) add(kind string, status int, err error, took time.Duration) {
	r.Lock()
	defer r.Unlock()
	of := r.kinds[kind]
	if of == nil {
		of = &figures{}
		r.kinds[kind] = of
	}
	switch {
	case status == 429 || status == 503:
		of.Refused++
	case err != nil || status >= 400 && status != 404:
		if of.Failed == 0 {
			fmt.Fprintln(os.Stderr, kind, "failed:", status, err)
		}
		of.Failed++
	default:
		of.Answered++
		of.latencies = append(of.latencies, took)
	}
}

func (r *report) print(out *json.Encoder) {
	r.Lock()
	defer r.Unlock()
	for of := range maps.Values(r.kinds) {
		slices.Sort(of.latencies)
		if n := len(of.latencies); n > 0 {
			of.P50Millis = float64(of.latencies[n/2].Microseconds()) / 1000
			of.P99Millis = float64(of.latencies[n*99/100].Microseconds()) / 1000
		}
	}
	if err := out.Encode(r.kinds); err != nil {
		os.Exit(1) // whoever reads has gone
	}
	r.kinds = map[string]*figures{}
}

func fillStore() {
	c := newClient(context.Background(), 0)
	for from := 0; from < *fill; from += linesAtATime {
		if status, err := c.ask("POST", "/v1/import", lines(from, min(linesAtATime, *fill-from))); status != 200 || err != nil {
			log.Fatal("import: ", status, err)
		}
	}
	for i := range largeKeys {
		if status, err := c.ask("PUT", fmt.Sprintf("/v1/kv/large-%02d", i), large); status >= 400 || err != nil {
			log.Fatal("put: ", status, err)
		}
	}
}

func main() {
	log.SetFlags(0)
	flag.Parse()
	if *fill > 0 {
		fillStore()
		return
	}
	end, cancel := context.WithTimeout(context.Background(), time.Duration(*seconds)*time.Second)
	defer cancel()
	all := &report{kinds: map[string]*figures{}}
	turns := make(chan struct{})
	var clients sync.WaitGroup
	for _, argument := range flag.Args() {
		kind, count, _ := strings.Cut(argument, "=")
		n, err := strconv.Atoi(count)
		if kinds[kind] == nil || err != nil {
			log.Fatalf("%q is not KIND=CONNECTIONS with a kind of %v", argument, slices.Sorted(maps.Keys(kinds)))
		}
		for i := range n {
			clients.Go(func() { repeat(newClient(end, i), kind, turns, all) })
		}
	}
	go giveTurns(end, turns)
	out := json.NewEncoder(os.Stdout)
	for range time.Tick(time.Second) {
		if end.Err() != nil {
			break
		}
		all.print(out)
	}
	clients.Wait()
}

func repeat(c *client, kind string, turns <-chan struct{}, all *report) {
	lasts := kind == "export" || kind == "watch"
	for c.end.Err() == nil {
		if !lasts && *rate > 0 {
			select {
			case <-turns:
			case <-c.end.Done():
				return
			}
		}
		start := time.Now()
		status, err := kinds[kind](c)
		if c.end.Err() != nil {
			return
		}
		all.add(kind, status, err, time.Since(start))
		if err != nil || status == 429 || status == 503 {
			time.Sleep(100 * time.Millisecond)
		}
	}
}

func giveTurns(end context.Context, turns chan<- struct{}) {
	if *rate == 0 {
		return
	}
	begin := time.Now()
	for given := 0; end.Err() == nil; {
		for due := int(time.Since(begin).Seconds() * float64(*rate)); given < due; given++ {
			select {
			case turns <- struct{}{}:
			case <-end.Done():
				return
			}
		}
		time.Sleep(2 * time.Millisecond)
	}
}
