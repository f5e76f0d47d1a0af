package io.cloudraft.kvs.service.engine.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;

/** The parts of etcd's transactions, in short. */
final class Requests {
  private Requests() {}

  static RequestOp put(ByteString key, ByteString value) {
    return RequestOp.newBuilder()
        .setRequestPut(PutRequest.newBuilder().setKey(key).setValue(value))
        .build();
  }

  static RequestOp delete(ByteString key) {
    return RequestOp.newBuilder()
        .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key))
        .build();
  }

  static RequestOp range(RangeRequest.Builder range) {
    return RequestOp.newBuilder().setRequestRange(range).build();
  }

  static RequestOp get(ByteString key) {
    return range(RangeRequest.newBuilder().setKey(key));
  }

  /** What etcd knows of a key, without its value. */
  static RequestOp describe(ByteString key) {
    return range(RangeRequest.newBuilder().setKey(key).setKeysOnly(true));
  }

  /** Does it where a key is not there. */
  static RequestOp ifAbsent(ByteString key, RequestOp then) {
    return RequestOp.newBuilder()
        .setRequestTxn(TxnRequest.newBuilder().addCompare(absent(key)).addSuccess(then))
        .build();
  }

  static Compare absent(ByteString key) {
    return version(key, Compare.CompareResult.EQUAL, 0);
  }

  static Compare present(ByteString key) {
    return version(key, Compare.CompareResult.GREATER, 0);
  }

  static Compare is(ByteString key, ByteString value) {
    return compare(key, Compare.CompareTarget.VALUE, Compare.CompareResult.EQUAL)
        .setValue(value)
        .build();
  }

  static Compare version(ByteString key, Compare.CompareResult result, long version) {
    return compare(key, Compare.CompareTarget.VERSION, result).setVersion(version).build();
  }

  /** That the last change of a key is, or is not, this one; 0 stands for no such key. */
  static Compare modified(ByteString key, Compare.CompareResult result, long revision) {
    return compare(key, Compare.CompareTarget.MOD, result).setModRevision(revision).build();
  }

  private static Compare.Builder compare(
      ByteString key, Compare.CompareTarget target, Compare.CompareResult result) {
    return Compare.newBuilder().setKey(key).setTarget(target).setResult(result);
  }
}
