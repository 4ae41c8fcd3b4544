// SPDX-License-Identifier: Apache-2.0
/** The weights that a run starts from: found or fetched, verified, and made to fit. */
package io.millrace.trainer.start;
