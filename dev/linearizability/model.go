package main

import (
	"fmt"
	"math/rand"
	"sort"

	"github.com/anishathalye/porcupine"
)

const keysOfGroup = 3

type kind int

const (
	get kind = iota
	put
	putIfMatch
	putIfAbsent
	remove
	removeIfMatch
	search
	transact
)

// question is one request. Keys are numbers within the group.
type question struct {
	kind     kind
	run      string
	group    int
	key      int
	value    string
	revision int64  // of If-Match
	expected string // transact: the value that key must have for the others to be put
}

func (q question) reads() bool { return q.kind == get || q.kind == search }

func (q question) name(key int) string { return fmt.Sprintf("%s/%d/%d", q.run, q.group, key) }

// entry is what is under a key: revision 0 when there is nothing.
type entry struct {
	value    string
	revision int64
}

// answer is what came back. Not known: no answer came, so the request may or may not have done anything.
type answer struct {
	known    bool
	sent     bool // it may have reached the store
	done     bool // a condition held; a key existed
	revision int64
	entries  [keysOfGroup]entry // get: at the key; search and transact: all
}

// group is the state that the model follows: the keys of one group, and the newest revision of each, also of one that was
// deleted.
type group struct {
	entries [keysOfGroup]entry
	newest  [keysOfGroup]int64
}

// sharedRevisions tells whether changes of different keys may have one revision.
var sharedRevisions bool

// mayBe tells whether a change of these keys can have this revision: revisions only grow.
func (g group) mayBe(revision int64, keys []int) bool {
	for _, newest := range g.newest {
		if revision < newest || revision == newest && !sharedRevisions {
			return false
		}
	}
	for _, key := range keys {
		if revision == g.newest[key] {
			return false
		}
	}
	return true
}

var model = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		groups := map[int][]porcupine.Operation{}
		for _, operation := range history {
			number := operation.Input.(question).group
			groups[number] = append(groups[number], operation)
		}
		var parts [][]porcupine.Operation
		for _, part := range groups {
			sort.Slice(part, func(i, j int) bool { return part[i].Call < part[j].Call })
			parts = append(parts, part)
		}
		return parts
	},
	Init: func() interface{} { return group{} },
	Step: func(state, input, output interface{}) (bool, interface{}) {
		return step(state.(group), input.(question), output.(answer))
	},
	DescribeOperation: describe,
}

// step tells whether the answer is right in this state, and which state follows. An unknown answer is right
// whatever it would have been; what it changed has a revision that nobody saw, which -1 stands for.
func step(state group, q question, a answer) (bool, group) {
	current := state.entries[q.key]
	change := func(keys ...int) (bool, group) {
		if a.known && !state.mayBe(a.revision, keys) {
			return false, state
		}
		for _, key := range keys {
			if a.known {
				state.newest[key] = a.revision
			}
			if q.kind == remove || q.kind == removeIfMatch {
				state.entries[key] = entry{}
			} else {
				state.entries[key] = entry{q.value, revisionOf(a)}
			}
		}
		return true, state
	}
	conditional := func(holds bool, keys ...int) (bool, group) {
		if a.known && a.done != holds {
			return false, state
		}
		if !holds {
			return true, state
		}
		return change(keys...)
	}
	switch q.kind {
	case get:
		return !a.known || state.shows(q.key, a.entries[q.key]), state
	case search:
		return !a.known || state.showsAll(a), state
	case put:
		return change(q.key)
	case putIfMatch, removeIfMatch:
		if current.revision == -1 {
			// Whether it matches is not known: the answer tells. Without one it may have; that it did not is
			// tried by putting the operation at the end.
			return conditional(!a.known || a.done, q.key)
		}
		return conditional(current.revision != 0 && current.revision == q.revision, q.key)
	case putIfAbsent:
		return conditional(current.revision == 0, q.key)
	case remove:
		return conditional(current.revision != 0, q.key)
	case transact:
		holds := current.revision != 0 && current.value == q.expected
		if a.known && !holds && !state.showsAll(a) {
			return false, state
		}
		return conditional(holds, 0, 1, 2)
	}
	panic("unknown kind")
}

func revisionOf(a answer) int64 {
	if a.known {
		return a.revision
	}
	return -1
}

// shows compares what is under a key with what was seen. Values are unique, so a revision that nobody saw yet is
// the one that is seen beside its value.
func (g group) shows(key int, seen entry) bool {
	has := g.entries[key]
	if has.revision == -1 && seen.revision != 0 {
		return has.value == seen.value
	}
	return has == seen
}

func (g group) showsAll(a answer) bool {
	for key := range g.entries {
		if !g.shows(key, a.entries[key]) {
			return false
		}
	}
	return true
}

func randomQuestion(random *rand.Rand, run string, groups int, unique string, seen map[string]entry) question {
	q := question{run: run, group: random.Intn(groups), key: random.Intn(keysOfGroup), value: unique}
	last := seen[q.name(q.key)]
	q.revision = last.revision
	q.expected = last.value
	if q.revision == 0 {
		q.revision = 1
	}
	switch random.Intn(20) {
	case 0, 1, 2, 3, 4, 5:
		q.kind = get
	case 6, 7, 8:
		q.kind = put
	case 9, 10, 11, 12:
		q.kind = putIfMatch
	case 13:
		q.kind = putIfAbsent
	case 14:
		q.kind = remove
	case 15:
		q.kind = removeIfMatch
	case 16, 17:
		q.kind = search
	default:
		q.kind = transact
	}
	return q
}

func describe(input, output interface{}) string {
	q, a := input.(question), output.(answer)
	names := [...]string{"get", "put", "put if revision", "put if absent", "delete", "delete if revision", "search", "transact if value"}
	asked := fmt.Sprintf("%s %d", names[q.kind], q.key)
	switch q.kind {
	case put, putIfAbsent:
		asked += " " + q.value
	case putIfMatch, removeIfMatch:
		asked += fmt.Sprintf(" %d: %s", q.revision, q.value)
	case transact:
		asked += fmt.Sprintf(" %s: all %s", q.expected, q.value)
	}
	switch {
	case !a.known:
		return asked + " -> ?"
	case q.kind == get:
		return fmt.Sprintf("%s -> %v", asked, a.entries[q.key])
	case q.kind == search || q.kind == transact && !a.done:
		return fmt.Sprintf("%s -> %v", asked, a.entries)
	default:
		return fmt.Sprintf("%s -> %v at %d", asked, a.done, a.revision)
	}
}
