// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.page;

import io.vertx.core.http.HttpMethod;
import java.util.regex.Pattern;

/**
 * One thing that the page asks another service.
 *
 * @param method of the request
 * @param path the whole of it
 * @param streamed whether its body is handed on as it comes, however large: the service has a limit of its own
 */
record Call(HttpMethod method, Pattern path, boolean streamed) {
    /** Ids of runs and checkpoints, names of models and data sets; neither a step up nor what would have to be escaped. */
    private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,199}";

    static Call get(String path) {
        return of(HttpMethod.GET, path, false);
    }

    static Call post(String path) {
        return of(HttpMethod.POST, path, false);
    }

    static Call upload(String path) {
        return of(HttpMethod.POST, path, true);
    }

    static Call delete(String path) {
        return of(HttpMethod.DELETE, path, false);
    }

    private static Call of(HttpMethod method, String path, boolean streamed) {
        return new Call(method, Pattern.compile(path.replace("{}", NAME)), streamed);
    }

    boolean isFor(String asked) {
        return path.matcher(asked).matches();
    }
}
