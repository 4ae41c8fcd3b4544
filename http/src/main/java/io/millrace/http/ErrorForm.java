// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

import io.vertx.ext.web.RoutingContext;

/** How a protocol answers what is refused before any resource is asked. A service with such a protocol has one as a bean. */
public interface ErrorForm {
    /** Whether a path is the protocol's. */
    boolean of(String path);

    /** Answers with what is wrong, and ends the response. */
    void answer(RoutingContext routing, Problem problem);
}
