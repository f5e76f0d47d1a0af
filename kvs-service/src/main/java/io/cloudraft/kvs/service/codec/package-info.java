/**
 * From the text of a request to keys, values and searches, within the configured limits. Knows
 * nothing of HTTP beyond the form of paths, queries and bodies; whatever it cannot accept becomes a
 * {@link io.cloudraft.kvs.service.codec.RequestRefused} that says what is wrong and where.
 */
@NullMarked
package io.cloudraft.kvs.service.codec;

import org.jspecify.annotations.NullMarked;
