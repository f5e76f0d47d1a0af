//go:build tools

// Names what dev/bench/etcd builds, so that go.mod holds all that it needs.
package tools

import _ "github.com/hashicorp/consul"
