// Records what many concurrent clients of a store asked and were answered, and checks with porcupine
// (github.com/anishathalye/porcupine) that one order of all operations explains every answer.
//
// Exit code 0: linearizable. 1: not; the history is written as a page to look at. 2: it could not be tried.
package main

import (
	"flag"
	"fmt"
	"math/rand"
	"net/http"
	"os"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"
)

func main() {
	urls := flag.String("url", "http://localhost:8000", "the store; or, with commas, all of its replicas, which the clients share")
	seconds := flag.Int("seconds", 10, "how long to record")
	clients := flag.Int("clients", 16, "how many clients at the same time")
	groups := flag.Int("groups", 6, "how many groups of keys; operations concern one group each")
	mutant := flag.String("mutant", "", "break the store on the way to it: "+mutantNames())
	flag.BoolVar(&sharedRevisions, "shared-revisions", false, "let changes of different keys have one revision, as over etcd")
	page := flag.String("page", "history.html", "where to write the history when it is not linearizable")
	flag.Parse()

	transport, err := transportOf(*mutant)
	if err != nil {
		fatal(err)
	}
	run := fmt.Sprintf("lin-%d", time.Now().UnixNano())
	history := record(strings.Split(*urls, ","), transport, run, *clients, *groups, time.Duration(*seconds)*time.Second)
	answered := 0
	for _, operation := range history {
		if operation.Output.(answer).known {
			answered++
		}
	}
	fmt.Printf("%d operations of %d clients on %d groups of keys, %d of them answered; longest pause between two answers %.1f s\n",
		len(history), *clients, *groups, answered, longestPause(history).Seconds())
	if answered < 1000 {
		fatal(fmt.Errorf("too few answers to say anything: is there a store at %s?", *urls))
	}

	result, info := porcupine.CheckOperationsVerbose(model, history, 5*time.Minute)
	switch result {
	case porcupine.Ok:
		fmt.Println("linearizable")
	case porcupine.Unknown:
		fatal(fmt.Errorf("the check did not end in time: record for fewer seconds or with fewer clients"))
	case porcupine.Illegal:
		if err := porcupine.VisualizePath(model, info, *page); err != nil {
			fatal(err)
		}
		fmt.Printf("NOT linearizable: no order of the operations explains the answers; see %s\n", *page)
		os.Exit(1)
	}
}

// longestPause is the longest time in which nobody was answered.
func longestPause(history []porcupine.Operation) time.Duration {
	var times []int64
	for _, operation := range history {
		if operation.Output.(answer).known {
			times = append(times, operation.Return)
		}
	}
	sort.Slice(times, func(i, j int) bool { return times[i] < times[j] })
	longest := int64(0)
	for i := 1; i < len(times); i++ {
		longest = max(longest, times[i]-times[i-1])
	}
	return time.Duration(longest)
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(2)
}

// record lets the clients work, each on its own, one operation after the other. A change without an
// answer (the store was killed, say) may have happened at any time from then on: its client goes on
// under a new name. A question that found no store to ask is none.
func record(urls []string, transport http.RoundTripper, run string, clients, groups int, length time.Duration) []porcupine.Operation {
	var (
		mutex   sync.Mutex
		history []porcupine.Operation
		names   int
		wait    sync.WaitGroup
	)
	start := time.Now()
	name := func() int {
		mutex.Lock()
		defer mutex.Unlock()
		names++
		return names
	}
	for c := 0; c < clients; c++ {
		wait.Add(1)
		go func(seed int64, url string) {
			defer wait.Done()
			store := newClient(url, transport)
			random := rand.New(rand.NewSource(seed))
			me := name()
			for count := 0; time.Since(start) < length; count++ {
				question := randomQuestion(random, run, groups, fmt.Sprintf("%d.%d", me, count), store.seen)
				call := time.Since(start).Nanoseconds()
				got := store.ask(question)
				back := time.Since(start).Nanoseconds()
				if got.known || got.sent && !question.reads() {
					if !got.known {
						back = int64(1) << 62
					}
					mutex.Lock()
					history = append(history, porcupine.Operation{ClientId: me, Input: question, Call: call, Output: got, Return: back})
					mutex.Unlock()
				}
				if !got.known {
					me = name()
					time.Sleep(50 * time.Millisecond)
				}
			}
		}(rand.Int63(), urls[c%len(urls)])
	}
	wait.Wait()
	return history
}
