package io.cloudraft.kvs.service.engine.etcd;

import io.cloudraft.kvs.service.store.StoreFailure;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.etcd.jetcd.api.AuthenticateResponse;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.StatusRequest;
import io.etcd.jetcd.api.StatusResponse;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks etcd, each time within a deadline, on a member that answers.
 *
 * <p>A read that fails is asked of another member. A write is sent again only if it has surely not
 * been done; when that is not known, it fails with {@link StoreFailure.OutcomeUnknown}. Each member
 * is asked for something small all the time: one that does not answer gets no more calls, and its
 * reads are given to others.
 *
 * <p>Short calls go to the member that leads, as the others would have to ask it anyway. Which one
 * that is, is heard now and then: for some moments after a change they go where another one is
 * asked first, and that is all.
 */
final class EtcdClient implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EtcdClient.class);

  private static final Duration PROBE_INTERVAL = Duration.ofMillis(500);
  private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(1);
  private static final Duration PAUSE = Duration.ofMillis(50);

  private static final Metadata.Key<String> HAS_LEADER = header("hasleader");
  private static final Metadata.Key<String> TOKEN = header("token");

  /** Whom to ask first. */
  enum Whom {
    LEADER,
    EACH_IN_TURN
  }

  private final EtcdSettings settings;
  private final Secrets secrets;
  private final RangeRequest probe;
  private final EtcdMetrics metrics;
  private final List<Member> members = new ArrayList<>();
  private final AtomicInteger turn = new AtomicInteger();
  private final ScheduledExecutorService scheduler;

  private String tlsFingerprint;
  private String loginFingerprint;
  private volatile @Nullable String token;
  private volatile Optional<Member> leader = Optional.empty();

  /** Why files of a Secret cannot be used; nothing while they can. */
  private volatile Optional<String> unusable = Optional.empty();

  /** Since when no member answers. */
  private volatile long silentSince = System.nanoTime();

  private volatile boolean closed;

  EtcdClient(EtcdSettings settings, KeySpace keys, EtcdMetrics metrics) {
    this.settings = settings;
    this.metrics = metrics;
    this.secrets = new Secrets(settings.tls(), settings.credentials());
    this.probe = RangeRequest.newBuilder().setKey(keys.identity()).setKeysOnly(true).build();
    this.tlsFingerprint = secrets.tlsFingerprint();
    this.loginFingerprint = secrets.loginFingerprint();
    ScheduledThreadPoolExecutor executor =
        new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("kvs-etcd").factory());
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    this.scheduler = executor;
  }

  private static Metadata.Key<String> header(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  /**
   * @throws Secrets.Unusable if there is something wrong with the files of TLS or the credentials
   */
  void start() throws Secrets.Unusable {
    secrets.login();
    var tls = secrets.tls();
    settings.endpoints().forEach(endpoint -> members.add(new Member(endpoint, tls)));
    every(Duration.ZERO, PROBE_INTERVAL, this::lookAround);
  }

  /** Does something short again and again. */
  void every(Duration delay, Duration interval, Runnable task) {
    var _ =
        scheduler.scheduleWithFixedDelay(
            () -> {
              try {
                task.run();
              } catch (RuntimeException e) {
                log.error("Something that is done again and again failed, and goes on.", e);
              }
            },
            delay.toNanos(),
            interval.toNanos(),
            TimeUnit.NANOSECONDS);
  }

  void later(Duration delay, Runnable task) {
    if (!scheduler.isShutdown()) {
      var _ = scheduler.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  Duration timeout() {
    return settings.timeout();
  }

  long deadline() {
    return System.nanoTime() + settings.timeout().toNanos();
  }

  CompletableFuture<RangeResponse> range(RangeRequest request) {
    return range(Whom.LEADER, request);
  }

  CompletableFuture<RangeResponse> range(Whom whom, RangeRequest request) {
    return ask(whom, KVGrpc.getRangeMethod(), request, true, deadline());
  }

  /** The last revision of etcd. */
  CompletableFuture<Long> revision() {
    return range(probe).thenApply(answer -> answer.getHeader().getRevision());
  }

  /** What some member says of itself. */
  CompletableFuture<StatusResponse> status() {
    return ask(
        Whom.EACH_IN_TURN,
        MaintenanceGrpc.getStatusMethod(),
        StatusRequest.getDefaultInstance(),
        true,
        deadline());
  }

  /** A transaction that changes nothing. */
  CompletableFuture<TxnResponse> read(Whom whom, TxnRequest request, long deadline) {
    return ask(whom, KVGrpc.getTxnMethod(), request, true, deadline);
  }

  CompletableFuture<TxnResponse> write(TxnRequest request, long deadline) {
    int size = request.getSerializedSize();
    if (size > settings.maxRequestBytes()) {
      return CompletableFuture.failedFuture(
          new StoreFailure.TooLarge(
              "The write takes %d bytes in etcd, which takes at most %d at once (KVS_ETCD_MAX_REQUEST_BYTES, as etcd's --max-request-bytes)."
                  .formatted(size, settings.maxRequestBytes())));
    }
    int operations =
        Math.max(
            request.getCompareCount(),
            Math.max(request.getSuccessCount(), request.getFailureCount()));
    if (operations > settings.maxOperations()) {
      return CompletableFuture.failedFuture(
          new StoreFailure.TooLarge(
              "The transaction takes %d operations of etcd, which does at most %d at once (KVS_ETCD_MAX_OPERATIONS, as etcd's --max-txn-ops): a key that is put or deleted takes two, or up to five if it expires."
                  .formatted(operations, settings.maxOperations())));
    }
    return ask(Whom.LEADER, KVGrpc.getTxnMethod(), request, false, deadline);
  }

  /** The answer, for which this thread waits: no longer than the deadline of the call. */
  static <T> T await(CompletableFuture<T> answer) {
    try {
      return answer.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  private <Q, R> CompletableFuture<R> ask(
      Whom whom, MethodDescriptor<Q, R> method, Q request, boolean read, long deadline) {
    Asking<Q, R> asking = new Asking<>(whom, method, request, read, deadline);
    asking.next();
    return asking.answer;
  }

  /** One request, until some member has answered it. */
  private final class Asking<Q, R> {
    private final Whom whom;
    private final MethodDescriptor<Q, R> method;
    private final Q request;
    private final boolean read;
    private final long deadline;
    private final long start = System.nanoTime();
    private final CompletableFuture<R> answer = new CompletableFuture<>();
    private final Set<Member> tried = new HashSet<>();
    private boolean loggedInAnew;

    Asking(Whom whom, MethodDescriptor<Q, R> method, Q request, boolean read, long deadline) {
      this.whom = whom;
      this.method = method;
      this.request = request;
      this.read = read;
      this.deadline = deadline;
    }

    void next() {
      long nanos = deadline - System.nanoTime();
      if (closed) {
        fail(new StoreFailure.Closed());
      } else if (nanos <= 0 || isLongGone()) {
        fail(unavailable());
      } else if (settings.credentials().isPresent() && token == null) {
        var _ = logIn(nanos).whenComplete((_, failure) -> afterLogin(failure));
      } else {
        Optional<Member> member = whom == Whom.LEADER ? pickLeader(tried) : pick(tried);
        if (member.isEmpty()) {
          tried.clear();
          later(PAUSE, this::next);
        } else {
          tried.add(member.get());
          call(member.get(), nanos);
        }
      }
    }

    private void afterLogin(@Nullable Throwable failure) {
      if (failure == null) {
        next();
      } else if (failure instanceof StoreFailure.Denied denied) {
        // To ask again would only keep etcd busy, which takes its time over a password.
        fail(denied);
      } else {
        later(PAUSE, this::next);
      }
    }

    private void call(Member member, long nanos) {
      Calls.make(
          member,
          method,
          request,
          headers(),
          nanos,
          read,
          new Calls.Answer<>() {
            @Override
            public void done(R received) {
              metrics.answered(read, System.nanoTime() - start);
              answer.complete(received);
            }

            @Override
            public void failed(Status status, boolean sent) {
              judge(status, sent);
            }
          });
    }

    private void judge(Status status, boolean sent) {
      metrics.failed(read, status.getCode());
      switch (Verdict.of(status, sent, read)) {
        case Verdict.Final(RuntimeException failure) -> fail(failure);
        case Verdict.Again _ -> next();
        case Verdict.LoginAgain _ -> logInAnew();
        case Verdict.Unknown(String why) -> {
          if (read) {
            next();
          } else {
            fail(
                new StoreFailure.OutcomeUnknown(
                    "The write was sent to etcd, and no answer came: it may have been done, or may still be (%s). Read before you write again."
                        .formatted(why)));
          }
        }
      }
    }

    private void logInAnew() {
      if (loggedInAnew) {
        fail(unavailable());
        return;
      }
      loggedInAnew = true;
      tried.clear();
      token = null;
      next();
    }

    private void fail(RuntimeException failure) {
      answer.completeExceptionally(failure);
    }
  }

  private Metadata headers() {
    Metadata headers = new Metadata();
    // A member that is cut off from the others then says so, instead of telling what was once.
    headers.put(HAS_LEADER, "true");
    String known = token;
    if (known != null) {
      headers.put(TOKEN, known);
    }
    return headers;
  }

  /** The member that leads, else another one. */
  private Optional<Member> pickLeader(Set<Member> tried) {
    return leader
        .filter(member -> member.answers() && !tried.contains(member))
        .or(() -> pick(tried));
  }

  /** A member that answers, else any; nothing when all were tried. */
  private Optional<Member> pick(Set<Member> tried) {
    int first = Math.floorMod(turn.getAndIncrement(), members.size());
    Optional<Member> other = Optional.empty();
    for (int i = 0; i < members.size(); i++) {
      Member member = members.get((first + i) % members.size());
      if (!tried.contains(member)) {
        if (member.answers()) {
          return Optional.of(member);
        }
        other = Optional.of(member);
      }
    }
    return other;
  }

  /** A member for something that goes on for long, other than the one that it was with. */
  Optional<Member> memberFor(@Nullable Member former) {
    return pick(former == null || members.size() == 1 ? Set.of() : Set.of(former));
  }

  Metadata headersOfStream() {
    return headers();
  }

  private boolean isLongGone() {
    return unavailability().isPresent()
        && System.nanoTime() - silentSince > settings.timeout().toNanos();
  }

  /** Why nothing can be asked; nothing while some member answers. */
  Optional<StoreFailure> unavailability() {
    return members.stream().anyMatch(Member::answers)
        ? Optional.empty()
        : Optional.of(unavailable());
  }

  private StoreFailure.Unavailable unavailable() {
    StringBuilder why = new StringBuilder("etcd does not answer within ");
    why.append(settings.timeout().toMillis()).append(" ms (KVS_ETCD_TIMEOUT)");
    unusable.ifPresent(reason -> why.append("; ").append(reason));
    for (Member member : members) {
      why.append("; ")
          .append(member.endpoint())
          .append(": ")
          .append(member.trouble().orElse("answers"));
    }
    return new StoreFailure.Unavailable(why.append('.').toString());
  }

  private void lookAround() {
    readSecretsAnew();
    if (unavailability().isEmpty()) {
      silentSince = System.nanoTime();
    }
    members.forEach(this::probe);
    if (members.size() > 1 && unavailability().isEmpty()) {
      pick(Set.of()).ifPresent(this::askWhoLeads);
    }
  }

  private void probe(Member member) {
    if (settings.credentials().isPresent() && token == null) {
      var _ =
          logIn(settings.timeout().toNanos())
              .whenComplete(
                  (_, failure) -> {
                    if (failure == null) {
                      probeNow(member);
                    } else {
                      noteTrouble(member, String.valueOf(failure.getMessage()));
                    }
                  });
    } else {
      probeNow(member);
    }
  }

  private void probeNow(Member member) {
    Calls.make(
        member,
        KVGrpc.getRangeMethod(),
        probe,
        headers(),
        PROBE_TIMEOUT.toNanos(),
        false,
        new Calls.Answer<RangeResponse>() {
          @Override
          public void done(RangeResponse answer) {
            if (!member.answers()) {
              log.info("The etcd member {} answers.", member.endpoint());
            }
            member.isWell(answer.getHeader().getMemberId());
          }

          @Override
          public void failed(Status status, boolean sent) {
            if (status.getCode() == Status.Code.UNAUTHENTICATED) {
              token = null;
            }
            noteTrouble(member, describe(status));
          }
        });
  }

  /** One that does not tell, or may not, is no trouble: then all are asked in turn. */
  private void askWhoLeads(Member asked) {
    Calls.make(
        asked,
        MaintenanceGrpc.getStatusMethod(),
        StatusRequest.getDefaultInstance(),
        headers(),
        PROBE_TIMEOUT.toNanos(),
        false,
        new Calls.Answer<StatusResponse>() {
          @Override
          public void done(StatusResponse answer) {
            leader =
                members.stream().filter(member -> member.id() == answer.getLeader()).findFirst();
          }

          @Override
          public void failed(Status status, boolean sent) {
            log.debug("{} does not tell who leads: {}", asked.endpoint(), status);
          }
        });
  }

  private void noteTrouble(Member member, String why) {
    if (closed) {
      return;
    }
    if (member.answers()) {
      log.warn("The etcd member {} does not answer: {}", member.endpoint(), why);
    }
    member.isInTrouble(why);
    if (members.stream().anyMatch(Member::answers)) {
      member.giveUpReads();
    }
  }

  private static String describe(Status status) {
    Throwable cause = status.getCause();
    String text =
        status.getCode() == Status.Code.DEADLINE_EXCEEDED
            ? "no answer within " + PROBE_TIMEOUT.toMillis() + " ms"
            : String.valueOf(status.getDescription());
    return cause == null || cause.getMessage() == null ? text : text + ", " + cause.getMessage();
  }

  private CompletableFuture<String> logIn(long nanos) {
    CompletableFuture<String> done = new CompletableFuture<>();
    Secrets.Login login;
    try {
      login = secrets.login().orElseThrow();
    } catch (Secrets.Unusable e) {
      return CompletableFuture.failedFuture(e);
    }
    Optional<Member> member = pick(Set.of());
    Calls.make(
        member.orElseThrow(),
        AuthGrpc.getAuthenticateMethod(),
        AuthenticateRequest.newBuilder()
            .setName(login.name())
            .setPassword(login.password())
            .build(),
        new Metadata(),
        nanos,
        false,
        new Calls.Answer<AuthenticateResponse>() {
          @Override
          public void done(AuthenticateResponse answer) {
            token = answer.getToken();
            done.complete(answer.getToken());
          }

          @Override
          public void failed(Status status, boolean sent) {
            done.completeExceptionally(Verdict.ofLogin(status, describe(status)));
          }
        });
    return done;
  }

  private void readSecretsAnew() {
    String tls = secrets.tlsFingerprint();
    if (!tls.equals(tlsFingerprint)) {
      try {
        var context = secrets.tls();
        members.forEach(member -> member.reconnect(context));
        tlsFingerprint = tls;
        unusable = Optional.empty();
        log.info(
            "The certificates of KVS_ETCD_TLS_DIRECTORY have changed, and are used from now on.");
      } catch (Secrets.Unusable e) {
        keepFormer(e);
      }
    }
    String login = secrets.loginFingerprint();
    if (!login.equals(loginFingerprint)) {
      loginFingerprint = login;
      token = null;
      log.info(
          "The files of KVS_ETCD_CREDENTIALS_DIRECTORY have changed, and are used from now on.");
    }
  }

  private void keepFormer(Secrets.Unusable e) {
    String why = String.valueOf(e.getMessage());
    if (!unusable.equals(Optional.of(why))) {
      log.warn("{} What was there before is used on.", why);
    }
    unusable = Optional.of(why);
  }

  List<Member> members() {
    return List.copyOf(members);
  }

  @Override
  public void close() {
    closed = true;
    scheduler.shutdownNow();
    members.forEach(Member::close);
  }
}
