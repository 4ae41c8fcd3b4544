// SPDX-License-Identifier: Apache-2.0
package io.millrace.local.view;

import io.millrace.local.watch.Event;

/** Shows events. Thread-safe. */
public interface View extends AutoCloseable {
    void show(Event event);

    /** Leaves the terminal as it should be. */
    @Override
    void close();
}
