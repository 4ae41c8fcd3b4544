// SPDX-License-Identifier: Apache-2.0

/**
 * The {@code millrace} command: a broker and the four services as child processes of one terminal.
 *
 * <p>It knows the services by their commands, configuration keys, endpoints and topics only.
 */
package io.millrace.local;
