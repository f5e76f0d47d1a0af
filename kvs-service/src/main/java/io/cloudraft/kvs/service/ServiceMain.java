package io.cloudraft.kvs.service;

import com.sun.management.UnixOperatingSystemMXBean;
import io.cloudraft.kvs.service.access.Guard;
import io.cloudraft.kvs.service.engine.etcd.EtcdStore;
import io.cloudraft.kvs.service.engine.rocksdb.RocksDbBackups;
import io.cloudraft.kvs.service.engine.rocksdb.RocksDbStore;
import io.cloudraft.kvs.service.http.Admission;
import io.cloudraft.kvs.service.http.CapabilitiesEndpoint;
import io.cloudraft.kvs.service.http.RequestRate;
import io.cloudraft.kvs.service.http.Routes;
import io.cloudraft.kvs.service.http.TomcatSettings;
import io.cloudraft.kvs.service.http.Watches;
import io.cloudraft.kvs.service.ops.BackupCommand;
import io.cloudraft.kvs.service.ops.ControlSocket;
import io.cloudraft.kvs.service.ops.DocsEndpoint;
import io.cloudraft.kvs.service.ops.LivenessEndpoint;
import io.cloudraft.kvs.service.ops.MetricsEndpoint;
import io.cloudraft.kvs.service.ops.MigrateCommand;
import io.cloudraft.kvs.service.ops.OpenApiEndpoint;
import io.cloudraft.kvs.service.ops.ReadinessEndpoint;
import io.cloudraft.kvs.service.ops.StoreMetrics;
import io.cloudraft.kvs.service.store.Backups;
import io.cloudraft.kvs.service.store.KeyValueStore;
import io.cloudraft.kvs.service.store.StoreFailure;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.info.BuildProperties;
import org.springframework.boot.servlet.autoconfigure.HttpEncodingAutoConfiguration;
import org.springframework.boot.servlet.autoconfigure.MultipartAutoConfiguration;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcObservationAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.error.ErrorMvcAutoConfiguration;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.ContextClosedEvent;

/**
 * Puts the service together: settings, one engine, the HTTP interface on top of it.
 *
 * <p>Spring MVC is left out, because every endpoint is a servlet of its own: its dispatch, its
 * filters and its error pages would only stand before them.
 */
@SpringBootApplication(
    proxyBeanMethods = false,
    exclude = {
      DispatcherServletAutoConfiguration.class,
      WebMvcAutoConfiguration.class,
      WebMvcObservationAutoConfiguration.class,
      ErrorMvcAutoConfiguration.class,
      HttpEncodingAutoConfiguration.class,
      MultipartAutoConfiguration.class
    })
class ServiceMain {
  private static final Logger log = LoggerFactory.getLogger(ServiceMain.class);

  /** A pod that was deleted by force may be replaced while its process still runs. */
  private static final Duration LOCK_PATIENCE = Duration.ofSeconds(20);

  /** A read of the disk holds the thread that carries it, so there are more than processors. */
  private static final int LEAST_CARRIERS = 8;

  public static void main(String[] args) {
    int carriers = Math.max(LEAST_CARRIERS, Runtime.getRuntime().availableProcessors());
    System.setProperty("jdk.virtualThreadScheduler.parallelism", Integer.toString(carriers));
    SpringApplication.run(ServiceMain.class, args);
  }

  @Bean
  ServiceSettings settings(
      @Value("${kvs.data-directory}") String dataDirectory,
      @Value("${kvs.backup-directory}") String backupDirectory,
      @Value("${kvs.max-key-bytes}") String maxKeyBytes,
      @Value("${kvs.max-value-bytes}") String maxValueBytes,
      @Value("${kvs.history-bytes}") String historyBytes,
      @Value("${kvs.history-seconds}") String historySeconds,
      @Value("${kvs.max-watches}") String maxWatches,
      @Value("${kvs.max-requests-per-second}") String maxRequestsPerSecond) {
    return ServiceSettings.parse(
        dataDirectory,
        backupDirectory,
        maxKeyBytes,
        maxValueBytes,
        historyBytes,
        historySeconds,
        maxWatches,
        maxRequestsPerSecond);
  }

  @Bean
  EngineChoice engine(
      ServiceSettings settings,
      @Value("${kvs.engine}") String engine,
      @Value("${kvs.first-revision}") String firstRevision,
      @Value("${kvs.etcd.endpoints}") String endpoints,
      @Value("${kvs.etcd.key-prefix}") String keyPrefix,
      @Value("${kvs.etcd.tls-directory}") String tlsDirectory,
      @Value("${kvs.etcd.credentials-directory}") String credentialsDirectory,
      @Value("${kvs.etcd.timeout}") String timeout,
      @Value("${kvs.etcd.max-operations}") String maxOperations,
      @Value("${kvs.etcd.max-request-bytes}") String maxRequestBytes) {
    return EngineChoice.parse(
        engine,
        firstRevision,
        new EngineChoice.Written(
            endpoints,
            keyPrefix,
            tlsDirectory,
            credentialsDirectory,
            timeout,
            maxOperations,
            maxRequestBytes),
        settings.limits());
  }

