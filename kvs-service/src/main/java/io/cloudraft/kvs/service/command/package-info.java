/**
 * The program that a person runs beside the service, in its pod or on its machine, to tell it what
 * to do. It knows nothing but the JDK, so that it starts fast and takes little memory.
 */
@NullMarked
package io.cloudraft.kvs.service.command;

import org.jspecify.annotations.NullMarked;
