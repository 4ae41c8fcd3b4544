// SPDX-License-Identifier: Apache-2.0
package io.millrace.contracts.event;

/** An event that names the key of its record; under another key it is malformed. */
public interface Keyed {
    /** The key of the record. */
    String key();
}
