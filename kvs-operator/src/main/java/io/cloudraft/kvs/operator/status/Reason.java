package io.cloudraft.kvs.operator.status;

/**
 * Why a store is as it is, in one word. Programs read these words in conditions and events, and
 * docs/troubleshooting.md has a section for each: a word that is there stays.
 */
public enum Reason {
  Available,
  Resizing,
  RoutePending,
  RollingOut,
  Retrying,
  ScaledToZero,
  Paused,
  InvalidSpec,
  NameTaken,
  Refused,
  ImageNotPulled,
  PodNotStarted,
  PodCrashes,
  ClaimNotBound,
  ResizeFailed,
  CertificateMissing,
  RouteNotAccepted,
  ProgressDeadlineExceeded
}
