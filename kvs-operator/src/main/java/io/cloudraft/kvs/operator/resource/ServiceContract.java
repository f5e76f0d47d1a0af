package io.cloudraft.kvs.operator.resource;

/**
 * All that the operator knows of the program in the image: the one place where it is written on
 * this side. A test holds it against the sources of kvs-service.
 */
public final class ServiceContract {
  public static final int PORT = 8000;

  /** Name of that port in the container and in the Service; everything refers to it by this. */
  static final String PORT_NAME = "http";

  static final String DATA_DIRECTORY = "KVS_DATA_DIRECTORY";
  static final String MAX_KEY_BYTES = "KVS_MAX_KEY_BYTES";
  static final String MAX_VALUE_BYTES = "KVS_MAX_VALUE_BYTES";
  static final String MAX_WATCHES = "KVS_MAX_WATCHES";
  static final String MAX_REQUESTS_PER_SECOND = "KVS_MAX_REQUESTS_PER_SECOND";
  static final String HISTORY_BYTES = "KVS_HISTORY_BYTES";
  static final String HISTORY_SECONDS = "KVS_HISTORY_SECONDS";
  static final String BACKUP_DIRECTORY = "KVS_BACKUP_DIRECTORY";
  static final String TOKENS_DIRECTORY = "KVS_TOKENS_DIRECTORY";
  static final String ENGINE = "KVS_ENGINE";
  static final String ETCD_ENDPOINTS = "KVS_ETCD_ENDPOINTS";
  static final String ETCD_KEY_PREFIX = "KVS_ETCD_KEY_PREFIX";
  static final String ETCD_TLS_DIRECTORY = "KVS_ETCD_TLS_DIRECTORY";
  static final String ETCD_CREDENTIALS_DIRECTORY = "KVS_ETCD_CREDENTIALS_DIRECTORY";

  static final String LIVENESS_PATH = "/livez";
  static final String READINESS_PATH = "/readyz";
  static final String METRICS_PATH = "/metrics";

  /** User and group of the process; the files of the volume belong to them. */
  static final long USER = 10001;

  private ServiceContract() {}
}
