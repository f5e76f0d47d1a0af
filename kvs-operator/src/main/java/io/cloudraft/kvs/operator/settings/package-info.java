/**
 * Every default, resolved in one place. {@link io.cloudraft.kvs.operator.settings.OperatorSettings}
 * come from the environment of the process, {@link
 * io.cloudraft.kvs.operator.settings.StoreSettings} from a KvStore and those. Behind them nothing
 * asks again whether a field is set or makes sense.
 */
@NullMarked
package io.cloudraft.kvs.operator.settings;

import org.jspecify.annotations.NullMarked;
