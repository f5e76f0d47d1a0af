package io.cloudraft.kvs.operator;

import io.cloudraft.kvs.operator.settings.InvalidSetting;
import io.cloudraft.kvs.operator.settings.OperatorSettings;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.MissingCRDException;
import java.net.BindException;
import java.net.HttpURLConnection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Why the operator cannot start, as a sentence that says what to do. Only the unforeseen has a
 * cause to show.
 */
final class StartFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  static final String MISSING_DEFINITION =
      "The cluster has no definition of KvStore (kvstores.kvs.cloudraft.io)."
          + " Install it: kubectl apply --server-side -k config";

  private StartFailure(String sentence, @Nullable Throwable cause) {
    super(sentence, cause);
  }

  static StartFailure of(Exception thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case StartFailure failure -> {
          return failure;
        }
        case InvalidSetting setting -> {
          return new StartFailure(String.valueOf(setting.getMessage()), null);
        }
        case MissingCRDException _ -> {
          return new StartFailure(MISSING_DEFINITION, null);
        }
        case BindException _ -> {
          return new StartFailure(
              "The port for probes and metrics is in use. Set another: " + OperatorSettings.PORT,
              null);
        }
        case KubernetesClientException refused -> {
          return new StartFailure(sentence(refused), null);
        }
        default -> {}
      }
    }
    return new StartFailure("The operator could not start.", thrown);
  }

  static String sentence(KubernetesClientException refused) {
    return switch (refused.getCode()) {
      case HttpURLConnection.HTTP_UNAUTHORIZED ->
          "The API server does not know the operator (401). Check its service account, or KUBECONFIG: "
              + said(refused);
      case HttpURLConnection.HTTP_FORBIDDEN ->
          "The API server does not let the operator do its work. Grant what is in config/rbac"
              + " (kubectl apply --server-side -k config), and for several replicas what is in config/two-replicas: "
              + said(refused);
      default ->
          "The API server cannot be asked. Check that it is up and reachable from here, or KUBECONFIG: "
              + innermost(refused);
    };
  }

  /** The API server's own words, where it has some. */
  private static String said(KubernetesClientException refused) {
    return Optional.ofNullable(refused.getStatus())
        .map(Status::getMessage)
        .orElseGet(() -> String.valueOf(refused.getMessage()));
  }

  /** The client's own message for this is "An error has occurred.". */
  private static String innermost(Throwable thrown) {
    return thrown.getCause() == null ? thrown.toString() : innermost(thrown.getCause());
  }
}
