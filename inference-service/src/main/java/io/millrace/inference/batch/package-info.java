// SPDX-License-Identifier: Apache-2.0

/** Images of several requests in one call of the network: by model, on few threads, as long as somebody waits for them. */
package io.millrace.inference.batch;
