/**
 * The HTTP interface. {@link io.cloudraft.kvs.service.http.Routes} lists what exists, one {@link
 * io.cloudraft.kvs.service.http.Endpoint} per path; {@link io.cloudraft.kvs.service.http.Failures}
 * is the one place where a failure becomes an answer.
 *
 * <p>Endpoints are plain servlets, not controllers: for requests as small as these, a controller's
 * dispatch costs half as much again as everything else. The plainest reads do not even reach a
 * servlet: {@link io.cloudraft.kvs.service.http.EventLoop}.
 *
 * <p>Keys stand in paths, with any character. A path is taken raw and decoded once; what Tomcat
 * makes of it is used only to find the endpoint. A few keys cannot be written into a path, because
 * clients and servers resolve it first: {@code ..}, or one that begins with {@code ../}, or climbs
 * out in another way; and Tomcat refuses NUL.
 */
@NullMarked
package io.cloudraft.kvs.service.http;

import org.jspecify.annotations.NullMarked;
