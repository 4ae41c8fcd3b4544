// SPDX-License-Identifier: Apache-2.0

/** Child processes: started, watched, restarted with backoff, stopped in bounded time. */
package io.millrace.local.process;
