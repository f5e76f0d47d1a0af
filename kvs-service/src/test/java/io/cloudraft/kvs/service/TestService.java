package io.cloudraft.kvs.service;

import io.cloudraft.kvs.service.store.KeyValueStore;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/** Starts the service as {@link ServiceMain} does, in this process. */
public final class TestService implements AutoCloseable {
  private final ConfigurableApplicationContext context;

  private TestService(ConfigurableApplicationContext context) {
    this.context = context;
  }

  public static TestService start(
      Path directory, @Nullable KeyValueStore store, String... settings) {
    SpringApplicationBuilder service =
        new SpringApplicationBuilder(ServiceMain.class)
            .initializers(
                context -> {
                  if (store != null && context instanceof GenericApplicationContext beans) {
                    beans.registerBean(
                        "storeOfTheTest",
                        KeyValueStore.class,
                        () -> store,
                        definition -> definition.setPrimary(true));
                  }
                });
    // Also where another engine is chosen for the tests, each of them has a store of its own.
    String[] always = {
      "--server.port=0", "--kvs.data-directory=" + directory, "--kvs.etcd.key-prefix=" + directory
    };
    return new TestService(
        service.run(Stream.concat(Stream.of(always), Stream.of(settings)).toArray(String[]::new)));
  }

  public <T> T bean(Class<T> type) {
    return context.getBean(type);
  }

  public int port() {
    return Objects.requireNonNull(((WebServerApplicationContext) context).getWebServer()).getPort();
  }

  @Override
  public void close() {
    context.close();
  }
}
