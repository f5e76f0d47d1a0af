package io.cloudraft.kvs.operator.e2e;

import java.util.List;

/** Amounts that the API server writes in another way than a user may. */
final class OddQuantities {
  static final List<String> SPECS =
      List.of(
          "{replicas: 0, storage: {size: 1024Mi}, resources: {requests: {cpu: '0.1', memory: 0.5Gi}, limits: {cpu: 1000m, memory: 536870912}}}",
          "{replicas: 0, storage: {size: 1.5Gi}, resources: {requests: {cpu: '0.5'}, limits: {cpu: '1000e-3', memory: 1.5Gi}}}",
          "{replicas: 0, storage: {size: '2e9'}, resources: {requests: {cpu: '100e-3'}, limits: {memory: '1e9', ephemeral-storage: 2048Mi}}}",
          "{replicas: 0, storage: {size: '1073741824'}, resources: {limits: {cpu: 2, memory: 3000000000}}}",
          "{replicas: 0, storage: {size: 1048576Ki}, resources: {limits: {cpu: '0.001k', memory: 0.25Gi}}}");

  private OddQuantities() {}

  /** A store for each; answers their names. */
  static List<String> applyTo(TestNamespace namespace) {
    List<String> names = SPECS.stream().map(spec -> "odd-" + SPECS.indexOf(spec)).toList();
    names.forEach(name -> namespace.apply(name, SPECS.get(names.indexOf(name))));
    names.forEach(namespace::untilStopped);
    return names;
  }
}
