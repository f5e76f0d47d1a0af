package io.cloudraft.kvs.service.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.jspecify.annotations.Nullable;

/** One connection: what {@link Admission} gave it, and how its client keeps up. */
final class ClientChannel extends NioChannel {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final Admission admission;

  /** Whether it was let in when it came. */
  private final boolean admitted;

  private final Pace sending = new Pace();
  private final Pace reading = new Pace();

  /** Whether requests come by it, in which nobody may be slow. */
  private volatile boolean paced = true;

  /** How often a worker was given it; changed by its loop only. */
  private volatile int turn;

  /** The last turn after which nothing was left to do. */
  private volatile int lastDone;

  /** Since when an event waits for a thread. */
  private volatile long waitingSince = System.nanoTime();

  /** What was read and is to be read again, before anything else; as a rule nothing. */
  private ByteBuffer givenBack = NOTHING;

  /** When the headers must be there, or a refused client gone. */
  private long deadline;

  /** Guarded by this object, as is what follows. */
  private boolean open;

  private boolean inRequest;
  private volatile boolean inHeaders;
  private boolean inBody;

  /**
   * Whether its request was answered while some of the body was missing, of which more may come.
   */
  private boolean bodyGivenUp;

  private boolean refused;

  private boolean inExchange;

  /** Whether something came meanwhile. */
  private boolean putOff;

  /** What an exchange leaves to the servlet. */
  private @Nullable ByteBuffer left;

  ClientChannel(SocketBufferHandler buffers, Admission admission, boolean admitted) {
    super(buffers);
    this.admission = admission;
    this.admitted = admitted;
    this.open = admitted;
  }

  boolean isAdmitted() {
    return admitted;
  }

  @Override
  public int read(ByteBuffer to) throws IOException {
    int bytes = givenBack.hasRemaining() ? readAgain(to) : super.read(to);
    if (paced && !inHeaders) {
      sending.moved(bytes, System::nanoTime);
    }
    return bytes;
  }

  private int readAgain(ByteBuffer to) {
    int bytes = Math.min(givenBack.remaining(), to.remaining());
    to.put(givenBack.slice(givenBack.position(), bytes));
    givenBack.position(givenBack.position() + bytes);
    if (!givenBack.hasRemaining()) {
      givenBack = NOTHING;
    }
    return bytes;
  }

  /** Keeps a copy of what was read, for whoever reads next. */
  void giveBack(ByteBuffer read) {
    if (read.hasRemaining()) {
      givenBack = ByteBuffer.allocate(read.remaining()).put(read).flip();
    }
  }

  /** Reads what begins a request, for which the client could take its time. */
  int readNext(ByteBuffer to) throws IOException {
    sending.reset();
    return read(to);
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    int bytes = super.write(from);
    if (bytes > 0 || from.hasRemaining()) {
      reading.moved(bytes, System::nanoTime);
    }
    return bytes;
  }

  /** Gives it to a worker, until {@link #done}. What comes meanwhile may be the rest of a body. */
  @SuppressWarnings("NonAtomicVolatileUpdate")
  void beginTurn() {
    turn++;
  }

  int turn() {
    return turn;
  }

  void done(int finishedTurn) {
    lastDone = finishedTurn;
  }

  boolean isBetweenRequests() {
    return lastDone == turn;
  }

  void waits() {
    waitingSince = System.nanoTime();
  }

  long nanosWaited() {
    return System.nanoTime() - waitingSince;
  }

  synchronized void beginRequest() {
    sending.reset();
    inRequest = true;
  }

  synchronized void endRequest() {
    endHeaders();
    if (inBody) {
      inBody = false;
      admission.stops(Admission.Wait.BODY);
    }
    if (inRequest) {
      inRequest = false;
      admission.ended();
    }
  }

  /** Some of the headers came, and others did not. */
  synchronized boolean tryBeginHeaders() {
    if (!inHeaders) {
      sending.reset();
      inHeaders = admission.tryWait(Admission.Wait.HEADERS);
      deadline = System.nanoTime() + Pace.PATIENCE.toNanos();
    }
    return inHeaders;
  }

  synchronized boolean isInHeaders() {
    return inHeaders;
  }

  synchronized void endHeaders() {
    if (inHeaders) {
      inHeaders = false;
      admission.stops(Admission.Wait.HEADERS);
    }
  }

  /** Its body is still to come, or to be passed over: until the end of the request. */
  synchronized boolean tryBeginBody() {
    if (!inBody) {
      inBody = admission.tryWait(Admission.Wait.BODY);
    }
    return inBody;
  }

  /** Its body is not waited for, though it may be on its way: the connection ends. */
  synchronized void giveUpBody() {
    bodyGivenUp = true;
  }

  synchronized boolean hasGivenUpBody() {
    return bodyGivenUp;
  }

  synchronized void beginExchange() {
    inExchange = true;
    putOff = false;
  }

  /** Puts off what came until an {@link Exchange} ends, if there is one; that listens again. */
  synchronized boolean tryPutOff() {
    putOff = inExchange;
    return putOff;
  }

  /** Whether something came meanwhile. */
  synchronized boolean endExchange() {
    inExchange = false;
    return putOff;
  }

  /** Keeps a request for the loop, until which the exchange goes on. */
  synchronized void leave(ByteBuffer request) {
    left = request;
  }

  /** Ends an exchange that has left a request to the servlet; null if none has. */
  synchronized @Nullable ByteBuffer takeLeft() {
    ByteBuffer taken = left;
    if (taken != null) {
      left = null;
      inExchange = false;
    }
    return taken;
  }

  synchronized boolean isInRequest() {
    return inRequest;
  }

  synchronized void refuse(long nanosToLeave) {
    refused = true;
    deadline = System.nanoTime() + nanosToLeave;
  }

  synchronized boolean isRefused() {
    return refused;
  }

  /** At least one, which is as long as Tomcat can be told to wait. */
  synchronized long millisToDeadline() {
    return Math.max(1, (deadline - System.nanoTime()) / 1_000_000);
  }

  synchronized boolean isLate() {
    return System.nanoTime() - deadline >= 0;
  }

  /** No more requests come by it. */
  synchronized void leave() {
    paced = false;
    endRequest();
    if (open) {
      open = false;
      admission.closed();
    }
  }
}
