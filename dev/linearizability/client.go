package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// client asks the store over HTTP, and remembers what it saw last of each key.
type client struct {
	url  string
	http *http.Client
	seen map[string]entry
}

func newClient(url string, transport http.RoundTripper) *client {
	return &client{url, &http.Client{Transport: transport, Timeout: 10 * time.Second}, map[string]entry{}}
}

func (c *client) ask(q question) answer {
	switch q.kind {
	case get:
		return c.get(q)
	case search:
		return c.search(q)
	case transact:
		return c.transact(q)
	default:
		return c.change(q)
	}
}

// Statuses of our own: nothing is known of what the request did, or it reached nobody, or the store says so.
const (
	unknown = 0
	unsent  = -1
)

func (c *client) do(method, path string, body []byte, header map[string]string) (int, http.Header, []byte) {
	request, err := http.NewRequest(method, c.url+path, bytes.NewReader(body))
	if err != nil {
		fatal(err)
	}
	for name, value := range header {
		request.Header.Set(name, value)
	}
	response, err := c.http.Do(request)
	var failure *net.OpError
	if errors.As(err, &failure) && failure.Op == "dial" {
		return unsent, nil, nil
	}
	if err != nil {
		return unknown, nil, nil
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode == 503 && bytes.Contains(content, []byte(`"code":"unavailable"`)) {
		return unsent, nil, nil // the store says that nothing was done
	}
	if err != nil || response.StatusCode == 429 || response.StatusCode >= 500 {
		return unknown, nil, nil
	}
	return response.StatusCode, response.Header, content
}

func (c *client) path(q question) string { return "/v1/kv/" + url.PathEscape(q.name(q.key)) }

func (c *client) get(q question) answer {
	status, header, body := c.do("GET", c.path(q), nil, nil)
	var a answer
	switch status {
	case unknown, unsent:
		return answer{sent: status == unknown}
	case 200:
		a.entries[q.key] = entry{string(body), revision(header)}
	case 404:
	default:
		unexpected(q, status, body)
	}
	a.known = true
	c.seen[q.name(q.key)] = a.entries[q.key]
	return a
}

func (c *client) change(q question) answer {
	method, header := "PUT", map[string]string{}
	switch q.kind {
	case putIfMatch:
		header["If-Match"] = fmt.Sprintf("%q", strconv.FormatInt(q.revision, 10))
	case putIfAbsent:
		header["If-None-Match"] = "*"
	case remove:
		method = "DELETE"
	case removeIfMatch:
		method = "DELETE"
		header["If-Match"] = fmt.Sprintf("%q", strconv.FormatInt(q.revision, 10))
	}
	status, answered, body := c.do(method, c.path(q), []byte(q.value), header)
	switch status {
	case unknown, unsent:
		return answer{sent: status == unknown}
	case 200, 201:
		a := answer{known: true, done: true, revision: revision(answered)}
		c.seen[q.name(q.key)] = entry{q.value, a.revision}
		return a
	case 204:
		number, err := strconv.ParseInt(answered.Get("Kvs-Revision"), 10, 64)
		if err != nil {
			unexpected(q, status, []byte("Kvs-Revision: "+answered.Get("Kvs-Revision")))
		}
		c.seen[q.name(q.key)] = entry{}
		return answer{known: true, done: true, revision: number}
	case 404, 412:
		return answer{known: true}
	}
	unexpected(q, status, body)
	return answer{}
}

type item struct {
	Key      string
	Value    string
	Revision int64
}

func (c *client) search(q question) answer {
	prefix := fmt.Sprintf("%s/%d/", q.run, q.group)
	status, _, body := c.do("GET", "/v1/kv?values=true&prefix="+url.QueryEscape(prefix), nil, nil)
	if status == unknown || status == unsent {
		return answer{sent: status == unknown}
	}
	var page struct{ Items []item }
	if status != 200 || json.Unmarshal(body, &page) != nil {
		unexpected(q, status, body)
	}
	return c.all(q, page.Items)
}

func (c *client) all(q question, items []item) answer {
	a := answer{known: true}
	for key := range a.entries {
		c.seen[q.name(key)] = entry{}
	}
	for _, item := range items {
		if item.Revision == 0 {
			continue // a key that was not found
		}
		key, err := strconv.Atoi(item.Key[strings.LastIndex(item.Key, "/")+1:])
		if err != nil {
			fatal(err)
		}
		a.entries[key] = entry{item.Value, item.Revision}
		c.seen[item.Key] = a.entries[key]
	}
	return a
}

func (c *client) transact(q question) answer {
	type object map[string]interface{}
	var puts, gets []object
	for key := 0; key < keysOfGroup; key++ {
		puts = append(puts, object{"op": "put", "key": q.name(key), "value": q.value})
		gets = append(gets, object{"op": "get", "key": q.name(key)})
	}
	request, err := json.Marshal(object{
		"compare": []object{{"key": q.name(q.key), "value": q.expected}}, "then": puts, "else": gets})
	if err != nil {
		fatal(err)
	}
	status, _, body := c.do("POST", "/v1/txn", request, nil)
	if status == unknown || status == unsent {
		return answer{sent: status == unknown}
	}
	var outcome struct {
		Succeeded bool
		Revision  int64
		Results   []item
	}
	if status != 200 || json.Unmarshal(body, &outcome) != nil {
		unexpected(q, status, body)
	}
	if !outcome.Succeeded {
		return c.all(q, outcome.Results)
	}
	for key := 0; key < keysOfGroup; key++ {
		c.seen[q.name(key)] = entry{q.value, outcome.Revision}
	}
	return answer{known: true, done: true, revision: outcome.Revision}
}

func revision(header http.Header) int64 {
	number, err := strconv.ParseInt(strings.Trim(header.Get("ETag"), `"`), 10, 64)
	if err != nil {
		fatal(fmt.Errorf("the ETag %q is no revision", header.Get("ETag")))
	}
	return number
}

func unexpected(q question, status int, body []byte) {
	fatal(fmt.Errorf("unexpected answer %d to %+v: %s", status, q, body))
}
