module cloudraft.io/kvs/dev/bench/load

go 1.26
