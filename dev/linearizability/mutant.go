package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand"
	"net/http"
	"sort"
	"strings"
	"sync"
	"time"
)

// Each mutant is a mistake that a store could make, made on the way to a store that does not: if the check does not
// notice it, the check is worth nothing.
var mutants = map[string]func(http.RoundTripper) http.RoundTripper{
	"ignored-if-match": func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(request *http.Request) (*http.Response, error) {
			request.Header.Del("If-Match")
			return next.RoundTrip(request)
		})
	},
	"stale-reads": staleReads,
	"lost-writes": func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(request *http.Request) (*http.Response, error) {
			if request.Method == "PUT" && request.Header.Get("If-Match") == "" && rand.Intn(200) == 0 {
				response, err := next.RoundTrip(request)
				if err == nil && response.StatusCode < 300 {
					undo, _ := http.NewRequest("DELETE", request.URL.String(), nil)
					undo.Header.Set("If-Match", response.Header.Get("ETag"))
					if undone, err := next.RoundTrip(undo); err == nil {
						undone.Body.Close()
					}
				}
				return response, err
			}
			return next.RoundTrip(request)
		})
	},
}

func mutantNames() string {
	var names []string
	for name := range mutants {
		names = append(names, name)
	}
	sort.Strings(names)
	return strings.Join(names, ", ")
}

func transportOf(mutant string) (http.RoundTripper, error) {
	plain := http.DefaultTransport.(*http.Transport).Clone()
	plain.MaxIdleConnsPerHost = 1000
	if mutant == "" {
		return plain, nil
	}
	mutate, known := mutants[mutant]
	if !known {
		return nil, fmt.Errorf("there is no mutant %q: there are %s", mutant, mutantNames())
	}
	return mutate(plain), nil
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

// staleReads answers some reads with what was read some milliseconds ago, as a cache would.
func staleReads(next http.RoundTripper) http.RoundTripper {
	type cached struct {
		at       time.Time
		response http.Response
		body     []byte
	}
	var mutex sync.Mutex
	cache := map[string]cached{}
	return roundTrip(func(request *http.Request) (*http.Response, error) {
		if request.Method != "GET" {
			return next.RoundTrip(request)
		}
		mutex.Lock()
		hit, found := cache[request.URL.String()]
		mutex.Unlock()
		if found && time.Since(hit.at) < 20*time.Millisecond {
			response := hit.response
			response.Body = io.NopCloser(bytes.NewReader(hit.body))
			return &response, nil
		}
		at := time.Now()
		response, err := next.RoundTrip(request)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil {
			return nil, err
		}
		mutex.Lock()
		cache[request.URL.String()] = cached{at, *response, body}
		mutex.Unlock()
		response.Body = io.NopCloser(bytes.NewReader(body))
		return response, nil
	})
}