  /** The classes of an engine are loaded only where it is chosen. */
  @Bean
  KeyValueStore store(ServiceSettings settings, EngineChoice engine, MeterRegistry registry) {
    if (engine.etcd().isPresent()) {
      return EtcdStore.open(engine.etcd().get(), registry);
    }
    RocksDbBackups.restoreIfRequested(settings.dataDirectory(), LOCK_PATIENCE);
    return RocksDbStore.open(
        settings.dataDirectory(),
        LOCK_PATIENCE,
        engine.firstRevision(),
        settings.history(),
        registry);
  }

  @Bean
  Backups backups(
      @Qualifier("store") KeyValueStore store, ServiceSettings settings, MeterRegistry registry) {
    return store instanceof RocksDbStore embedded
        ? new RocksDbBackups(
            embedded, settings.dataDirectory(), settings.backupDirectory(), registry)
        : new BackupsOfEtcd();
  }

  @Bean
  ControlSocket controlSocket(Backups backups, KeyValueStore store, ServiceSettings settings) {
    return ControlSocket.open(
        settings.dataDirectory(),
        Map.of(
            "backup", new BackupCommand(backups, ServiceMain::end),
            "migrate", new MigrateCommand(store)));
  }

  /** Ends the process as SIGTERM does, but as one that ends because it should. */
  private static void end() {
    Thread.ofPlatform().name("kvs-end").start(() -> System.exit(0));
  }

  @Bean
  StoreMetrics storeMetrics(KeyValueStore store) {
    return new StoreMetrics(store);
  }

  @Bean
  Admission admission(ServiceSettings settings) {
    return new Admission(settings.limits(), Runtime.getRuntime().maxMemory(), maxFileDescriptors());
  }

  private static long maxFileDescriptors() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getMaxFileDescriptorCount()
        : Long.MAX_VALUE;
  }

  @Bean
  Watches watches(ServiceSettings settings, Admission admission) {
    return new Watches(settings.maxWatches(), Runtime.getRuntime().maxMemory(), admission);
  }

  /** Before all else: a shutdown waits for requests, and watches would never end. */
  @Bean
  ApplicationListener<ContextClosedEvent> endOfWatches(Watches watches) {
    return _ -> watches.end();
  }

  @Bean
  Guard guard(@Value("${kvs.tokens-directory}") String tokens, Watches watches) {
    Guard guard = new Guard(ServiceSettings.directory("KVS_TOKENS_DIRECTORY", tokens));
    guard.whenRevoked(watches::endForNewTokens);
    return guard;
  }

  @Bean
  TomcatSettings tomcatSettings(
      KeyValueStore store,
      ServiceSettings settings,
      Admission admission,
      Watches watches,
      Guard guard,
      MeterRegistry registry) {
    return new TomcatSettings(
        store,
        settings.limits(),
        admission,
        watches,
        guard,
        new RequestRate(settings.maxRequestsPerSecond()),
        registry);
  }

  @Bean
  Routes routes(
      KeyValueStore store,
      ServiceSettings settings,
      Admission admission,
      EngineChoice engine,
      Watches watches,
      Guard guard,
      PrometheusMeterRegistry registry,
      ObjectProvider<BuildProperties> build) {
    return new Routes(
        store,
        settings.limits(),
        admission,
        watches,
        guard,
        List.of(
            new MetricsEndpoint(registry),
            new LivenessEndpoint(),
            new ReadinessEndpoint(store, guard),
            new CapabilitiesEndpoint(
                store,
                engine.etcd().isPresent() ? EtcdStore.PROMISES : RocksDbStore.PROMISES,
                version(build),
                settings.limits(),
                settings.limitsOfClients(engine)),
            new OpenApiEndpoint(),
            new DocsEndpoint()));
  }

  private static String version(ObjectProvider<BuildProperties> build) {
    return build.stream().map(BuildProperties::getVersion).findFirst().orElse("(not packaged)");
  }

  @Bean
  ApplicationListener<WebServerInitializedEvent> startLog(
      KeyValueStore store,
      ServiceSettings settings,
      EngineChoice engine,
      ObjectProvider<BuildProperties> build) {
    return started -> {
      log.info(
          "kvs-service {} serves {} keys in {} on port {}, {} ms after its process began.",
          version(build),
          keys(store),
          engine.etcd().map(Object::toString).orElse(settings.dataDirectory().toString()),
          started.getWebServer().getPort(),
          ManagementFactory.getRuntimeMXBean().getUptime());
      store
          .refusesWrites()
          .filter(StoreFailure.Frozen.class::isInstance)
          .ifPresent(frozen -> log.warn("Writes are refused. {}", frozen.getMessage()));
    };
  }

  private static String keys(KeyValueStore store) {
    try {
      return Long.toString(store.count());
    } catch (StoreFailure.Unavailable | StoreFailure.Denied e) {
      return "not yet known";
    }
  }
}
