// SPDX-License-Identifier: Apache-2.0

/** What happens in a running stack, as its endpoints and topics tell it. */
package io.millrace.local.watch;
