package io.cloudraft.kvs.operator;

import io.cloudraft.kvs.operator.settings.InvalidSetting;
import io.cloudraft.kvs.operator.settings.OperatorSettings;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.MissingCRDException;
import java.net.BindException;
import java.net.HttpURLConnection;
import org.jspecify.annotations.Nullable;

/**
 * Why the operator cannot start, as a sentence that says what to do. Only the unforeseen has a
 * cause to show.
 */
final class StartFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  private StartFailure(String sentence, @Nullable Throwable cause) {
    super(sentence, cause);
  }

  static StartFailure missingDefinition() {
    return new StartFailure(
        "The cluster has no definition of KvStore (kvstores.kvs.cloudraft.io)."
            + " Install it: kubectl apply --server-side -k config",
        null);
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
          return missingDefinition();
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

  private static String sentence(KubernetesClientException refused) {
    return switch (refused.getCode()) {
      case HttpURLConnection.HTTP_UNAUTHORIZED ->
          "The API server does not know the operator (401). Check its service account, or KUBECONFIG: "
              + refused.getMessage();
      case HttpURLConnection.HTTP_FORBIDDEN ->
          "The API server does not let the operator do its work. Grant what is in config/rbac"
              + " (kubectl apply --server-side -k config): "
              + refused.getMessage();
      default ->
          "The API server cannot be asked. Check that it is up and reachable from here, or KUBECONFIG: "
              + innermost(refused);
    };
  }

  /** The client's own message for this is "An error has occurred.". */
  private static String innermost(Throwable thrown) {
    return thrown.getCause() == null ? thrown.toString() : innermost(thrown.getCause());
  }
}
