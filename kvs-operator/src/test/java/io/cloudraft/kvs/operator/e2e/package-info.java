/**
 * The whole way on a real cluster with real pods: {@code dev/e2e} installs the operator and runs
 * these tests as a user of the cluster, by what a user sees (the API server, the Ingress,
 * Prometheus, the audit log).
 *
 * <p>Each test class works in a namespace of its own, which enforces the Pod Security level
 * "restricted".
 */
@NullMarked
package io.cloudraft.kvs.operator.e2e;

import org.jspecify.annotations.NullMarked;
