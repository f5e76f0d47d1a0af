/**
 * Who may do what, by bearer tokens. Knows nothing of the store, and of HTTP no more than the value
 * of one header.
 */
@NullMarked
package io.cloudraft.kvs.service.access;

import org.jspecify.annotations.NullMarked;
